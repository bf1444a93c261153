import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

/// Range tests of quadratics, whose largest stable rates are known from the data.
@Suite struct RangeTestTests {
    private static let width = 6

    private func found(
        _ rows: [Float], targets: [Float], batch: Int, optimizer: Optimizer = .sgd(), seed: UInt64 = 1,
        near rate: Double = 0.01
    ) throws -> Double {
        let subject = try RateSubjects.leastSquares(
            rows, width: Self.width, targets: targets, batch: batch, optimizer: optimizer)
        return try StableRate(
            subject, batch: batch, seeds: [seed], updates: 100, near: rate, tick: {}, seedDone: {}
        ).median
    }

    /// With all examples in a batch, plain gradient descent is stable up to 2/L, with L from the data.
    @Test(arguments: 1...6) func aQuadraticDivergesBeyondTwoOverL(problem: Int) throws {
        let scales = (0..<Self.width).map { pow(Double(problem), 1 - Double($0) / 3) }
        let rows = RateSubjects.rows(64, scales: scales, seed: UInt64(problem))
        let targets = RateSubjects.targets(rows, width: Self.width, noise: 1, seed: UInt64(problem))
        let limit = 2 / RateSubjects.largestEigenvalue(rows, width: Self.width)
        let rate = try found(rows, targets: targets, batch: 64)
        #expect(rate > 0.9 * limit && rate < 1.1 * limit, "\(rate / limit)")

        // inputs divided by the root of 2 have half the curvature
        let halved = rows.map { Float(Double($0) / 2.0.squareRoot()) }
        let doubled = try found(halved, targets: targets, batch: 64)
        #expect(abs(doubled / rate / 2 - 1) < 0.1, "\(doubled / rate)")
    }

    /// Heavy-ball momentum m raises the limit to 2 (1 + m) / L.
    @Test func momentumRaisesTheLimit() throws {
        let rows = RateSubjects.rows(64, scales: [3, 1, 1, 1, 1, 1], seed: 9)
        let targets = RateSubjects.targets(rows, width: Self.width, noise: 1, seed: 9)
        let limit = 2 / RateSubjects.largestEigenvalue(rows, width: Self.width)
        let rate = try found(rows, targets: targets, batch: 64, optimizer: .sgd(momentum: 0.5))
        #expect(rate > 0.9 * 1.5 * limit && rate < 1.1 * 1.5 * limit, "\(rate / limit)")
    }

    /// The recipe's own rate only says where the search begins.
    @Test(arguments: [1e-9, 1e-4, 1, 1e6]) func theRecipesRateHardlyMatters(rate: Double) throws {
        let rows = RateSubjects.rows(64, scales: [3, 1, 1, 1, 1, 1], seed: 9)
        let targets = RateSubjects.targets(rows, width: Self.width, noise: 1, seed: 9)
        let usual = try found(rows, targets: targets, batch: 64)
        let other = try found(rows, targets: targets, batch: 64, near: rate)
        #expect(abs(other / usual - 1) < 0.1, "\(other / usual)")
    }

    /// Rates grow by one factor, and each update is made with its own.
    @Test func ratesGrowByOneFactor() throws {
        let rows = RateSubjects.rows(40, scales: [1, 1, 1, 1, 1, 1], seed: 2)
        let targets = RateSubjects.targets(rows, width: Self.width, noise: 1, seed: 2)
        let subject = try RateSubjects.leastSquares(rows, width: Self.width, targets: targets, batch: 8)
        let test = try RangeTest(subject, batch: 8, seed: 1, from: 1e-4, perDecade: 50, decades: 6)
        for (place, rate) in test.rates.enumerated() {
            #expect(abs(rate / (1e-4 * pow(10, Double(place) / 50)) - 1) < 1e-9)
        }
        #expect(test.diverging == test.rates.last && test.losses.count == test.rates.count)
    }
}
