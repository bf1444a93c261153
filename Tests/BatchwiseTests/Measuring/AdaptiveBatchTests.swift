import Batchwise
import Testing

/// The rules by which training may choose its batch and rate.
@Suite struct AdaptiveBatchTests {
    private let random = CounterRandom(seed: 3, purpose: .simulation)

    @Test func adaScalesGain() {
        #expect(abs(AdaScale(variance: 1, squaredNorm: 1).gain(scale: 8) - 16.0 / 9) < 1e-15)
        // no noise: a larger batch is worth one update; noise alone: as many as it is larger
        #expect(AdaScale(variance: 0, squaredNorm: 3).gain(scale: 8) == 1)
        #expect(AdaScale(variance: 3, squaredNorm: 0).gain(scale: 8) == 8)
        #expect(AdaScale(variance: 3, squaredNorm: -1).gain(scale: 8) == 8)
        #expect(AdaScale(variance: -1, squaredNorm: 2).gain(scale: 8) == 1)
        #expect(AdaScale(variance: 0, squaredNorm: 0).gain(scale: 8) == 1)
    }

    /// The gain is the quotient of E|g|^2 of the base batch and of the large one, here over all pairs of two examples.
    @Test func theGainIsAQuotientOfMeanSquares() {
        let gradients: [Double] = (0..<6).map { 1 + random.normal(at: UInt64($0)) }
        let mean: Double = gradients.reduce(0, +) / 6
        let variance: Double = gradients.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
        let ofOne: Double = gradients.reduce(0) { $0 + $1 * $1 } / 6
        var ofTwo = 0.0
        for a in gradients {
            for b in gradients { ofTwo += (a + b) * (a + b) / 4 / 36 }
        }
        let gain = AdaScale(variance: variance, squaredNorm: mean * mean).gain(scale: 2)
        #expect(abs(gain - ofOne / ofTwo) < 1e-13)
    }

    @Test func theEfficiencyFallsFromOne() {
        let efficiency = BatchEfficiency(noiseScale: 300, base: 32)
        #expect(efficiency.value(batch: 32) == 1)
        #expect(abs(efficiency.value(batch: 512) - 332.0 / 812) < 1e-15)
        #expect(BatchEfficiency(noiseScale: 0, base: 32).value(batch: 64) == 0.5)
        #expect(BatchEfficiency(noiseScale: .infinity, base: 32).value(batch: 64) == 1)
        #expect(BatchEfficiency(noiseScale: -5, base: 32).value(batch: 64) == 0.5)
    }

    /// Two formulas of two papers say the same: S times the efficiency is AdaScale's gain.
    @Test func theGainIsTheScaleTimesTheEfficiency() {
        for index in 0..<20 {
            let draw = { (place: UInt64) in random.uniform(at: UInt64(4 * index) + place) }
            let (trace, square, base, scale) = (100 * draw(0), draw(1), 1 + 63 * draw(2), 1 + 30 * draw(3))
            let gain = AdaScale(variance: trace / base, squaredNorm: square).gain(scale: scale)
            let efficiency = BatchEfficiency(noiseScale: trace / square, base: base).value(batch: scale * base)
            #expect(abs(gain - scale * efficiency) < 1e-10 * gain)
            #expect(gain >= 1 && gain <= scale * (1 + 1e-12))
        }
    }

    /// The best batch is where examples a second times efficiency is largest, found by trying all, for any base.
    @Test(arguments: [(300.0, 95.0), (20, 16), (5000, 3.7), (0.5, 2)])
    func goodputIsLargestAtTheBestBatch(noiseScale: Double, overhead: Double) {
        for base in [1.0, 32, 500] {
            let efficiency = BatchEfficiency(noiseScale: noiseScale, base: base)
            func goodput(_ batch: Double) -> Double { batch / (overhead + batch) * efficiency.value(batch: batch) }
            let tried = (1...4000).map { Double($0) / 4 }
            let best = tried.max { goodput($0) < goodput($1) } ?? 0
            let found = BatchEfficiency.bestBatch(noiseScale: noiseScale, overhead: overhead)
            #expect(abs(found - best) <= 0.25)
        }
        #expect(BatchEfficiency.bestBatch(noiseScale: -1, overhead: overhead) == 0)
    }

    @Test func cabsCouplesTheBatchToRateNoiseAndLoss() {
        #expect(abs(CABS.batch(rate: 0.1, variance: 3000, loss: 2) - 150) < 1e-12)
        #expect(abs(CABS.batch(rate: 0.1, variance: 3000, loss: 0.5) - 600) < 1e-12)
        // numbers that have no quotient
        #expect(CABS.batch(rate: 0.1, variance: 3000, loss: 0) == .infinity)
        #expect(CABS.batch(rate: 0.1, variance: -2, loss: 1) == 0)
        #expect(CABS.batch(rate: 0.1, variance: .nan, loss: 1) == 0)
        #expect(CABS.batch(rate: 0, variance: 3, loss: 0) == 0)
    }
}
