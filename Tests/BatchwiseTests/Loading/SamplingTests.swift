import Testing

@testable import Batchwise

@Suite struct SamplingTests {
    /// The sum of (found - expected)^2 / expected.
    private func chiSquare(_ found: [Int], _ expected: [Double]) -> Double {
        zip(found, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) / $1.1 }
    }

    private func orders(_ sampling: Sampling?, classes: [Int], weights: [Float]? = nil, seed: UInt64 = 11) throws
        -> EpochOrders
    {
        let data = try Dataset(
            features: [Float](repeating: 0, count: classes.count), shape: [1], classes: classes, weights: weights)
        return try EpochOrders(data, sampling: sampling, seed: seed)
    }

    private func counts(_ orders: EpochOrders, epochs: Int, of classes: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: (classes.max() ?? 0) + 1)
        for epoch in 1...epochs { for example in orders.order(ofEpoch: epoch) { counts[classes[example]] += 1 } }
        return counts
    }

    /// 40,000 draws by weights 1 to 4: three degrees of freedom, where chance alone exceeds 16.27 once in a thousand.
    @Test func drawsFollowTheWeights() throws {
        let places = [0, 1, 2, 3]
        let drawn = try orders(.init(by: .weights, examples: 400), classes: places, weights: [1, 2, 3, 4])
        let expected = [4000.0, 8000, 12000, 16000]
        #expect(drawn.count == 400)
        #expect(chiSquare(counts(drawn, epochs: 100, of: places), expected) < 16.27)
        // The negative control: chances of a tenth more for one example are seen.
        let other = try orders(.init(by: .weights, examples: 400), classes: places, weights: [1, 2, 3, 4.4])
        #expect(chiSquare(counts(other, epochs: 100, of: places), expected) > 16.27)
    }

    /// 30,000 draws of three classes: two degrees of freedom, exceeded beyond 13.82 once in a thousand.
    @Test func classesComeEquallyOften() throws {
        let classes = (0..<100).map { $0 < 90 ? 0 : $0 < 99 ? 1 : 2 }
        let expected = [10000.0, 10000, 10000]
        let balanced = try orders(.init(by: .classBalance), classes: classes)
        #expect(balanced.count == 100)
        #expect(chiSquare(counts(balanced, epochs: 300, of: classes), expected) < 13.82)
        let shuffled = try orders(nil, classes: classes)
        #expect(counts(shuffled, epochs: 300, of: classes) == [27000, 2700, 300])
    }

    /// The first two of four examples, 24,000 times: P(i, then j) = w_i / 10 x w_j / (10 - w_i), twelve pairs; eleven
    /// degrees of freedom, exceeded beyond 31.26 once in a thousand.
    @Test func withoutReplacementExamplesComeInTheOrderOfRepeatedDraws() throws {
        let weights: [Float] = [1, 2, 3, 4]
        let drawn = try orders(.init(by: .weights, replacement: false), classes: [0, 1, 2, 3], weights: weights)
        let shuffled = try orders(nil, classes: [0, 1, 2, 3])
        var expected: [Double] = []
        var found: [[Int]] = [[], []]
        for (place, orders) in [drawn, shuffled].enumerated() {
            var pairs = [Int](repeating: 0, count: 16)
            for epoch in 1...24_000 {
                let order = Array(orders.order(ofEpoch: epoch).prefix(2))
                pairs[4 * order[0] + order[1]] += 1
            }
            found[place] = (0..<16).filter { $0 % 5 != 0 }.map { pairs[$0] }
        }
        for first in 0..<4 {
            for second in 0..<4 where second != first {
                let (one, two) = (Double(weights[first]), Double(weights[second]))
                expected.append(24_000 * one / 10 * two / (10 - one))
            }
        }
        #expect(chiSquare(found[0], expected) < 31.26)
        #expect(chiSquare(found[1], expected) > 31.26)
    }

    @Test func withoutReplacementNothingComesTwiceAndWeightZeroNever() throws {
        let weights: [Float] = (0..<50).map { $0 % 5 == 0 ? 0 : Float($0) }
        let classes = [Int](0..<50)
        let all = try orders(.init(by: .weights, replacement: false), classes: classes, weights: weights)
        #expect(all.count == 40)
        #expect(Array(all.order(ofEpoch: 1)).sorted() == classes.filter { $0 % 5 != 0 })
        #expect(Array(all.order(ofEpoch: 1)) != Array(all.order(ofEpoch: 2)))
        let some = try orders(.init(by: .weights, replacement: false, examples: 7), classes: classes, weights: weights)
        #expect(Array(some.order(ofEpoch: 3)) == Array(all.order(ofEpoch: 3).prefix(7)))
        let again = try orders(.init(by: .weights), classes: classes, weights: weights)
        #expect(again.count == 50)
        #expect(again.order(ofEpoch: 1).allSatisfy { $0 % 5 != 0 })
        #expect(throws: PlanError.self) {
            try orders(.init(by: .weights, replacement: false, examples: 41), classes: classes, weights: weights)
        }
    }

    @Test(arguments: [true, false]) func anyPositionIsFoundAlone(replacement: Bool) throws {
        let classes = (0..<1000).map { $0 % 7 == 0 ? 1 : 0 }
        let sampling = Sampling(by: .classBalance, replacement: replacement)
        let order = try orders(sampling, classes: classes).order(ofEpoch: 4)
        let other = try orders(sampling, classes: classes, seed: 12).order(ofEpoch: 4)
        let examples = Array(order)
        #expect(Array(other) != examples)
        var filled = [UInt64](repeating: 0, count: 100)
        filled.withUnsafeMutableBufferPointer {
            if let base = $0.baseAddress { order.fill(base, positions: 300..<400) }
        }
        #expect(filled.map { Int($0) } == Array(examples[300..<400]))
        #expect((0..<1000).reversed().allSatisfy { order[$0] == examples[$0] })
    }

    @Test func weightsThatDecideHowOftenDoNotCountOnceMore() throws {
        let data = try Dataset(
            features: (0..<40).map { Float($0) / 40 }, shape: [1], classes: (0..<40).map { $0 % 2 },
            weights: (0..<40).map { $0 % 2 == 0 ? 1 : 3 })
        var recipe = Recipe(model: Dense(.classes), batch: Batch(size: 8, sampling: Sampling(by: .weights)), epochs: 1)
        var trainer = try Trainer(recipe, data: data)
        #expect(try trainer.update().weight == 8)
        recipe.batch.sampling = Sampling(by: .classBalance)
        var balanced = try Trainer(recipe, data: data)
        #expect(try balanced.update().weight > 8)
        recipe.batch.sampling = Sampling(by: .weights, examples: 100)
        #expect(try Trainer(recipe, data: data).totalUpdates == 13)
        recipe.batch.sampling = Sampling(by: .weights, examples: 0)
        #expect(throws: RecipeError.self) { _ = try Trainer(recipe, data: data).plan }
    }

    @Test(arguments: [true, false]) func sameBitsForAnyThreadsAndMicroBatch(replacement: Bool) throws {
        let (train, _) = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Dense(16)
                ReLU()
                Dense(.classes)
            },
            batch: Batch(size: 64, sampling: Sampling(by: .classBalance, replacement: replacement, examples: 500)),
            epochs: 2)
        func hash(_ machine: Machine, _ recipe: Recipe) throws -> String {
            var trainer = try Trainer(recipe, data: train, machine: machine)
            return try trainer.run().parametersSHA256
        }
        let expected = try hash(Machine(threads: 1), recipe)
        #expect(try hash(Machine(threads: 2), recipe) == expected)
        #expect(try hash(Machine(threads: 2, microBatch: 16), recipe) == expected)
        var other = recipe
        other.batch.sampling = nil
        #expect(try hash(Machine(threads: 1), other) != expected)
    }

    @Test(arguments: [
        "batch: {size: 8, sampling: class-balance}",
        "batch: {size: 8, sampling: {by: weights, replacement: false, examples: 1000}}",
    ])
    func recipesKeepIt(yaml: String) throws {
        let recipe = try Recipe(notation: RecipeValue(yaml: yaml + "\nmodel: linear\n"))
        #expect(recipe.batch.sampling != nil)
        let notation = try recipe.notation()
        #expect(try Recipe(notation: RecipeValue(yaml: notation.yaml())).batch == recipe.batch)
    }

    @Test(arguments: [
        ("sampling: balance", "batch.sampling.by: expected class-balance or weights"),
        ("sampling: {replacement: false}", "batch.sampling.by is missing"),
        ("sampling: {by: weights, exampels: 3}", "did you mean examples?"),
    ])
    func mistakesAreNamed(yaml: String, message: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe(notation: RecipeValue(yaml: "batch: {\(yaml)}")) }
        let text = error?.description ?? ""
        #expect(text.contains(message), "\(text)")
    }
}
