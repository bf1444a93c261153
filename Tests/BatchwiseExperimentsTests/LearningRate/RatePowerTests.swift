import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseExperiments

@Suite struct RatePowerTests {
    /// Rates c batch^p with a scatter of their logarithms, three at each of these batches.
    private func rates(_ exponent: Double, scatter: Double, seed: UInt64) -> [(batch: Int, rates: [Double])] {
        let random = CounterRandom(seed: seed, purpose: .data)
        return [8, 32, 128].enumerated().map { place, batch in
            let center = 0.01 * pow(Double(batch), exponent)
            return (
                batch, (0..<3).map { center * exp(scatter * random.normal(at: UInt64(place * 3 + $0))) }
            )
        }
    }

    @Test(arguments: [-0.3, 0, 0.5, 0.8, 1, 1.7]) func aPowerIsRecovered(exponent: Double) throws {
        let power = RatePower(rates(exponent, scatter: 0, seed: 1), resolution: 1.02)
        #expect(abs(try #require(power.exponent) - exponent) < 1e-9)
    }

    /// Where all batches scatter alike, the fit is ordinary least squares, here by the differences of outer batches.
    @Test func equalScatterIsOrdinaryLeastSquares() throws {
        let step = [0.9, 1, 1.1]
        let power = RatePower(
            [(8, step), (32, step.map { 3 * $0 }), (128, step.map { 4 * $0 })], resolution: 1.02)
        // batches at equal distances: the slope is the rise from the first to the last
        #expect(abs(try #require(power.exponent) - log(4) / log(16)) < 1e-9)
    }

    /// A batch whose rates scatter more counts less.
    @Test func aWideBatchCountsLess() throws {
        func exponent(_ scatter: Double) throws -> Double {
            let last = [exp(-scatter), 1, exp(scatter)].map { 10 * $0 }
            return try #require(
                RatePower([(8, [1, 1.01, 1.02]), (32, [2, 2.02, 2.04]), (128, last)], resolution: 1.02).exponent)
        }
        let (narrow, wide) = (try exponent(0.01), try exponent(1.5))
        // the first two batches alone have the exponent 1/2, and the last one more
        #expect(wide < narrow && wide > 0.5)
    }

    /// The interval holds the exponent in about 95 of 100 repeats.
    @Test func theIntervalCovers() throws {
        var held = 0
        for seed in 0..<1000 {
            let power = RatePower(rates(0.7, scatter: 0.2, seed: UInt64(seed)), resolution: 1.02)
            if try #require(power.low) <= 0.7, try #require(power.high) >= 0.7 { held += 1 }
        }
        #expect((920...980).contains(held), "\(held)")
    }

    @Test(arguments: [
        (0.9, 1.1, "linear"), (0.95, 0.99, "linear"), (0.4, 0.55, "square root"), (0.65, 0.8, "between"),
        (0.55, 0.95, "not enough evidence"), (0.2, 1.8, "not enough evidence"),
        (-0.05, 0.08, "neither: the rate hardly depends on the batch"),
        (0.15, 0.35, "neither: the rate grows more slowly than the square root of the batch"),
        (1.2, 1.4, "neither: the rate grows faster than the batch"),
    ])
    func verdicts(low: Double, high: Double, says: String) {
        #expect(RatePower.Verdict(low: low, high: high).description == says)
    }

    @Test func oneBatchHasNoExponent() {
        let power = RatePower([(32, [1, 2, 3])], resolution: 1.02)
        #expect(power.exponent == nil && power.low == nil && power.verdict == .notEnoughEvidence)
    }
}
