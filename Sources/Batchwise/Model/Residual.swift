/// x + f(x), f the layers given [He 2016].
///
/// # Shapes
/// f must keep the shape of its input. Parameters are named under this layer: `3.0.weight`.
public struct Residual: PrimitiveLayer {
    /// The layers of the branch f.
    public var layers: LayerList

    /// The branch, written one layer below the other.
    public init(@LayerBuilder _ content: () -> LayerList) {
        layers = content()
    }

    /// The branch, put together by a program.
    public init(_ layers: LayerList) {
        self.layers = layers
    }

    /// Adds x + f(x) to the graph. Throws where f changes the shape of `x`.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let y = try layers.lower(x, into: &graph)
        guard y.shape == x.shape else {
            throw .shape(at: graph.path, expected: "\(x.shape) from the residual branch, as its input", found: y.shape)
        }
        return y + x
    }
}

extension Residual: NotatedLayer {
    static let notation = "residual"
    static let shorthand: String? = "layers"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let value = reader.value("layers") else {
            throw reader.missing("layers", "a list of layers")
        }
        self.init(try LayerList(notation: value, at: reader.path, layers: reader.layers))
    }
    var settings: [RecipeValue.Entry] {
        // a branch that no recipe can hold has been refused before this is asked for
        [.init("layers", (try? layers.notation()) ?? .null)]
    }
}
