/// Turns an image or sequence into one row: `[batch, height, width, channels]` to `[batch, channels * height * width]`,
/// channel by channel as in PyTorch, and `[batch, steps, width]` to `[batch, steps * width]`, step by step.
public struct Flatten: PrimitiveLayer {
    /// A layer that flattens its input.
    public init() {}
    /// Adds the flattening to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.flattened()
    }
}

extension Flatten: NotatedLayer {
    static let notation = "flatten"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
