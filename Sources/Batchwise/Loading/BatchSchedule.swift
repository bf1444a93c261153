/// Which positions of an epoch make up which batch.
///
/// ```swift
/// let schedule = BatchSchedule(examples: 100, batch: 32, last: .keep)
/// schedule.batchesPerEpoch    // 4
/// schedule.rows(ofBatch: 3)   // 96..<100
/// ```
///
/// Positions count along an ``EpochOrder``, which names the examples that stand there. The schedule is the same in
/// every epoch.
public struct BatchSchedule: Sendable, Hashable {
    /// The number of examples in the training set.
    public let examples: Int
    /// The number of examples in a full batch.
    public let batch: Int
    /// What becomes of the last batch when it is not full.
    public let last: LastBatch

    /// The schedule of `examples` examples in batches of `batch`.
    ///
    /// - Precondition: `examples` is at least 0 and `batch` at least 1.
    public init(examples: Int, batch: Int, last: LastBatch) {
        precondition(examples >= 0, "a data set cannot have \(examples) examples")
        precondition(batch >= 1, "a batch of \(batch) examples is empty")
        self.examples = examples
        self.batch = batch
        self.last = last
        let (full, left) = examples.quotientAndRemainder(dividingBy: batch)
        batchesPerEpoch = last == .drop || left == 0 ? full : full + 1
    }

    /// The number of batches, and so of updates, in an epoch.
    ///
    /// 0 when there are no examples, and when ``LastBatch/drop`` meets a batch larger than the data set: such a run
    /// would never update, which is for the caller to refuse.
    public let batchesPerEpoch: Int

    /// The number of examples that an epoch visits; padding is not an example.
    public var examplesPerEpoch: Int {
        last == .drop ? examples - examples % batch : examples
    }

    /// The positions of batch `index` within its epoch, padding left out.
    ///
    /// - Precondition: `index` is in 0..<batchesPerEpoch.
    public func rows(ofBatch index: Int) -> Range<Int> {
        precondition(index >= 0 && index < batchesPerEpoch, "batch \(index) is outside of 0..<\(batchesPerEpoch)")
        let start = index * batch  // below `examples`, so that neither this nor the end can overflow
        return start..<(start + min(batch, examples - start))
    }
}
