import Foundation

@testable import Batchwise

/// Repeatable numbers for tests.
struct TestNumbers {
    private var state: UInt64

    init(_ seed: String) {
        state = seed.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// A number in [0, 1).
    mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let word = state ^ (state >> 29)
        return Double((word &* 0x9FB2_1C65_1E98_DF25) >> 11) * 0x1p-53
    }

    mutating func normal() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * Double.pi * uniform())
    }

    mutating func below(_ limit: Int) -> Int { Int(uniform() * Double(limit)) }

    mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }
}

/// Each label as a row with 1 in its place.
func oneHot(_ labels: [Int], _ width: Int) -> [Double] {
    labels.flatMap { label in (0..<width).map { $0 == label ? 1 : 0 } }
}

/// Layers in order, for tests that build many small models.
func layers(_ layers: any Layer...) -> LayerList { LayerList(layers) }

/// Layers behind a shift of their input: its gradient, before it is summed over the batch, is the input's.
struct Shifted: PrimitiveLayer {
    var layers: LayerList

    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let shift = graph.parameter("shift", x.shape.lengths, .zeros)
        return try layers.lower(x + shift, into: &graph)
    }
}

extension Graph {
    /// The forward graph of `model` with a loss, and gradients where they are asked for.
    init(_ model: some Layer, input: [Int], outputs: Int, loss: Loss, withGradients: Bool) throws {
        self = try model.graph(inputShape: input, outputs: outputs, purpose: .training)
        let width = if case .softmaxCrossEntropy = loss { 0 } else { shape(prediction).elements }
        try appendLoss(loss, targetWidth: width, withGradients: withGradients)
    }

    /// The node that holds the gradient of the loss with respect to the input of a `Shifted` model.
    var inputGradient: Int? {
        guard let shift = parameters.firstIndex(where: { $0.name == "shifted.shift" }) else { return nil }
        return gradients.first { $0.parameter == shift }.map { nodes[$0.reductions[0]].inputs[0] }
    }
}

/// Gradients by name of parameter, and `input` for the input's.
typealias NamedGradients = [String: [Double]]

/// The differences of two sets of gradients: one line for each, and none where they agree.
func differences(_ found: NamedGradients, _ expected: NamedGradients, tolerance: Double = 1e-6) -> [String] {
    var lines: [String] = []
    for name in Set(found.keys).union(expected.keys).sorted() {
        guard let a = found[name], let b = expected[name], a.count == b.count else {
            lines.append("\(name): \(found[name]?.count ?? 0) numbers instead of \(expected[name]?.count ?? 0)")
            continue
        }
        // An element is held against the largest of its array: elements that cancel to almost 0 have no digits left.
        let scale = b.reduce(1e-2) { max($0, abs($1)) }
        for index in a.indices where !(abs(a[index] - b[index]) <= tolerance * scale) {
            lines.append("\(name)[\(index)]: \(a[index]) instead of \(b[index])")
        }
    }
    return lines
}

/// A model with data: its gradients from the graph, and from differences of its loss.
struct GradientCheck {
    let training, forward: Graph
    var parameters: [[Double]]
    var batch: Interpreter<Double>.Batch
    let rows: Int

    init(
        training: Graph, forward: Graph, parameters: [[Double]], batch: Interpreter<Double>.Batch, rows: Int
    ) {
        self.training = training
        self.forward = forward
        self.parameters = parameters
        self.batch = batch
        self.rows = rows
    }

    init(_ example: GradientCase) throws {
        var numbers = TestNumbers(example.name)
        rows = example.rows
        let layers = LayerList([example.model])
        let model = example.ids == nil ? LayerList([Shifted(layers: layers).named("shifted")]) : layers
        func graph(withGradients: Bool) throws -> Graph {
            try Graph(
                model, input: example.input, outputs: example.outputs, loss: example.loss,
                withGradients: withGradients)
        }
        training = try graph(withGradients: true)
        forward = try graph(withGradients: false)
        parameters = forward.parameters.map { parameter in
            let isPositive = parameter.initialisation == .ones  // gains and variances stay away from 0
            return (0..<parameter.count).map { _ in
                isPositive ? 0.6 + numbers.uniform() : 0.6 * numbers.normal()
            }
        }
        let elements = example.rows * example.input.reduce(1, *)
        batch = .init(
            inputs: example.ids.map { ids in (0..<elements).map { _ in Double(numbers.below(ids)) } }
                ?? numbers.normals(elements),
            examples: (0..<example.rows).map { _ in UInt64(numbers.below(60_000)) }, dropoutKey: 0x1234_5678_9ABC_DEF0)
        let width = forward.shape(forward.prediction).elements
        batch.targets =
            switch example.loss {
            case .softmaxCrossEntropy: (0..<example.rows).map { _ in Double(numbers.below(width)) }
            case .binaryCrossEntropy: (0..<example.rows * width).map { _ in Double(numbers.below(2)) }
            case .meanSquaredError, .huber: numbers.normals(example.rows * width)
            case .ofProgram(let program) where program.loss.isClassification:
                oneHot((0..<example.rows).map { _ in numbers.below(width) }, width)
            case .ofProgram: numbers.normals(example.rows * width)
            }
        if example.isWeighted {
            // The weights are unequal, and one of them is 0.
            batch.weights = (0..<example.rows).map { $0 == 1 ? 0 : 0.2 + 2 * numbers.uniform() }
        }
    }

    /// The gradients of the graph's own gradient nodes.
    func gradients(of graph: Graph? = nil) -> NamedGradients {
        let graph = graph ?? training
        let values = Interpreter(graph: graph, parameters: parameters).run(batch, rows: rows)
        var gradients: NamedGradients = [:]
        for (index, parameter) in graph.parameters.enumerated() {
            gradients[parameter.name] = values.gradient(of: index)
        }
        if let node = graph.inputGradient { gradients["input"] = values[node] }
        return gradients
    }

    /// (loss(p + h) - loss(p - h)) / 2h for every trainable number and every number of the input.
    func finiteDifferences() -> NamedGradients {
        var gradients: NamedGradients = [:]
        for (index, parameter) in forward.parameters.enumerated() where parameter.isTrainable {
            gradients[parameter.name] = parameters[index].indices.map { element in
                slope { moved, h in moved.parameters[index][element] += h }
            }
        }
        if training.inputGradient != nil {
            gradients["input"] = batch.inputs.indices.map { element in
                slope { moved, h in moved.batch.inputs[element] += h }
            }
        }
        return gradients
    }

    private func slope(_ move: (inout GradientCheck, Double) -> Void) -> Double {
        let h = 1e-5
        func loss(_ h: Double) -> Double {
            var moved = self
            move(&moved, h)
            let values = Interpreter(graph: forward, parameters: moved.parameters).run(moved.batch, rows: rows)
            return values.meanLoss
        }
        return (loss(h) - loss(-h)) / (2 * h)
    }
}
