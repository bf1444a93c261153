/// A model as it is trained, but for dropout: names and parameters stay the same.
struct WithoutDropout: PrimitiveLayer {
    let model: any Layer

    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        graph.omitsDropout = true
        return try model.lowered(x, into: &graph)
    }
}
