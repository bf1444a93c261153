/// The cut of epochs into batches: it says which positions of an epoch make up which batch.
///
/// ```swift
/// let schedule = BatchSchedule(examples: 100, batch: 32, last: .keep)
/// print(schedule.batchesPerEpoch)   // 4
/// print(schedule.rows(ofBatch: 3))  // 96..<100
/// ```
///
/// Positions count along an ``EpochOrder``, which names the examples that stand there. The batch may grow at marks (see
/// ``BatchGrowth``): then a run has phases, and the batches of an epoch depend on the epoch. The order stays as it is.
///
/// - Complexity: O(number of phases) for each question, wherever in the run.
public struct BatchSchedule: Sendable, Hashable {
    /// A stretch of a run with batches of one size.
    public struct Phase: Sendable, Hashable {
        /// The number of examples in a full batch.
        public let size: Int
        /// The epoch of the phase's first batch, counted from 1.
        public let epoch: Int
        /// The place of the phase's first batch within its epoch, counted from 0.
        public let batch: Int
        /// The position within the epoch at which the phase's first batch begins.
        public let position: Int
        /// The updates that are made before the phase.
        public let updates: Int
        /// The examples that are seen before the phase.
        public let examples: Int
    }

    /// The number of examples in the training set.
    public let examples: Int
    /// The number of examples in a full batch, before it grows.
    public let batch: Int
    /// The treatment of the last batch of an epoch when it is not full.
    public let last: LastBatch
    /// The phases in order, from the first batch of the run; each has larger batches than the one before.
    public private(set) var phases: [Phase]

    /// The schedule of a training set of `examples` examples in batches of `batch`.
    ///
    /// - Precondition: `examples` is at least 0 and `batch` at least 1.
    public init(examples: Int, batch: Int, last: LastBatch) {
        precondition(examples >= 0, "a data set cannot have \(examples) examples")
        precondition(batch >= 1, "a batch of \(batch) examples is empty")
        self.examples = examples
        self.batch = batch
        self.last = last
        phases = [Phase(size: batch, epoch: 1, batch: 0, position: 0, updates: 0, examples: 0)]
        let (full, left) = examples.quotientAndRemainder(dividingBy: batch)
        batchesPerEpoch = last == .drop || left == 0 ? full : full + 1
    }

    // MARK: Where nothing grows

    /// The number of batches, and so of updates, in an epoch before the batch grows.
    ///
    /// 0 when there are no examples, and when ``LastBatch/drop`` meets a batch larger than the data set: such a run
    /// would never update, which is for the caller to refuse.
    public let batchesPerEpoch: Int

    /// The number of examples that an epoch visits before the batch grows; padding is not an example.
    public var examplesPerEpoch: Int { visited(phases[0]) }

    /// The positions of batch `index` within an epoch before the batch grows, padding left out.
    ///
    /// - Precondition: `index` is in 0..<batchesPerEpoch.
    public func rows(ofBatch index: Int) -> Range<Int> {
        precondition(index >= 0 && index < batchesPerEpoch, "batch \(index) is outside of 0..<\(batchesPerEpoch)")
        return rows(at: index * batch, batch)  // below `examples`, so that this cannot overflow
    }

    // MARK: Epochs, which count from 1, and their batches

    /// The number of batches in an epoch.
    public func batches(inEpoch epoch: Int) -> Int {
        if phases.count == 1 { return batchesPerEpoch }
        let phase = phases[index(atEndOf: epoch)]
        return phase.epoch == epoch ? phase.batch + count(phase, from: phase.position) : count(phase)
    }

    /// The number of examples that an epoch visits.
    public func examples(inEpoch epoch: Int) -> Int {
        examplesSeen(beforeBatch: 0, ofEpoch: epoch + 1) - examplesSeen(beforeBatch: 0, ofEpoch: epoch)
    }

    /// The positions of a batch within its epoch, padding left out.
    ///
    /// - Precondition: `batch` is in 0..<batches(inEpoch: epoch).
    public func rows(ofBatch batch: Int, inEpoch epoch: Int) -> Range<Int> {
        precondition(batch >= 0 && batch < batches(inEpoch: epoch), "epoch \(epoch) has no batch \(batch)")
        let phase = phases[phase(ofBatch: batch, inEpoch: epoch)]
        return rows(at: position(batch, epoch, phase), phase.size)
    }

    /// The index of the phase that a batch belongs to.
    public func phase(ofBatch batch: Int, inEpoch epoch: Int) -> Int {
        phases.count == 1 ? 0 : phases.lastIndex { ($0.epoch, $0.batch) <= (epoch, batch) } ?? 0
    }

    // MARK: The clock

