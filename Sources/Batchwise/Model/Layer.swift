/// A part of a model, or a whole model: a value that says which layers it is made of.
///
/// ```swift
/// struct Classifier: Layer {
///     var width = 128
///     var body: some Layer {
///         Flatten()
///         Dense(width)
///         ReLU()
///         Dense(.classes)
///     }
/// }
/// ```
/// Parameters are named by position, as in PyTorch's `Sequential`: `1.weight`, `1.bias`, `3.weight`…; `.named()` gives
/// a layer another name.
public protocol Layer: Sendable {
    /// The type of the layers that make up this one.
    associatedtype Body: Layer
    /// The layers that this one is made of, applied in order.
    @LayerBuilder var body: Body { get }
}

/// A layer that is not made of others: it turns its input into operations of the graph.
///
/// Its gradient comes from the graph. Shapes are checked here, before anything runs.
public protocol PrimitiveLayer: Layer where Body == EmptyLayer {
    /// Adds the operations of this layer on `x` to the graph, and returns its output. Throws where the shape of `x`
    /// does not fit.
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol
}

extension PrimitiveLayer {
    /// No layers: a primitive layer is not made of others.
    public var body: EmptyLayer { return EmptyLayer() }
}

/// A layer that returns its input unchanged.
public struct EmptyLayer: PrimitiveLayer {
    /// The layer is its own body.
    public typealias Body = EmptyLayer

    /// A layer that returns its input unchanged.
    public init() {}
    /// The layer itself.
    public var body: EmptyLayer { return self }
    /// Returns `x`.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x }
}

/// Layers that are applied in order. A layer builder makes one, and a program may make one at run time, because it is a
/// layer itself.
public struct LayerList: PrimitiveLayer {
    /// The layers, in the order in which they are applied.
    public var layers: [any Layer]

    /// A list of layers that a program has put together.
    public init(_ layers: [any Layer]) {
        self.layers = layers
    }

    /// A list of layers that are written one below the other.
    public init(@LayerBuilder _ content: () -> LayerList) {
        self = content()
    }

    /// Adds the operations of all layers to the graph, each on the output of the one before.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        var y = x
        for (index, layer) in layers.enumerated() {
            let name = (layer as? any NamedComponent)?.componentName ?? String(index)
            y = try graph.apply(layer, to: y, named: name)
        }
        return y
    }
}

extension Layer {
    func lowered(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard let primitive = self as? any PrimitiveLayer else { return try body.lowered(x, into: &graph) }
        let y = try primitive.lower(x, into: &graph)
        if let failure = graph.recorder.failure { throw failure }
        return y
    }

    /// The forward graph of this model for examples of `inputShape`, ending in `Graph.prediction`.
    package func graph(inputShape: [Int], outputs: Int, purpose: Purpose) throws(GraphError) -> Graph {
        var builder = GraphBuilder(purpose: purpose, outputs: outputs)
        let input = builder.add(.input, [], .batch(inputShape))
        let prediction = try lowered(input, into: &builder)
        var graph = builder.recorder.graph
        graph.prediction = prediction.node
        return graph
    }
}
