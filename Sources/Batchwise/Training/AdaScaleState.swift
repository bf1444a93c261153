/// The state of AdaScale [Johnson 2020], kept in checkpoints: running means of the gradient's noise, and the place on
/// the schedule of the base batch.
package struct AdaScaleState: Hashable, Sendable, Codable {
    /// The place on the schedule: the updates of the base batch that have been made, in their examples.
    var examples = 0.0
    /// The number of updates whose noise is in the means.
    var samples = 0
    /// The running means of the estimates of |G|^2 and of tr(S). They are bounded where they are used: to bound each
    /// sample would make the means wrong.
    var squaredNorm = 0.0
    var variance = 0.0

    /// The updates of the base batch that an update of `batch` examples is worth, by the samples so far: from 1 to
    /// batch / base; 1 before the first sample, and for a last batch of an epoch that is smaller than `base`.
    func gain(batch: Int, base: Int) -> Double {
        guard samples > 0, batch > base else { return 1 }
        return AdaScale(variance: variance / Double(base), squaredNorm: squaredNorm)
            .gain(scale: Double(batch) / Double(base))
    }

    /// Adds a sample, with theta = max(1 - S / 1000, 0) in m <- theta m + (1 - theta) sample; while samples are fewer
    /// than 1 / (1 - theta), all count the same.
    mutating func add(_ sample: NoiseSample.Part, scale: Double) {
        guard sample.squaredNorm.isFinite, sample.variance.isFinite else { return }
        samples += 1
        let weight = max(1 / Double(samples), 1 - max(1 - scale / 1000, 0))
        squaredNorm += weight * (sample.squaredNorm - squaredNorm)
        variance += weight * (sample.variance - variance)
    }

    /// Whether a run can have this state: a file may hold anything.
    func isPossible(in progress: TrainingProgress) -> Bool {
        examples >= 0 && examples <= Double(progress.examples) * (1 + 1e-9) && (0...progress.updates).contains(samples)
            && squaredNorm.isFinite && variance.isFinite
    }
}
