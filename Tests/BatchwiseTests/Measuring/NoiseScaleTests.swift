import Batchwise
import Foundation
import Testing

/// The noise scale and its interval, on gradients whose noise scale is known.
@Suite struct NoiseScaleTests {
    private static func scale(_ samples: [NoiseSample.Part]) -> NoiseScale {
        var scale = NoiseScale()
        for part in samples { scale.add(NoiseSample(smallBatches: 2, examples: 32, model: part, layers: [])) }
        return scale
    }

    /// An interval that has no lower end claims nothing, and counts as a miss here.
    private static func covers(_ estimate: NoiseScale.Estimate, _ truth: Double) -> Bool {
        guard let low = estimate.low else { return false }
        return low <= truth && truth <= estimate.high ?? .infinity
    }

    /// The share of repeats for which something holds, on both cores.
    private static func share(
        of repeats: Int, _ gradients: SyntheticGradients, _ holds: @escaping @Sendable ([NoiseSample.Part]) -> Bool
    ) async -> Double {
        await withTaskGroup(of: Int.self) { group in
            for part in 0..<2 {
                group.addTask {
                    stride(from: part, to: repeats, by: 2).count { holds(gradients.samples(repeat: $0)) }
                }
            }
            return Double(await group.reduce(0, +)) / Double(repeats)
        }
    }

    private static let problems = [
        SyntheticGradients(noiseScale: 100, smallBatches: 2), SyntheticGradients(noiseScale: 100, smallBatches: 8),
        SyntheticGradients(noiseScale: 1000, smallBatches: 4),
        SyntheticGradients(noiseScale: 100, smallBatches: 2, drift: 2),
        SyntheticGradients(noiseScale: 100, smallBatches: 4, tails: .heavy),
    ]

    @Test(arguments: problems)
    func theIntervalCoversTheTruthAsOftenAsItSays(gradients: SyntheticGradients) async {
        let truth = gradients.truth
        let coverage = await Self.share(of: 1000, gradients) { Self.covers(Self.scale($0).estimate, truth) }
        #expect((0.93...0.97).contains(coverage), "\(gradients): \(coverage)")
    }

    /// The movement of the gradient counts as noise, which widens intervals and never narrows them.
    @Test func driftMakesTheIntervalOfManySmallBatchesWider() async {
        let gradients = SyntheticGradients(noiseScale: 100, smallBatches: 8, drift: 2)
        let truth = gradients.truth
        #expect(await Self.share(of: 200, gradients) { Self.covers(Self.scale($0).estimate, truth) } > 0.97)
    }

    /// With little evidence the intervals by linearisation and by leaving one update out cover less than Fieller's.
    @Test func otherIntervalsCoverLess() async {
        let gradients = SyntheticGradients(noiseScale: 1000, smallBatches: 4)
        let quantile = StudentT(degrees: Double(gradients.updates - 1)).quantile(0.975)
        let n = Double(gradients.updates)
        @Sendable func isWithin(_ estimate: Double, _ variance: Double) -> Bool {
            abs(estimate - 1000) <= quantile * variance.squareRoot()
        }
        let delta = await Self.share(of: 1000, gradients) { samples in
            let (x, y) = Self.means(samples)
            let squares = samples.reduce(0) { sum, part in
                let rest = (part.variance - y / x * part.squaredNorm) / x
                return sum + rest * rest
            }
            return isWithin(y / x, squares / (n - 1) / n)
        }
        let jackknife = await Self.share(of: 1000, gradients) { samples in
            let (x, y) = Self.means(samples)
            let others = samples.map { (n * y - $0.variance) / (n * x - $0.squaredNorm) }
            let mean = others.reduce(0, +) / n
            return isWithin(y / x, others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (n - 1) / n)
        }
        #expect(delta < 0.93 && jackknife < 0.93, "\(delta), \(jackknife)")
        // where the evidence has no upper end, the estimate says so, and is right to
        let unbounded = await Self.share(of: 1000, gradients) { Self.scale($0).estimate.verdict == .atLeast }
        #expect(unbounded > 0.1, "\(unbounded)")
    }

    private static func means(_ samples: [NoiseSample.Part]) -> (x: Double, y: Double) {
        let n = Double(samples.count)
        return (
            samples.reduce(0) { $0 + $1.squaredNorm } / n, samples.reduce(0) { $0 + $1.variance } / n
        )
    }

    /// The ratio of the means is right; the mean of the ratios is not, and neither is the ratio after negative samples
    /// were raised to 0.
    @Test(arguments: 0..<8)
    func theRatioOfMeansIsUnbiased(number: Int) throws {
        let gradients = SyntheticGradients(noiseScale: 100, smallBatches: 4, updates: 1000)
        let samples = gradients.samples(repeat: number)
        let scale = try #require(Self.scale(samples).estimate.noiseScale)
        #expect(abs(scale - 100) < 8, "\(scale)")
        let ratios = samples.map { $0.variance / $0.squaredNorm }
        #expect(abs(ratios.reduce(0, +) / 1000 - 100) > 8)
        // two small batches of a noise that is far larger than the gradient
        let noisy = SyntheticGradients(noiseScale: 1000, smallBatches: 2, updates: 1000).samples(repeat: number)
        let raised = noisy.reduce(0) { $0 + max($1.squaredNorm, 0) } / 1000
        #expect(Self.means(noisy).y / raised < 700)
    }

    @Test func equalGradientsHaveNoNoise() {
        func estimate(mean: Double, ofBatches: Double) -> NoiseScale.Estimate {
            let part = NoiseSample.Part(
                layer: "", mean: mean, ofBatches: ofBatches, batches: 4, examples: 4, population: nil)
            return Self.scale([part, part, part]).estimate
        }
        #expect(estimate(mean: 2, ofBatches: 2).verdict == .noNoise)
        #expect(estimate(mean: 2, ofBatches: 2).noiseScale == 0)
        #expect(estimate(mean: 0, ofBatches: 0).verdict == .noGradient)
        #expect(estimate(mean: 0, ofBatches: 0).noiseScale == nil)
        #expect(NoiseScale().estimate.verdict == .notEnoughEvidence)
        // rounding of float32 norms, on either side of 0
        for rounding in [1e-8, -1e-8] {
            let equal = estimate(mean: 2, ofBatches: 2 + rounding)
            #expect(equal.verdict == .noNoise && equal.noiseScale == 0 && equal.low == 0 && equal.high == 0)
        }
        #expect(estimate(mean: 2, ofBatches: 2.001).verdict == .measured)
    }
}
