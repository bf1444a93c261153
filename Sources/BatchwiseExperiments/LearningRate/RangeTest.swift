import Batchwise
import Foundation

/// A learning rate range test: the rate grows by the same factor at every update until the loss diverges [Smith 2017].
///
/// It trains a copy of the subject, with the recipe's own optimizer, groups and clipping.
package struct RangeTest: Sendable {
    /// The rates of the updates.
    package private(set) var rates: [Double] = []
    /// The losses of the updates' batches, each at the parameters before its update.
    package private(set) var losses: [Double] = []
    /// The rate at which the loss diverged or a number stopped being finite; nil where neither happened.
    package private(set) var diverging: Double?
    /// The loss above which a run at one rate from the same state has diverged.
    package private(set) var limitOfRuns = Double.infinity

    /// The highest rate of any test.
    static let highest = 1e30

    /// Runs updates of `batch` examples, `perDecade` of them while the rate grows tenfold, over at most so many tenfold
    /// rises from the rate `low`.
    ///
    /// Throws `TrainingError` where already the first update is not finite.
    package init(
        _ subject: Subject, batch: Int, seed: UInt64, from low: Double, perDecade: Int, decades: Int,
        tick: () throws -> Void = {}
    ) throws {
        let high = min(low * pow(10, Double(decades)), Self.highest)
        let updates = max(Int((Double(perDecade) * log10(high / low)).rounded(.up)), 1)
        let climb = LearningRate(base: high).warmup(.updates(updates), from: low, shape: .exponential)
        var trainer = try subject.trainer(batch: batch, rate: climb, updates: updates, seed: seed)
        var watch = DivergenceWatch(window: perDecade / 10)
        defer { limitOfRuns = watch.limitOfRuns }
        for number in 1...updates {
            let report: UpdateReport
            do throws(TrainingError) {
                report = try trainer.update()
            } catch {
                guard case .notFinite = error, number > 1 else { throw error }
                diverging = rates.last
                return
            }
            rates.append(report.learningRate)
            losses.append(report.loss)
            if watch.add(report.loss) {
                diverging = report.learningRate
                return
            }
            try tick()
        }
    }
}
