extension Layer {
    /// Names this layer's part of its parameters' names: `logits.weight` instead of `4.weight`.
    public func named(_ name: String) -> NamedLayer<Self> {
        NamedLayer(name: name, layer: self)
    }

    /// Keeps this layer's parameters as they are: they get no gradient and no weight decay.
    ///
    /// A frozen `BatchNorm` normalises with its running statistics and leaves them alone.
    public func frozen() -> FrozenLayer<Self> {
        FrozenLayer(layer: self)
    }
}

/// A layer with a name of its own; made by `.named()`.
public struct NamedLayer<Wrapped: Layer>: PrimitiveLayer, NamedComponent {
    /// The name that the layer's parameters begin with.
    public let name: String
    /// The layer that is named.
    public let layer: Wrapped
    var componentName: String? { name }

    /// Adds the operations of the layer to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        try layer.lowered(x, into: &graph)
    }
}

/// A layer whose parameters stay as they are; `.frozen()` makes it.
public struct FrozenLayer<Wrapped: Layer>: PrimitiveLayer, NamedComponent {
    /// The layer that is frozen.
    public let layer: Wrapped
    var componentName: String? { (layer as? any NamedComponent)?.componentName }

    /// Adds the operations of the layer to the graph, with parameters that are not trained.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let outer = graph.isFrozen
        graph.isFrozen = true
        defer { graph.isFrozen = outer }
        return try layer.lowered(x, into: &graph)
    }
}

/// A layer that carries a name for its parameters.
protocol NamedComponent {
    var componentName: String? { get }
}
