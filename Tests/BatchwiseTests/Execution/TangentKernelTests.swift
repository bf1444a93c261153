import CKernels
import Testing

@testable import Batchwise

extension ProcessorTests {
    /// Programs of graphs with tangents against the interpreter: both give the product of the Hessian and a direction,
    /// the programs in Float.
    @Suite struct TangentKernelTests {
        /// Normalisation over the whole batch has no kernel for its tangent.
        private static let cases = GradientCase.all.filter { !$0.name.hasPrefix("the whole batch") }

        @Test(arguments: cases)
        func productsAreThoseOfTheInterpreter(example: GradientCase) throws {
            let example = try example.flattened()
            let (data, recipe) = try example.training()
            let expected = try example.interpretedProduct(in: Double.self, recipe, data)
            // a group of nearly equal numbers divides by a small deviation: there rounding alone costs more digits
            let rounding = try worst(example.interpretedProduct(in: Float.self, recipe, data).inOne, expected.inOne)
            let tolerance = max(5e-5, 2 * rounding)
            #expect(tolerance < 2e-4)
            var first: NamedGradients?
            try KernelTests.onEveryInstructionSet { set in
                for threads in [1, 2] {
                    let found = try example.product(recipe, data, Machine(threads: threads, microBatch: example.rows))
                    #expect(differences(found.inOne, expected.inOne, tolerance: tolerance) == [], "\(set)")
                    #expect(found == first ?? found, "\(set), \(threads) threads")
                    first = found
                }
            }
        }

        /// Layers that are wide enough for several panels, slices and vectors.
        @Test func productsOfWiderLayersAreThoseOfTheInterpreter() throws {
            for (rows, loss) in [(1, Loss.softmaxCrossEntropy(labelSmoothing: 0.1)), (40, .huber(delta: 0.5))] {
                let example = GradientCase(
                    name: "wide tangents", input: [9, 9, 3], outputs: 40, rows: rows, loss: loss, isWeighted: rows > 1,
                    model: LayerList {
                        Conv2D(filters: 20, kernel: 3, padding: .same)
                        GroupNorm(groups: 5)
                        GELU()
                        MaxPool2D(3, stride: 2)
                        BatchNorm(ghost: 16)
                        Dense(100)
                        LayerNorm()
                        SiLU()
                        Dense(40)
                    })
                let (data, recipe) = try example.training()
                let found = try example.product(recipe, data, Machine(threads: 2, microBatch: rows))
                let expected = try example.interpretedProduct(in: Double.self, recipe, data)
                #expect(differences(found.inOne, expected.inOne, tolerance: 1e-4) == [])
            }
        }
    }
}

/// The largest difference, in units of the largest number expected.
private func worst(_ found: NamedGradients, _ expected: NamedGradients) -> Double {
    expected.reduce(0.0) { most, entry in
        let scale = entry.value.reduce(1e-2) { max($0, abs($1)) }
        return zip(entry.value, found[entry.key] ?? []).reduce(most) { max($0, abs($1.0 - $1.1) / scale) }
    }
}

extension NamedGradients {
    /// All numbers in one array: a bias in front of a normalisation has a product of exactly 0, and in Float the rounding of
    /// larger numbers.
    fileprivate var inOne: NamedGradients { ["": keys.sorted().flatMap { self[$0] ?? [] }] }
}

extension GradientCase {
    /// The training graph of a recipe with tangents, its parameters at the beginning, and a direction.
    private func tangentGraph(_ recipe: Recipe) throws -> (
        graph: Graph, directions: [Int?], values: [[Float]], names: [String]
    ) {
        var graph = try Graph(recipe.model, input: input, outputs: outputs, loss: loss, withGradients: true)
        let names = graph.parameters.map(\.name)
        // a last layer of zeros would hide most of the Hessian
        var numbers = TestNumbers("tangents of \(name)")
        let values = graph.parameters.map { parameter in
            numbers.normals(parameter.count).map { 0.5 * Float($0) + (parameter.initialisation == .ones ? 1 : 0) }
                .map { parameter.isStatistic ? max($0, 0.5) : $0 }
        }
        let direction = TangentCheck.direction(graph, name).compactMap { $0?.map { Float($0) } }
        let tangents = try graph.appendTangents()
        return (graph, tangents.directions, values + direction, names)
    }

    /// H v of the one batch, by an engine.
    fileprivate func product(_ recipe: Recipe, _ data: Dataset, _ machine: Machine) throws -> NamedGradients {
        let (graph, directions, values, names) = try tangentGraph(recipe)
        let plan = try Planner(
            graph: graph, batch: recipe.batch, rules: UpdateRules(recipe, graph: graph), machine: machine,
            examples: rows
        ).prepare()
        let trained = try TrainedState(plan)
        trained.setParameters(values)
        let engine = try Engine(
            plan, on: trained.pointers, source: BatchSource(data: data, loss: loss), seed: recipe.seed)
        engine.flipMirrors()
        let target = try Memory(floats: plan.layout.count)
        let order = EpochOrder(count: rows, seed: recipe.seed, epoch: 1)
        try #require(
            engine.gradient(epoch: 1, order: order, positions: 0..<rows, loaded: nil, into: target.base))
        var product: NamedGradients = [:]
        for (index, direction) in directions.enumerated() {
            guard let direction else { continue }
            product[names[index]] = plan.layout.read(direction, from: target.base).map { Double($0) }
        }
        return product
    }

    /// H v of the same batch, by the interpreter.
    fileprivate func interpretedProduct<Scalar: BinaryFloatingPoint & Sendable>(
        in scalar: Scalar.Type, _ recipe: Recipe, _ data: Dataset
    ) throws -> NamedGradients {
        let (graph, directions, values, names) = try tangentGraph(recipe)
        let found = try interpreted(
            in: scalar, recipe, data, graph: graph, parameters: values.map { $0.map { Scalar($0) } })
        var product: NamedGradients = [:]
        for (index, direction) in directions.enumerated() {
            guard let direction else { continue }
            product[names[index]] = found.gradient(of: direction)?.map { Double($0) }
        }
        return product
    }
}
