import CKernels
import Testing

@testable import Batchwise

/// The engine gives the same numbers as the interpreter for the same graph.
@Suite struct EngineTests {
    /// For one batch with all examples in one lane, gradients and loss are those of the plain loops.
    @Test(arguments: GradientCase.all, [1, 2])
    func gradientsAreThoseOfTheInterpreter(example: GradientCase, threads: Int) throws {
        let example = try example.flattened()
        let (data, recipe) = try example.training()
        let found = try Trainer.gradient(recipe, data, machine: Machine(threads: threads))
        let expected = try example.interpreted(recipe, data)
        #expect(differences(found.gradients, expected.gradients, tolerance: 5e-5) == [])
        #expect(abs(found.loss - expected.loss) <= 2e-5 * max(1, abs(expected.loss)))
    }

    /// Layers of products and ReLU keep the interpreter's order to the last bit.
    @Test(arguments: ["dense", "two layers", "convolution", "strided convolution"])
    func productsAreTheInterpretersBitForBit(name: String) throws {
        let models: [String: (LayerList, [Int])] = [
            "dense": (layers(Dense(3)), [12]),
            "two layers": (layers(Dense(37), ReLU(), Dense(3)), [50]),
            "convolution": (layers(Conv2D(filters: 18, kernel: 3, padding: .same), ReLU(), Dense(3)), [6, 5, 4]),
            "strided convolution": (
                layers(
                    Conv2D(filters: 6, kernel: 3, stride: 2, padding: .pixels(1), groups: 2), ReLU(),
                    Conv2D(filters: 5, kernel: 2, dilation: 2), Dense(3)), [9, 7, 4]
            ),
        ]
        let (model, shape) = try #require(models[name])
        let example = GradientCase(
            name: name, input: shape, outputs: 3, rows: 11, loss: .meanSquaredError(), isWeighted: false, model: model)
        let (data, recipe) = try example.training()
        let trained = try Trainer(recipe, data: data).model()
        let order = Array(EpochOrder(count: 11, seed: recipe.seed, epoch: 1))
        let found = try trained.outputs(for: data.rows(order), machine: Machine(threads: 2))
        #expect(found == (try example.interpreted(recipe, data).predictions))
    }

    /// Weights that are large enough to be cut into slices, whose rows must be those of the product.
    @Test func aWeightUsedInTwoWaysIsCutIntoItsRows() throws {
        let example = GradientCase(
            name: "mixed", input: [150, 150], outputs: 2, rows: 3, isWeighted: false,
            model: layers(Mixed(), Mixed(), Flatten(), Dense(2)))
        let (data, recipe) = try example.training()
        let found = try Trainer.gradient(recipe, data, machine: Machine(threads: 2))
        #expect(differences(found.gradients, try example.interpreted(recipe, data).gradients, tolerance: 5e-5) == [])
    }

    /// Layers that are wide enough for every kind of tile, for runs and for packed panels.
    @Test(arguments: [1, 2, 5, 20, 90])
    func wideLayersAreTheInterpreters(rows: Int) throws {
        let example = GradientCase(
            name: "wide \(rows)", input: [290], outputs: 3, rows: rows, isWeighted: false,
            model: layers(Dense(1100), Tanh(), Dense(130), Tanh(), Dense(3)))
        let (data, recipe) = try example.training()
        let found = try Trainer.gradient(recipe, data, machine: Machine(threads: 1))
        #expect(differences(found.gradients, try example.interpreted(recipe, data).gradients, tolerance: 5e-5) == [])
    }
}

extension GradientCase {
    /// The case, changed so that the prediction is one row of numbers, as training asks for.
    func flattened() throws -> GradientCase {
        var copy = self
        copy.model = LayerList([model, Flatten()])
        copy.outputs = try copy.model.graph(inputShape: input, outputs: outputs, purpose: .inference).predictionWidth
        return copy
    }

