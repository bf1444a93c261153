import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct UpdatesToGoalTests {
    /// The first update at the goal, by moving the second moments of every direction.
    private static func slowly(
        _ quadratic: NoisyQuadratic, goal: Double, batch: Double, rate: Double, upTo last: Int
    ) -> Int? {
        var moments = zip(quadratic.curvatures, quadratic.noises).map { curvature, noise in
            Covariance(
                HeavyBall(curvature: curvature, rate: rate, momentum: quadratic.momentum), noise: noise / batch,
                square: 1)
        }
        for update in 1...last {
            var loss = 0.0
            for place in moments.indices {
                moments[place].update()
                loss += moments[place].ball.curvature / 2 * moments[place].square
            }
            if loss <= goal { return update }
        }
        return nil
    }

    /// On random problems, rates and goals; with momentum the loss swings, and its first visit counts.
    @Test(arguments: 0..<60)
    func theFirstUpdateIsThatOfTheRecursion(index: Int) throws {
        let random = CounterRandom(seed: 31, purpose: .simulation, example: index)
        let momentum = [0, 0.5, 0.9, 0.98][index % 4]
        let quadratic = try NoisyQuadratic(
            dimensions: 1 + Int(12 * random.uniform(at: 0)), exponent: 2 * random.uniform(at: 1),
            noiseExponent: 2 * random.uniform(at: 2), momentum: momentum)
        let rate = quadratic.limit * exp(-5 * random.uniform(at: 3))
        let batch = exp(8 * random.uniform(at: 4))
        let goal = quadratic.startingLoss * exp(-4 * random.uniform(at: 5))
        let expected = Self.slowly(quadratic, goal: goal, batch: batch, rate: rate, upTo: 3000)
        #expect(quadratic.updates(to: goal, batch: batch, rate: rate, upTo: 3000) == expected)
    }

    /// Numbers that were computed elsewhere, from a grid of rates: ours may be lower by as much as the grid is coarse.
    @Test func theNoisyQuadraticOfTenThousandDirections() throws {
        let quadratic = try NoisyQuadratic(dimensions: 10_000)
        for (batch, updates) in [
            (1.0, 6_025_442.0), (4, 1_507_549), (16, 378_200), (64, 96_000), (256, 25_826), (1024, 10_407),
            (4096, 7_839),
        ] {
            let best = try quadratic.best(to: 0.01, batch: batch)
            #expect((0.98...1.0001).contains(Double(best.updates) / updates), "\(batch): \(best)")
        }
        // the last of them, 7,214, is that of the grid's largest rate, and a larger rate takes fewer
        #expect(quadratic.updates(to: 0.01, batch: 262_144, rate: 1.8512) == 7214)
        let best = try quadratic.best(to: 0.01, batch: 262_144)
        #expect(best.updates == 6773 && best.rate > 1.9)
        #expect(
            Self.slowly(quadratic, goal: 0.01, batch: 262_144, rate: best.rate, upTo: 6773) == 6773)
        #expect(abs(quadratic.fewestExamples(to: 0.01) / 7214 - 835) < 1)
    }

    /// No rate of a fine grid is better.
    @Test(arguments: [0, 0.9], [1.0, 30, 1000, .infinity])
    func noOtherRateIsBetter(momentum: Double, batch: Double) throws {
        let quadratic = try NoisyQuadratic(dimensions: 60, exponent: 1.2, noiseExponent: 0.8, momentum: momentum)
        let best = try quadratic.best(to: 0.05, batch: batch)
        #expect(quadratic.updates(to: 0.05, batch: batch, rate: best.rate) == best.updates)
        let others = (1...800).compactMap {
            quadratic.updates(
                to: 0.05, batch: batch, rate: quadratic.limit * exp(-0.015 * Double($0)), upTo: best.updates + 1)
        }
        // with momentum the loss swings, and another rate may take some hundredths less, or one update
        let least = momentum == 0 ? Double(best.updates) : 0.96 * Double(best.updates) - 1
        #expect(Double(others.min() ?? .max) >= least)
        // a rate a third off is worse where the noise matters
        if batch.isFinite {
            #expect(quadratic.updates(to: 0.05, batch: batch, rate: best.rate / 1.5) ?? .max > best.updates)
        }
    }

    /// The limit of small batches is approached from above.
    @Test func smallBatchesTakeTheFewestExamples() throws {
        let quadratic = try NoisyQuadratic(dimensions: 100)
        let fewest = quadratic.fewestExamples(to: 0.02)
        // batches below 1 are no batches, but come closer to the limit
        let examples = try [1.0, 0.1, 0.01].map { Double(try quadratic.best(to: 0.02, batch: $0).updates) * $0 }
        #expect(examples[0] > examples[1] && examples[1] > examples[2] && examples[2] > fewest)
        #expect(examples[2] / fewest < 1.001)
        // momentum does not matter there
        let other = try NoisyQuadratic(dimensions: 100, momentum: 0.9)
        #expect(abs(Double(try other.best(to: 0.02, batch: 0.1).updates) * 0.1 / fewest - 1) < 0.01)
    }

    @Test func theFrontierIsSharperThanTheHyperbola() throws {
        let quadratic = try NoisyQuadratic(dimensions: 1000)
        let result = try UpdatesToGoal(quadratic, goal: 0.01, batches: [1, 16, 64, 128, 256, 512, 1024])
        let frontier = result.frontier
        #expect(result.points.map(\.examples) == result.points.map { Double($0.batch * $0.updates) })
        #expect(frontier.criticalBatch == frontier.fewestExamples / frontier.fewestUpdates)
        #expect(frontier.exponent > 1.1 && frontier.exponent < 2)
        for point in frontier.points where (2...20).contains(point.updates / frontier.fewestUpdates) {
            #expect((0.1...0.6).contains(frontier.product(point)))
        }
    }

    @Test func badSettingsAreRefused() throws {
        #expect(throws: SimulationError.self) { try NoisyQuadratic(dimensions: 0) }
        #expect(throws: SimulationError.self) { try NoisyQuadratic(dimensions: 10, exponent: .nan) }
        #expect(throws: SimulationError.self) { try NoisyQuadratic(dimensions: 10, momentum: 1) }
        let quadratic = try NoisyQuadratic(dimensions: 10)
        for goal in [0, -1, 1.5, Double.nan] {
            #expect(throws: SimulationError.self) { try UpdatesToGoal(quadratic, goal: goal, batches: [1]) }
        }
        #expect(throws: SimulationError.self) { try UpdatesToGoal(quadratic, goal: 0.1, batches: [0]) }
    }
}
