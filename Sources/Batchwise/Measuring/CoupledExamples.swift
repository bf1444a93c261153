extension Recipe {
    /// The examples whose gradients cannot be told apart, because a layer normalises them together: the layer, and the
    /// smallest batch that is normalised as batches of training are. nil where every example has a gradient of its own.
    package func coupledExamples(of data: Dataset) throws -> (layer: String, batch: Int)? {
        let completed = try completed(for: data)
        let (outputs, _) = try BatchSource.widths(data, completed.loss ?? .meanSquaredError())
        let graph = try model.graph(inputShape: data.featureShape, outputs: outputs, purpose: .training)
        var found: (layer: String, batch: Int)?
        let most = min(batch.size, data.count)
        for node in graph.nodes {
            switch node.operation {
            case .moments(.ghost(let size, _, _, _)):
                let before = found?.batch ?? 1
                let (both, overflow) = (before / greatestCommonDivisor(before, size)).multipliedReportingOverflow(
                    by: size)
                found = (found?.layer ?? node.path, overflow ? most : min(both, most))
            case .moments(.batch): found = (found?.layer ?? node.path, most)
            default: continue
            }
        }
        return found
    }
}
