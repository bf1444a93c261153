import Testing

@testable import Batchwise

/// Clipping, decay and momentum act once an update on the finished gradient, however the batch was cut.
@Suite struct ClippedUpdatesTests {
    private static let example = GradientCase(
        name: "clipped updates", input: [9], outputs: 4, rows: 100,
        model: layers(Dense(16), Tanh(), Dense(20), Tanh(), Dense(.classes)))
    private static let (rate, momentum, decay, most) = (0.2, 0.9, 0.01, 0.3)
    private static let parts = [0..<32, 32..<64, 64..<96, 96..<100]

    /// Ten updates in Double, each by the weighted mean over all examples, taken part by part.
    ///
    /// The cheat is the mean of the parts' means.
    private static func interpreted(parts: [Range<Int>], cheats: Bool = false) throws -> [[Double]] {
        let (data, recipe) = try example.training()
        let graph = try Graph(
            recipe.model, input: example.input, outputs: example.outputs, loss: example.loss, withGradients: true)
        var parameters = graph.parameters.enumerated().map { index, parameter in
            parameter.initialValues(seed: recipe.seed, index: index).map { Double($0) }
        }
        var velocities = parameters.map { $0.map { _ in 0.0 } }
        let weights = (0..<100).map { Double(data.weights?[$0] ?? 1) }
        let total = weights.reduce(0, +)
        for _ in 1...10 {
            var gradients = parameters.map { $0.map { _ in 0.0 } }
            for part in parts {
                let rows = data.rows(Array(part))
                var inputs = [Float](repeating: 0, count: part.count * data.featureCount)
                try inputs.withUnsafeMutableBufferPointer { try rows.fill($0, rows: 0..<part.count) }
                guard case .classes(let classes, _) = rows.targets else { throw RecipeError.syntax("no classes") }
                let values = Interpreter<Double>(graph: graph, parameters: parameters).run(
                    .init(
                        inputs: inputs.map { Double($0) }, targets: classes.map { Double($0) },
                        weights: rows.weights.map { $0.map { Double($0) } }, examples: part.map { UInt64($0) },
                        dropoutKey: 0), rows: part.count)
                let share = cheats ? 1 / Double(parts.count) : part.reduce(0) { $0 + weights[$1] } / total
                for index in gradients.indices {
                    let found = try #require(values.gradient(of: index))
                    for place in found.indices { gradients[index][place] += share * found[place] }
                }
            }
            let norm = gradients.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
            let factor = min(1, most / (norm + 1e-6))
            for index in gradients.indices {
                let own = graph.parameters[index].decays ? decay : 0
                for place in gradients[index].indices {
                    velocities[index][place] =
                        momentum * velocities[index][place] + factor * gradients[index][place]
                        + own * parameters[index][place]
                    parameters[index][place] -= rate * velocities[index][place]
                }
            }
        }
        return parameters
    }

    private static func trained(_ machine: Machine) throws -> (values: [[Float]], sha: String, steps: Int) {
        var (data, recipe) = try example.training()
        recipe.batch = Batch(size: 100, grain: 32)
        recipe.optimizer = .sgd(momentum: Float(momentum), weightDecay: Float(decay))
        recipe.learningRate = .constant(rate)
        recipe.clip = .norm(Float(most))
        recipe.epochs = 10
        var trainer = try Trainer(recipe, data: data, machine: machine)
        let model = try trainer.run()
        return (model.values, model.parametersSHA256, trainer.plan.accumulationSteps)
    }

    private static func largest<A: BinaryFloatingPoint>(_ a: [[A]], _ b: [[Double]]) -> Double {
        zip(a.joined(), b.joined()).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    }

    @Test func tenUpdatesInPartsEqualThoseOfOneBatch() throws {
        let whole = try Self.interpreted(parts: [0..<100])
        #expect(try Self.largest(Self.interpreted(parts: Self.parts), whole) <= 1e-12)
        #expect(try Self.largest(Self.interpreted(parts: Self.parts, cheats: true), whole) > 1e-4)

        let one = try Self.trained(Machine(threads: 1))
        #expect(one.steps == 1)
        #expect(Self.largest(one.values, whole) <= 1e-5)
        let four = try Self.trained(Machine(threads: 1, microBatch: 32))
        #expect(four.steps == 4)
        #expect(four.sha == one.sha)
        #expect(try Self.trained(Machine(threads: 3, microBatch: 32)).sha == one.sha)
    }
}
