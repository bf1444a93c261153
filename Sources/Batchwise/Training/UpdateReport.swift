/// The progress of a run: the place of its next update, and the state of decisions that depend on metrics.
public struct TrainingProgress: Sendable, Hashable, Codable {
    /// The epoch of the next update, counted from 1.
    public package(set) var epoch = 1
    /// The batch of the next update in its epoch, from 0.
    public package(set) var batch = 0
    /// Updates made so far.
    public package(set) var updates = 0
    /// Examples seen so far.
    public package(set) var examples = 0
    /// The state of a learning rate that falls on plateaus; nil for all other rates.
    var plateau: PlateauState?
    /// The state of early stopping and of the kept model; nil where the recipe has neither.
    package internal(set) var selection: EpochSelection?
    /// The number of updates in the average of the parameters; nil where there is no average yet.
    var averaged: Int?
    /// The decisions of a noise rule; nil where none has grown the batch.
    var growth: [BatchDecision]?
    /// Updates since replicas began to train apart; nil where they have not.
    var localUpdates: Int?
    /// The state of AdaScale; nil where the recipe does not ask for it.
    var adaScale: AdaScaleState?
    /// The staleness of gradients so far; nil where no process has trained beside another without waiting for it.
    public internal(set) var staleness: Staleness?
    /// The gradients so far with backup workers, and those that were dropped; nil where processes train in another way.
    public internal(set) var backup: BackupCounts?

    /// Moves on to the batch after this one; returns the number of examples of this one.
    @discardableResult
    mutating func advance(_ schedule: BatchSchedule) -> Int {
        let count = schedule.rows(ofBatch: batch, inEpoch: epoch).count
        examples += count
        updates += 1
        batch += 1
        if batch == schedule.batches(inEpoch: epoch) {
            batch = 0
            epoch += 1
        }
        return count
    }
}

/// The result of an update: weighted sums over its examples.
struct UpdateResult {
    var lossSum = 0.0
    var rightSum = 0.0
    var weight = 0.0
    var rate = 0.0
    /// AdaScale's gain; nil without AdaScale.
    var gain: Double?

    /// The weighted mean loss; 0 where all examples have weight 0.
    var meanLoss: Double { weight > 0 ? lossSum / weight : 0 }
    /// The weighted share of right predictions; 0 where all examples have weight 0.
    var accuracy: Double { weight > 0 ? rightSum / weight : 0 }
}

/// The part of an update's report that is summed over an epoch.
package struct UpdateFindings {
    package let loss: Double
    /// Nil for regression.
    package let accuracy: Double?
    package let weight: Double
    package let examples: Int

    package init(_ report: UpdateReport) {
        (loss, accuracy, weight, examples) = (report.loss, report.accuracy, report.weight, report.batch)
    }

    init(_ result: UpdateResult, examples: Int, _ isClassification: Bool) {
        (loss, weight, self.examples) = (result.meanLoss, result.weight, examples)
        accuracy = isClassification ? result.accuracy : nil
    }
}

/// The report of one update.
public struct UpdateReport: Sendable, Hashable {
    /// The answer of a caller to a report: to go on with the run, or to stop it.
    public enum Next: Sendable, Hashable { case proceed, stop }

    /// The number of the update, counted from 1 over the whole run.
    public var index: Int
    /// The epoch of the update, counted from 1.
    public var epoch: Int
    /// The number of examples of this update.
    public var batch: Int
    /// The number of examples seen since the start of training, including those of this update.
    public var examples: Int
    /// The weighted mean loss of the batch, at the parameters before the update; 0 where all examples have weight 0.
    public var loss: Double
    /// The weighted share of right predictions; nil for regression.
    public var accuracy: Double?
    /// The learning rate that the update was made with.
    public var learningRate: Double
    /// The sum of the batch's weights, by which a mean over updates weights each update.
    public var weight: Double
    /// Whether the update is the last of its epoch.
    public var endsEpoch: Bool
    /// The evaluation on the validation examples, where there are some and the epoch has ended.
    public var validation: Evaluation? {
        get { evaluation?.value }
        set { evaluation = newValue.map { .of($0) } }
    }
    /// The decision about the size of the batch that was made before the update, where the batch grows by the gradient's
    /// noise and a mark has gone by: see ``GrowthDecision``.
    public var growth: GrowthDecision? { adaptation?.value.growth }
    /// AdaScale's gain: the updates of the base batch that this one is worth, and the factor of its learning rate; nil
    /// without AdaScale.
    public var gain: Double? { adaptation?.value.gain }
    /// The updates of the base batch that the updates so far are worth; nil without AdaScale.
    public var baseUpdates: Double? { adaptation?.value.baseUpdates }
    /// Reports are copied at every update, and few have an evaluation or adapt to noise.
    private var evaluation: Boxed<Evaluation>?
    private var adaptation: Boxed<Adaptation>?
    /// The values of the trainer's quantities that were due, and of ``GradientNorm`` where the recipe needs the whole
    /// gradient.
    public var measurements: Measurements

    init(isClassification: Bool, measurements: Measurements) {
        (index, epoch, batch, examples) = (0, 0, 0, 0)
        (loss, learningRate, weight, endsEpoch) = (0, 0, 0, false)
        accuracy = isClassification ? 0 : nil
        self.measurements = measurements
    }

    private struct Adaptation: Sendable, Hashable {
        var growth: GrowthDecision?
        var gain, baseUpdates: Double?
    }

    /// Tells of a run that adapts its batch or its rate to the gradient's noise.
    mutating func tell(growth: GrowthDecision?, gain: Double?, baseUpdates: Double?) {
        guard growth != nil || gain != nil else { return }
        adaptation = .of(Adaptation(growth: growth, gain: gain, baseUpdates: baseUpdates))
    }

    /// Tells of the update that follows when a run is as far as `seen`, and moves that on.
    mutating func tell(_ result: UpdateResult, _ schedule: BatchSchedule, _ seen: inout TrainingProgress) {
        epoch = seen.epoch
        batch = seen.advance(schedule)
        (index, examples) = (seen.updates, seen.examples)
        endsEpoch = seen.batch == 0
        loss = result.meanLoss
        if accuracy != nil { accuracy = result.accuracy }
        (learningRate, weight) = (result.rate, result.weight)
    }
}

/// A value in memory of its own, so that what holds it is small.
private indirect enum Boxed<Value: Sendable & Hashable>: Sendable, Hashable {
    case of(Value)

    var value: Value {
        switch self {
        case .of(let value): value
        }
    }
}
