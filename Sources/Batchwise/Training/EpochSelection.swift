/// The epochs of a run so far: which was best, and whether it is time to stop. See ``EpochJudge``.
public struct EpochSelection: Sendable, Hashable, Codable {
    /// The best epoch by the metric of the early stopping.
    public internal(set) var stopping: BestEpoch?
    /// The best epoch by the metric of the kept model.
    public internal(set) var kept: BestEpoch?
    /// Whether the early stopping has ended the run.
    public internal(set) var hasStopped = false
    /// The last value that was an improvement, and the epochs since.
    var reference: Double?
    var waited = 0
    /// Sums over the updates of the epoch that is going on.
    var lossSum = 0.0
    var weight = 0.0

    /// The best epoch so far; the first of equals.
    public struct BestEpoch: Sendable, Hashable, Codable {
        /// Counts from 1.
        public var epoch: Int
        /// Updates until its end.
        public var updates: Int
        /// The metric.
        public var value: Double
    }

    init() {}
}
