import Testing

@testable import Batchwise

/// Products of the Hessian in an update agree with differences of gradients in Double.
@Suite struct HessianProductTests {
    /// The batch's gradient as the direction, the product of the Hessian with it, and the curvature.
    struct AlongGradient: Quantity {
        struct Value: Codable, Hashable, Sendable {
            var direction, product: [[Float]]
            var curvature: Double?
        }

        var every = 1
        var name: String { "along_gradient" }
        var needs: UpdateNeeds { [.tangent, .gradient] }
        func isDue(at update: Int) -> Bool { update % every == 0 }

        func value(of update: borrowing MeasuredUpdate) throws -> Value? {
            let gradient = try (0..<update.parameterCount).map { try update.values(.gradient, of: $0) }
            let found = try update.hessianProduct { gradient[$0] }
            return Value(direction: found.direction, product: found.values, curvature: found.curvature)
        }
    }

    /// The models whose gradients have no corners, so that differences of gradients approach the second derivative.
    static let cases: [PartNormsTests.Case] =
        PartNormsTests.cases.filter { $0.name != "convolutions" } + [
            PartNormsTests.Case(
                name: "convolutions", shape: [6, 6, 2],
                model: layers(
                    Conv2D(filters: 4, kernel: 3, padding: .same), GroupNorm(groups: 2), SiLU(), AveragePool2D(2),
                    Conv2D(filters: 6, kernel: 2, groups: 2), Tanh(), Flatten(), Dense(.classes)))
        ]

    /// The central difference (g(w + h v) - g(w - h v)) / 2h for each trained parameter.
    static func differences(
        _ oracle: PartNormsTests.Oracle, _ examples: [Int], weights: [Double], along direction: [[Float]]
    ) -> [[Double]] {
        let h = 1e-4
        func gradients(_ step: Double) -> [[Double]] {
            var moved = oracle.parameters
            for (gradient, direction) in zip(oracle.graph.gradients, direction) {
                moved[gradient.parameter] = zip(moved[gradient.parameter], direction).map { $0 + step * Double($1) }
            }
            let values = oracle.values(examples, weights: weights, meanWeight: oracle.meanWeight, parameters: moved)
            return oracle.graph.gradients.map { values.gradient(of: $0.parameter) ?? [] }
        }
        return zip(gradients(h), gradients(-h)).map { zip($0, $1).map { ($0 - $1) / (2 * h) } }
    }

    /// The largest difference, divided by the largest expected number.
    static func difference(_ found: [[Float]], _ expected: [[Double]]) -> Double {
        guard found.map(\.count) == expected.map(\.count) else { return .infinity }
        let (found, expected) = (found.joined().map(Double.init), Array(expected.joined()))
        let scale = expected.reduce(0) { max($0, abs($1)) }
        return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
    }

