import Batchwise

/// A setting that was trained with some seeds, and the results.
package struct Trial: Sendable {
    /// The result of one seed.
    package struct Result: Sendable, Hashable {
        /// The comparison with the judged examples at the end; nil where the run diverged or was cut off.
        package var evaluation: Evaluation?
        /// The updates to the goal; nil where it was not reached, or there is none.
        package var updatesToGoal: Int?
        package var isDiverged = false
        /// The updates that were made.
        var updates = 0
        /// The reason why the recipe cannot be trained with this setting; nil where it can.
        package var refusal: String?
    }

    package let setting: TrialSetting
    /// The predicted seconds of an update, and of the whole training, with all threads.
    package let (secondsPerUpdate, seconds): (Double, Double)
    package private(set) var results: [Result] = []

    init(_ setting: TrialSetting, secondsPerUpdate: Double, updates: Int) {
        self.setting = setting
        self.secondsPerUpdate = secondsPerUpdate
        seconds = Double(updates) * secondsPerUpdate
    }

    mutating func add(_ result: Result) { results.append(result) }

    /// Whether a run of any seed diverged.
    package var isDiverged: Bool { results.contains(where: \.isDiverged) }

    /// The reason why the recipe cannot be trained with this setting; nil where it can.
    package var refusal: String? { results.lazy.compactMap(\.refusal).first }

    /// The mean of a number over the seeds; nil where a seed has none.
    package func mean(_ number: (Result) -> Double?) -> MeanWithInterval? {
        var mean = MeanWithInterval()
        for result in results {
            guard let value = number(result), value.isFinite else { return nil }
            mean.add(value)
        }
        return mean.count > 0 ? mean : nil
    }

    /// The seconds to the goal; nil where a seed did not reach it.
    package var secondsToGoal: MeanWithInterval? { mean { score($0, true) } }

    /// The share of wrong predictions, or the root of the mean squared error, or else the loss.
    package var error: MeanWithInterval? {
        mean { result in
            result.evaluation.map { evaluation in
                evaluation.accuracy.map { 1 - $0 } ?? evaluation.rmse ?? evaluation.loss
            }
        }
    }

    /// The mean loss of the judged examples.
    package var loss: MeanWithInterval? { mean { score($0, false) } }

    /// Less is better: the seconds to the goal where there is one, else the loss, whose noise is smaller than that of an
    /// accuracy.
    func score(toGoal: Bool) -> Double { (toGoal ? secondsToGoal : loss)?.mean ?? .infinity }

    /// Whether the score is worse than that of another setting beyond the interval of the differences, seed by seed.
    func isWorse(than other: Trial, toGoal: Bool) -> Bool {
        var difference = MeanWithInterval()
        for (own, others) in zip(results, other.results) {
            guard let mine = score(own, toGoal), let theirs = other.score(others, toGoal) else { continue }
            difference.add(mine - theirs)
        }
        return difference.halfWidth.map { difference.mean > $0 } ?? false
    }

    private func score(_ result: Result, _ toGoal: Bool) -> Double? {
        toGoal ? result.updatesToGoal.map { Double($0) * secondsPerUpdate } : result.evaluation?.loss
    }
}
