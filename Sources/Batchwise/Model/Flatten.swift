/// Turns an image or sequence into one row: `[batch, height, width, channels]` to `[batch, height * width * channels]`.
public struct Flatten: PrimitiveLayer {
    /// A layer that flattens its input.
    public init() {}
    /// Adds the reshaping to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.reshaped([x.shape.elements])
    }
}

extension Flatten: NotatedLayer {
    static let notation = "flatten"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