    @Test(arguments: cases)
    func productsAreDifferencesOfGradients(example: PartNormsTests.Case) throws {
        let quantity = AlongGradient()
        var trainer = try PartNormsTests.trainer(example, [quantity])
        let oracle = try PartNormsTests.Oracle(example, trainer)
        let order = (0..<PartNormsTests.batch.size).map { trainer.order[$0] }
        let weights = try #require(oracle.data.weights)
        let measured = try trainer.update().measurements[quantity]
        let found = try #require(measured)
        func expected(_ examples: [Int]) -> [[Double]] {
            Self.differences(
                oracle, examples, weights: examples.map { Double(weights[$0]) }, along: found.direction)
        }
        #expect(Self.difference(found.product, expected(order)) <= 1e-4)
        // other examples, and other parameters, give another product
        #expect(Self.difference(found.product, expected(Array(order.dropLast(4)))) > 1e-2)
        let again = try trainer.update().measurements[quantity]
        #expect(again?.product != found.product)
        let square = found.direction.joined().reduce(0.0) { $0 + Double($1) * Double($1) }
        let dot = zip(found.direction.joined(), found.product.joined()).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(try #require(found.curvature) - dot / square) <= 1e-9 * abs(dot / square))
    }

    /// The squared error of a linear model is a parabola, whose curvature is twice the mean of the squares of x.
    @Test func aParabolaHasItsOwnCurvature() throws {
        let x: [Float] = [1, 2, -1, 0.5, 3, -2]
        let data = try Dataset(features: x, shape: [1], values: [1, 0, 2, -1, 0.5, 3])
        let recipe = Recipe(
            model: layers(Dense(1, bias: false)), loss: .meanSquaredError(), batch: Batch(size: 6),
            learningRate: .constant(0.01), epochs: 2)
        var trainer = try Trainer(recipe, data: data, quantities: [AlongGradient()])
        let measured = try trainer.update().measurements[AlongGradient()]
        // the loss is computed from standardised targets, which does not change its curvature
        let square = x.reduce(0.0) { $0 + Double($1) * Double($1) } / 6
        #expect(abs(try #require(measured?.curvature) - 2 * square) < 1e-5)
    }

    /// Every cut of a batch gives the same bits, also where features are augmented and read ahead; and no trained bit
    /// changes.
    @Test(arguments: [false, true])
    func productsHaveTheSameBitsForAnyMachine(isAugmented: Bool) throws {
        let example = Self.cases[isAugmented ? Self.cases.count - 1 : 1]
        let data = try PartNormsTests.data(example)
        var recipe = PartNormsTests.recipe(example)
        recipe.clip = .norm(0.1)
        if isAugmented { recipe.augmentation = Augmentation([.flip, .mixup(alpha: 0.4)]) }
        let quantity = AlongGradient(every: 2)
        var first: [AlongGradient.Value]?
        let plain = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for machine in [Machine(threads: 1), Machine(threads: 2), Machine(threads: 3, microBatch: 4)] {
            var trainer = try Trainer(recipe, data: data, machine: machine, quantities: [quantity])
            var found: [AlongGradient.Value] = []
            let model = try trainer.run { report in
                #expect((report.measurements[quantity] == nil) == (report.index % 2 == 1))
                if let value = report.measurements[quantity] { found.append(value) }
                return .proceed
            }
            #expect(found.count == 2 && found == first ?? found, "\(machine)")
            first = found
            #expect(model.parametersSHA256 == plain)
        }
    }

    @Test func batchesThatGrowHaveProductsToo() throws {
        let example = Self.cases[1]
        var recipe = PartNormsTests.recipe(example)
        recipe.batch = Batch(size: 8, grow: BatchGrowth(.times(2, at: [.epochs(1)])))
        var trainer = try Trainer(recipe, data: PartNormsTests.data(example), quantities: [AlongGradient()])
        var updates = 0
        try trainer.run { report in
            updates += report.measurements[AlongGradient()] == nil ? 0 : 1
            return .proceed
        }
        #expect(updates == 5 + 3)
    }

    // MARK: Refusals

    @Test func modelsWithoutTangentsAreRefused() throws {
        let data = try SmallData.classes(40)
        var recipe = QuantityTests.recipe
        recipe.model = layers(Dense(20), BatchNorm(over: .batch), Tanh(), Dense(.classes))
        let error = #expect(throws: QuantityError.self) {
            _ = try Trainer(recipe, data: data, quantities: [AlongGradient()])
        }
        guard case .noTangent("along_gradient", let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("1 (batch-norm)"))
    }

    @Test func aDirectionThatOverflowsEndsTheRunWithItsReason() throws {
        let probe = QuantityTests.Probe(needs: .tangent) { update in
            let sizes = [12 * 20, 20, 20 * 5, 5]
            return [try update.hessianProduct { Array(repeating: 1e38, count: sizes[$0]) }.squaredNorm]
        }
        var trainer = try Trainer(QuantityTests.recipe, data: SmallData.classes(40), quantities: [probe])
        #expect(
            throws: TrainingError.quantity(
                update: 1, name: "probe", reason: "\(QuantityError.productNotFinite)")
        ) { _ = try trainer.update() }
    }
}
