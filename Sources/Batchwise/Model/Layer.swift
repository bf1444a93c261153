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
/// Parameters are named by position, as in PyTorch's `Sequential`: `1.weight`, `1.bias`, `3.weight`…; `.named()` gives a
/// layer another name.
public protocol Layer: Sendable {
    associatedtype Body: Layer
    /// The layers that this one is made of, applied in order.
    @LayerBuilder var body: Body { get }
}

/// A layer that is not made of others: it turns its input into operations of the graph.
///
/// Its gradient comes from the graph. Shapes are checked here, before anything runs.
public protocol PrimitiveLayer: Layer where Body == EmptyLayer {
    /// The operations of this layer on `x`. Throws where its shape does not fit.
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol
}

extension PrimitiveLayer {
    public var body: EmptyLayer { return EmptyLayer() }
}

/// The layer that changes nothing.
public struct EmptyLayer: PrimitiveLayer {
    public typealias Body = EmptyLayer

    public init() {}
    public var body: EmptyLayer { return self }
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x }
}

/// Layers in order. What a layer builder makes; also a layer, so models can be put together at run time.
public struct LayerList: PrimitiveLayer {
    public var layers: [any Layer]

    /// Layers that a program has put together.
    public init(_ layers: [any Layer]) {
        self.layers = layers
    }

    /// Layers written one below the other.
    public init(@LayerBuilder _ content: () -> LayerList) {
        self = content()
    }

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
