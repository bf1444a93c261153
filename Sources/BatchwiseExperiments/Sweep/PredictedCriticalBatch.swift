import Batchwise

/// The gradient noise scale over whole runs, which is about the critical batch where gradients are all that matters
/// [McCandlish 2018], beside the critical batch that the sweep measured.
package struct PredictedCriticalBatch: Sendable {
    /// The batch size of the runs that measured the noise scale.
    package let batch: Int
    /// The number of these runs.
    package let runs: Int
    /// The noise scale of all samples of all these runs: the mean of tr(S) over the mean of |G|^2.
    package let noise: NoiseScale.Estimate
    /// The noise scale over the critical batch; nil where one of them has no interval.
    package let ratio: Double?
}

extension SweepResult {
    /// The critical batch as the noise scale predicts it; nil where no trained cell measured it.
    ///
    /// Its runs are those of the setting that the critical batch rests on, or of the best one with their batch size.
    package var predictedCriticalBatch: PredictedCriticalBatch? {
        let measured = settings.filter { $0.noise != nil }
        let setting =
            frontier.first { $0.noise != nil } ?? measured.min { $0.badness ?? .infinity < $1.badness ?? .infinity }
        guard let setting, let noise = setting.noise?.estimate else { return nil }
        var ratio: Double?
        if noise.high != nil, let predicted = noise.noiseScale, let found = criticalBatch?.value {
            ratio = predicted / found
        }
        return PredictedCriticalBatch(
            batch: setting.batch, runs: setting.cells.count { $0.outcome.noise != nil }, noise: noise, ratio: ratio)
    }
}

extension SettingResult {
    /// The noise scale of the samples of all runs; nil where none measured it.
    fileprivate var noise: NoiseScale? {
        cells.compactMap(\.outcome.noise).reduce(nil) { sum, next in
            var sum = sum ?? NoiseScale()
            sum.add(next)
            return sum
        }
    }
}
