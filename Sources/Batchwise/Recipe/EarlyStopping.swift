/// Ends a run before the recipe's last epoch, once a metric has not become better for some epochs [Prechelt 1998].
///
/// After each epoch the metric is compared with the last value that counted as better. One that is better by more than
/// `minDelta` takes its place; after `patience` epochs that were not, the run ends.
public struct EarlyStopping: Sendable, Hashable {
    /// Epochs without an improvement after which the run ends.
    public var patience: Int
    /// The metric that epochs are judged by.
    public var metric: EpochMetric
    /// The amount that an improvement must exceed, at least 0, in units of the metric.
    public var minDelta: Double

    /// Ends the run after `patience` epochs that were not better by more than `minDelta`.
    public init(patience: Int = 5, metric: EpochMetric = .validationLoss, minDelta: Double = 0) {
        self.patience = patience
        self.metric = metric
        self.minDelta = minDelta
    }
}

/// The epoch whose parameters a run gives as its model.
public enum KeptModel: Sendable, Hashable {
    /// The parameters after the last update.
    case last
    /// The parameters after the epoch with the best value of this metric; of equal ones, the first. nil is the metric
    /// of the early stopping, or the validation loss where there is none.
    case best(EpochMetric?)
    /// The parameters after the best epoch where early stopping ends the run, by its metric, and those after the last
    /// update where the run comes to its end: a learning rate that falls to the end makes these the better ones.
    case bestIfStopped
}
