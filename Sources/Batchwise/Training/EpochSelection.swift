/// The state of judging a run's epochs: the best so far, and whether it is time to stop. See ``EpochJudge``.
package struct EpochSelection: Sendable, Hashable, Codable {
    /// The best epoch by the metric of the early stopping.
    var stopping: BestEpoch?
    /// The best epoch by the metric of the kept model.
    package internal(set) var kept: BestEpoch?
    /// Whether the early stopping has ended the run.
    var hasStopped = false
    /// The last value that was an improvement, and the number of epochs since.
    var reference: Double?
    var waited = 0
    /// The sums of losses and weights over the updates of the current epoch.
    var lossSum = 0.0
    var weight = 0.0

    init() {}
}
