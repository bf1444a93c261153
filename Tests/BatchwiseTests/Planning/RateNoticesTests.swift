import Testing

@testable import Batchwise

@Suite struct RateNoticesTests {
    private func notices(_ rate: LearningRate, batch: Int) throws -> [String] {
        let recipe = Recipe(model: layers(Dense(4), Dense(.classes)), batch: Batch(size: batch), learningRate: rate)
        return try Plan(recipe, data: SmallData.classes(700), machine: Machine(threads: 1)).notices
    }

    @Test func linearRuleIsWarnedOfWhereItBreaks() throws {
        let rate = LearningRate.base(0.001, atBatch: 8, scaling: .linear)
        #expect(try notices(rate, batch: 64).isEmpty)
        #expect(try notices(rate, batch: 72).count == 1)
        #expect(try notices(rate, batch: 72).first?.contains("9-fold") == true)
        #expect(try notices(rate.warmup(.epochs(5)), batch: 72).isEmpty)
        #expect(try notices(rate.warmup(.epochs(5)), batch: 512).count == 1)
        #expect(try notices(rate, batch: 512).count == 2)
        // other rules raise the rate less
        #expect(try notices(.base(0.001, atBatch: 8, scaling: .squareRoot), batch: 512).isEmpty)
        #expect(try notices(.constant(0.1), batch: 512).isEmpty)
    }

    @Test func measurementsAreHeldAgainstThePlan() throws {
        var recipe = Recipe(
            model: layers(Dense(.classes)), batch: Batch(size: 64), optimizer: .sgd, learningRate: .constant(0.1))
        let plan = try Plan(recipe, data: SmallData.classes(100), machine: Machine(threads: 1))
        #expect(recipe.notices(for: plan, criticalBatch: 64, curvature: 19.9).isEmpty)
        let both = recipe.notices(for: plan, criticalBatch: 32, curvature: 20.1)
        #expect(both.count == 2)
        // (S/S_min - 1)(E/E_min - 1) = 1 at twice the critical batch
        #expect(both[0].contains("3 times the examples") && both[0].contains("1.5 times the updates"))
        #expect(both[1].contains("2/L"))
        recipe.optimizer = .adam()
        #expect(recipe.notices(for: plan, criticalBatch: nil, curvature: 1).first?.contains("not checked") == true)
    }

    /// The limit of each form of SGD, by running it on a quadratic.
    @Test(arguments: [0, 0.5, 0.9], [false, true])
    func stableRatesAreThoseOfTheUpdateItself(momentum: Double, nesterov: Bool) throws {
        let curvature = 3.0
        let optimizer = Optimizer.sgd(momentum: Float(momentum), nesterov: nesterov && momentum > 0)
        let limit = try #require(optimizer.rule.largestStableRate(curvature: curvature)).rate
        func end(_ rate: Double) -> Double {
            var (w, v) = (1.0, 0.0)
            for _ in 0..<20_000 {
                let g = curvature * w
                v = momentum * v + g
                w -= rate * (nesterov ? g + momentum * v : v)
                if abs(w) > 1e6 { return w }
            }
            return w
        }
        #expect(abs(end(0.999 * limit)) < 1e-3)
        #expect(abs(end(1.001 * limit)) > 1e3)
    }
}
