/// The purpose that a graph is compiled for, given as an argument of compilation and never kept as a mode.
public enum Purpose: Sendable, Hashable {
    /// In training, dropout is active and batch normalisation uses the batch's statistics; in inference, neither is the
    /// case.
    case training, inference
}

/// Records the operations of a model as its layers are lowered.
public struct GraphBuilder {
    /// The nodes so far. Symbols share it, so that arithmetic on them records itself.
    package final class Recorder {
        var graph = Graph()
        /// The names of the layers around, which parameters begin with, and the kind of the innermost.
        var path: [String] = []
        var kinds: [String] = []
        /// The layers so far, those within others counted too.
        var layers = 0
        var parameterNames: Set<String> = []
        /// The first mistake made in symbol arithmetic, thrown when the layer returns.
        var failure: GraphError?
    }

    /// The most layers of a model, those within others counted too: the time to plan one grows with their square.
    static let mostLayers = 1024

    package let recorder = Recorder()
    /// Training or inference.
    public let purpose: Purpose
    /// The width of the model's output that the targets ask for: classes, or values.
    public let outputs: Int
    package var isFrozen = false
    package var dropoutStreams = 0
    /// Whether dropout is left out of a training graph.
    package var omitsDropout = false

    package init(purpose: Purpose, outputs: Int) {
        self.purpose = purpose
        self.outputs = outputs
    }

    /// The layer being lowered, for messages: `3.0 (dense)`.
    public var path: String { recorder.place }

    /// Adds a parameter of the layer being lowered. Weights usually decay; biases, gains and shifts do not.
    public mutating func parameter(
        _ name: String, _ shape: [Int], _ initialisation: Initialisation, decays: Bool = false
    ) -> Symbol {
        parameter(name, shape, initialisation, layout: .plain, decays: decays)
    }

    package mutating func parameter(
        _ name: String, _ shape: [Int], _ initialisation: Initialisation, layout: Parameter.Layout, decays: Bool,
        isStatistic: Bool = false
    ) -> Symbol {
        let full = (recorder.path + [name]).joined(separator: ".")
        if !recorder.parameterNames.insert(full).inserted {
            recorder.failure = recorder.failure ?? .duplicateName(full)
        }
        recorder.check(shape, "parameter \(name)")
        recorder.graph.parameters.append(
            Parameter(
                name: full, shape: shape, initialisation: initialisation, layout: layout,
                isTrainable: !isFrozen && !isStatistic, isStatistic: isStatistic, decays: decays))
        return add(.parameter(recorder.graph.parameters.count - 1), [], .fixed(shape))
    }

    package func add(_ operation: Operation, _ inputs: [Symbol], _ shape: Shape? = nil) -> Symbol {
        recorder.add(operation, inputs, shape)
    }

    /// Lowers a layer inside another, under a name of its own.
    public mutating func apply(_ layer: some Layer, to x: Symbol, named name: String) throws(GraphError) -> Symbol {
        recorder.path.append(name)
        recorder.kinds.append(LayerList.kind(of: layer))
        defer {
            recorder.path.removeLast()
            recorder.kinds.removeLast()
        }
        recorder.layers += 1
        guard recorder.layers <= Self.mostLayers else {
            throw .setting(at: path, "a model has at most \(Self.mostLayers) layers")
        }
        let y = try layer.lowered(x, into: &self)
        if let failure = recorder.failure { throw failure }
        return y
    }
}

extension GraphBuilder.Recorder {
    var place: String {
        guard let kind = kinds.last else { return "model" }
        return "\(path.joined(separator: ".")) (\(kind))"
    }

    /// Records the failure of a tensor that is larger than any that makes sense.
    func check(_ lengths: [Int], _ what: String) {
        let size = lengths.reduce(1.0) { $0 * Double($1) }
        guard size > Double(Int.largestTensor), failure == nil else { return }
        failure = .setting(at: place, "\(what) of shape \(lengths) is too large")
    }

    func add(_ operation: Operation, _ inputs: [Symbol], _ shape: Shape?) -> Symbol {
        let node = graph.append(operation, inputs.map(\.node), shape, path: place)
        check(graph.shape(node).lengths, "an output")
        return Symbol(recorder: self, node: node, shape: graph.shape(node))
    }
}