    /// The number of updates that are made before a batch.
    public func updates(beforeBatch batch: Int, ofEpoch epoch: Int) -> Int {
        let phase = phases[phase(ofBatch: batch, inEpoch: epoch)]
        guard phase.epoch < epoch else { return phase.updates + batch - phase.batch }
        return phase.updates + count(phase, from: phase.position) + (epoch - phase.epoch - 1) * count(phase) + batch
    }

    /// The batch of an update, which counts from 0.
    public func place(ofUpdate update: Int) -> (epoch: Int, batch: Int) {
        let phase = phases.last { $0.updates <= update } ?? phases[0]
        let (done, first) = (update - phase.updates, count(phase, from: phase.position))
        guard done >= first, count(phase) > 0 else { return (phase.epoch, phase.batch + done) }
        let (epochs, batch) = (done - first).quotientAndRemainder(dividingBy: count(phase))
        return (phase.epoch + 1 + epochs, batch)
    }

    /// The number of examples that are seen before a batch.
    public func examplesSeen(beforeBatch batch: Int, ofEpoch epoch: Int) -> Int {
        let phase = phases[phase(ofBatch: batch, inEpoch: epoch)]
        let position = min(position(batch, epoch, phase), examples)
        guard phase.epoch < epoch else { return phase.examples + position - phase.position }
        let whole = (epoch - phase.epoch - 1) * visited(phase)
        return phase.examples + visited(phase, from: phase.position) + whole + position
    }

    // MARK: Growth

    /// Continues with batches of `size` examples from the first one that begins at or after a mark; where
    /// ``LastBatch/drop`` leaves no room for such a batch, from the next epoch.
    ///
    /// Returns false, and changes nothing, where that batch is not after the batch that has grown last.
    mutating func grow(to size: Int, at mark: TrainingLength) -> Bool {
        guard let phase = phases.last, size > phase.size, size <= examples else { return false }
        var (epoch, batch) = place(mark, phase)
        if batch > 0, batch >= batches(inEpoch: epoch) { (epoch, batch) = (epoch + 1, 0) }
        var position = position(batch, epoch, phase)
        if last == .drop, examples - position < size { (epoch, batch, position) = (epoch + 1, 0, 0) }
        guard (epoch, batch) > (phase.epoch, phase.batch) else { return false }
        let updates = updates(beforeBatch: batch, ofEpoch: epoch)
        let seen = examplesSeen(beforeBatch: batch, ofEpoch: epoch)
        phases.append(
            Phase(size: size, epoch: epoch, batch: batch, position: position, updates: updates, examples: seen))
        return true
    }

    /// The first batch of the last phase that begins at or after a mark; it may be one behind the last of its epoch.
    private func place(_ mark: TrainingLength, _ phase: Phase) -> (epoch: Int, batch: Int) {
        let first = (phase.epoch, phase.batch)
        func batches(_ length: Int) -> Int { max(length + phase.size - 1, 0) / phase.size }
        switch mark {
        case .updates(let count): return count < phase.updates ? first : place(ofUpdate: count)
        case .examples(let count):
            let (left, head) = (count - phase.examples, visited(phase, from: phase.position))
            if left <= head { return (phase.epoch, phase.batch + batches(left)) }
            let (epochs, rest) = (left - head).quotientAndRemainder(dividingBy: visited(phase))
            return (phase.epoch + 1 + epochs, batches(rest))
        case .epochs(let count):
            let whole = count.rounded(.down)
            let position = Int(((count - whole) * Double(examples)).rounded())
            let epoch = Int(whole) + 1
            if epoch < phase.epoch { return first }
            if epoch == phase.epoch { return (epoch, phase.batch + batches(position - phase.position)) }
            return (epoch, batches(position))
        }
    }

    // MARK: Batches of one phase

    private func index(atEndOf epoch: Int) -> Int { phases.lastIndex { $0.epoch <= epoch } ?? 0 }

    private func position(_ batch: Int, _ epoch: Int, _ phase: Phase) -> Int {
        phase.epoch == epoch ? phase.position + (batch - phase.batch) * phase.size : batch * phase.size
    }

    private func rows(at position: Int, _ size: Int) -> Range<Int> {
        position..<(position + min(size, examples - position))
    }

    /// Batches of a phase from a position to the end of the epoch.
    private func count(_ phase: Phase, from position: Int = 0) -> Int {
        let (full, left) = (examples - position).quotientAndRemainder(dividingBy: phase.size)
        return last == .drop || left == 0 ? full : full + 1
    }

    /// The number of examples in these batches.
    private func visited(_ phase: Phase, from position: Int = 0) -> Int {
        let left = examples - position
        return last == .drop ? left - left % phase.size : left
    }
}
