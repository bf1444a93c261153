/// Ends a run before the recipe's last epoch, once a metric has not become better for some epochs [Prechelt 1998].
///
/// After each epoch the metric is compared with the last value that counted as better. One that is better by more than
/// `minDelta` takes its place; after `patience` epochs that were not, the run ends.
public struct EarlyStopping: Sendable, Hashable {
    /// Epochs without an improvement after which the run ends.
    public var patience: Int
    public var metric: EpochMetric
    /// What an improvement must exceed, in units of the metric; at least 0.
    public var minDelta: Double

    /// Ends the run after `patience` epochs that were not better by more than `minDelta`.
    public init(patience: Int = 5, metric: EpochMetric = .validationLoss, minDelta: Double = 0) {
        self.patience = patience
        self.metric = metric
        self.minDelta = minDelta
    }
}

/// What an epoch is judged by. Test examples are no part of it: what they decide they cannot test.
public enum EpochMetric: String, Sendable, Hashable, Codable, CaseIterable {
    /// The mean loss over the validation examples, at the end of the epoch.
    case validationLoss = "validation-loss"
    /// The share of right predictions among them.
    case validationAccuracy = "validation-accuracy"
    /// The mean loss over the epoch's updates, each before its update.
    case trainLoss = "train-loss"

    /// Whether `value` is better than `other`, by more than `delta`.
    func isBetter(_ value: Double, than other: Double, by delta: Double = 0) -> Bool {
        self == .validationAccuracy ? value - delta > other : value + delta < other
    }
}

/// Which epoch's parameters a run gives.
public enum KeptModel: Sendable, Hashable {
    /// Those after the last update.
    case last
    /// Those after the epoch that was best by this metric; the first of equals. Nil is the metric of the early
    /// stopping, or the validation loss where there is none.
    case best(EpochMetric?)
}