    /// The case as data and a recipe whose one batch holds all of it.
    func training() throws -> (Dataset, Recipe) {
        var numbers = TestNumbers(name)
        let width = input.reduce(1, *)
        let features: [Float] =
            if let ids { (0..<rows * width).map { _ in Float(numbers.below(ids)) } } else {
                numbers.normals(rows * width).map { Float($0) }
            }
        let targets: Dataset.Targets
        switch loss {
        case .softmaxCrossEntropy:
            targets = .classes(
                (0..<rows).map { _ in Int32(numbers.below(outputs)) }, names: (0..<outputs).map(String.init))
        case .binaryCrossEntropy:
            targets = .values(
                (0..<rows * outputs).map { _ in Float(numbers.uniform()) }, width: outputs, mean: 0, deviation: 1)
        case .ofProgram(let program) where program.loss.isClassification:
            targets = .classes(
                (0..<rows).map { _ in Int32(numbers.below(outputs)) }, names: (0..<outputs).map(String.init))
        default:
            targets = .values(numbers.normals(rows * outputs).map { Float($0) }, width: outputs, mean: 0, deviation: 1)
        }
        let weights = isWeighted ? (0..<rows).map { $0 == 1 ? 0 : Float(numbers.uniform() + 0.1) } : nil
        let data = try Dataset(
            count: rows, featureShape: input, features: .floats(features), targets: targets, weights: weights)
        return (data, Recipe(model: LayerList([model]), loss: loss, batch: Batch(size: rows, lanes: 1), seed: 7))
    }

    /// The interpreter's gradients and loss of the same batch, in the same order.
    func interpreted(_ recipe: Recipe, _ data: Dataset) throws -> (
        gradients: NamedGradients, loss: Double, predictions: [Float]
    ) {
        try interpreted(in: Float.self, recipe, data)
    }

    func interpreted<Scalar: BinaryFloatingPoint & Sendable>(
        in scalar: Scalar.Type, _ recipe: Recipe, _ data: Dataset
    ) throws -> (gradients: NamedGradients, loss: Double, predictions: [Scalar]) {
        let graph = try Graph(recipe.model, input: input, outputs: outputs, loss: loss, withGradients: true)
        let parameters = graph.parameters.enumerated().map { $1.initialValues(seed: recipe.seed, index: $0) }
        let values = try interpreted(
            in: scalar, recipe, data, graph: graph, parameters: parameters.map { $0.map { Scalar($0) } })
        var gradients: NamedGradients = [:]
        for gradient in graph.gradients {
            gradients[graph.parameters[gradient.parameter].name] = values.gradient(of: gradient.parameter)?.map {
                Double($0)
            }
        }
        return (gradients, Double(values.meanLoss), values.predictions)
    }

    /// The values of a graph of this case's model on the same batch.
    func interpreted<Scalar: BinaryFloatingPoint & Sendable>(
        in scalar: Scalar.Type, _ recipe: Recipe, _ data: Dataset, graph: Graph, parameters: [[Scalar]]
    ) throws -> Interpreter<Scalar>.Values {
        let order = Array(EpochOrder(count: rows, seed: recipe.seed, epoch: 1))
        let ordered = data.rows(order)
        var inputs = [Float](repeating: 0, count: rows * data.featureCount)
        try inputs.withUnsafeMutableBufferPointer { try ordered.fill($0, rows: 0..<rows) }
        let targets: [Float] =
            switch ordered.targets {
            case .classes(let classes, let names):
                if case .ofProgram = loss {
                    oneHot(classes.map { Int($0) }, names.count).map { Float($0) }
                } else {
                    classes.map { Float($0) }
                }
            case .values(let values, _, _, _): values
            case .none: []
            }
        return Interpreter<Scalar>(graph: graph, parameters: parameters).run(
            .init(
                inputs: inputs.map { Scalar($0) }, targets: targets.map { Scalar($0) },
                weights: ordered.weights?.map { Scalar($0) }, examples: order.map { UInt64($0) },
                dropoutKey: CounterRandom.key(seed: recipe.seed, purpose: .dropout, epoch: 1)), rows: rows)
    }
}

extension Graph {
    fileprivate var predictionWidth: Int { shape(prediction).elements }
}
