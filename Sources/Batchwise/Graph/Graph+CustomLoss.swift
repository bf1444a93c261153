extension Graph {
    /// Adds the operations of a loss of the program's own, and gives the node of the examples' losses, `[batch, 1]`.
    mutating func lower(_ program: ProgramLoss, target: Int, purpose: Purpose) throws(GraphError) -> Int {
        var builder = GraphBuilder(purpose: purpose, outputs: shape(prediction).width)
        let recorder = builder.recorder
        recorder.graph = self
        recorder.path = ["loss"]
        recorder.kinds = [program.name]
        func symbol(_ node: Int) -> Symbol { Symbol(recorder: recorder, node: node, shape: shape(node)) }

        let losses = try program.loss.lower(
            predictions: symbol(prediction), targets: symbol(target), into: &builder)
        if let failure = recorder.failure { throw failure }
        guard losses.recorder === recorder, losses.shape == .batch([1]) else {
            throw .shape(at: recorder.place, expected: "[batch, 1], the loss of each example", found: losses.shape)
        }
        guard recorder.graph.parameters.count == parameters.count else {
            throw .unsupported(at: recorder.place, "a loss has no parameters: give them to a layer of the model")
        }
        guard recorder.graph.dependsOnPrediction(losses.node) else {
            throw .unsupported(at: recorder.place, "the loss does not depend on the predictions")
        }
        self = recorder.graph
        return losses.node
    }

    /// Whether the prediction is among the nodes that a later one is computed from.
    private func dependsOnPrediction(_ node: Int) -> Bool {
        var depends = [Bool](repeating: false, count: nodes.count)
        depends[prediction] = true
        for index in nodes.indices.dropFirst(prediction + 1) {
            depends[index] = nodes[index].inputs.contains { depends[$0] }
        }
        return depends[node]
    }
}
