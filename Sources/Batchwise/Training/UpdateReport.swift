/// How far a run is. Epochs count from 1; `batch` is the next one of the epoch.
public struct TrainingProgress: Sendable, Hashable, Codable {
    /// The epoch of the next update.
    public package(set) var epoch = 1
    /// The batch of the next update in its epoch, from 0.
    public package(set) var batch = 0
    /// Updates made so far.
    public package(set) var updates = 0
    /// Examples seen so far.
    public package(set) var examples = 0
    /// What a learning rate that falls on plateaus has seen; nil for all others.
    var plateau: PlateauState?
    /// What is known of the epochs so far; nil where the recipe has neither early stopping nor a kept model.
    package internal(set) var selection: EpochSelection?
    /// How many updates are in the average of the parameters; nil where there is none yet.
    var averaged: Int?
    /// What norm tests have decided; nil where none has grown the batch.
    var growth: [BatchDecision]?

    /// To the batch after this one.
    mutating func advance(_ schedule: BatchSchedule) {
        examples += schedule.rows(ofBatch: batch, inEpoch: epoch).count
        updates += 1
        batch += 1
        if batch == schedule.batches(inEpoch: epoch) {
            batch = 0
            epoch += 1
        }
    }
}

/// What an update found: sums over its examples, weighted.
struct UpdateResult {
    var lossSum = 0.0
    var rightSum = 0.0
    var weight = 0.0
    var rate = 0.0
}

/// What one update found.
public struct UpdateReport: Sendable, Hashable {
    /// What a caller wants next.
    public enum Next: Sendable, Hashable { case proceed, stop }

    /// Counts from 1 over the whole run.
    public var index: Int
    /// Counts from 1.
    public var epoch: Int
    /// Examples of this update.
    public var batch: Int
    /// Examples seen since the start of training, with these.
    public var examples: Int
    /// The weighted mean loss of the batch, at the parameters before the update.
    public var loss: Double
    /// The weighted share of right predictions; nil for regression.
    public var accuracy: Double?
    /// The rate that it was made with.
    public var learningRate: Double
    /// The sum of the batch's weights: what means over updates are weighted by.
    public var weight: Double
    /// Whether the next update begins another epoch.
    public var endsEpoch: Bool
    /// How the model does on the validation examples, where there are some and the epoch has ended.
    public var validation: Evaluation? {
        get { if case .value(let found)? = evaluation { found } else { nil } }
        set { evaluation = newValue.map { .value($0) } }
    }
    /// Reports are copied at every update, and few have an evaluation.
    private var evaluation: Boxed<Evaluation>?
    /// The values of the trainer's quantities that were due; and ``GradientNorm`` where the recipe needs the whole gradient.
    public var measurements: Measurements

    init(
        _ result: UpdateResult, isClassification: Bool, index: Int, epoch: Int, batch: Int, examples: Int,
        endsEpoch: Bool, validation: Evaluation?, measurements: Measurements
    ) {
        self.index = index
        self.epoch = epoch
        self.batch = batch
        self.examples = examples
        self.endsEpoch = endsEpoch
        self.measurements = measurements
        loss = result.lossSum / result.weight
        accuracy = isClassification ? result.rightSum / result.weight : nil
        learningRate = result.rate
        weight = result.weight
        if let validation { evaluation = .value(validation) }
    }
}

/// A value in memory of its own, so that what holds it is small.
private indirect enum Boxed<Value: Sendable & Hashable>: Sendable, Hashable {
    case value(Value)
}
