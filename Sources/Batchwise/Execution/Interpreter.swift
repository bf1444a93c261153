/// Runs a graph with plain loops: the oracle that every kernel is tested against.
///
/// Each operation is written straight from its definition, for all rows of a batch at once, and never for speed.
/// Products and sums over the batch are chains of fused multiply-adds in ascending order, as the kernels promise: in
/// Float they agree bit for bit. All else is computed in Double and rounded once to `Scalar`.
package struct Interpreter<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
    package let graph: Graph
    /// The parameters, one array each, in the graph's own layout: dense `[in, out]`, convolutions
    /// `[groups, kernelHeight, kernelWidth, in / groups, out / groups]`.
    package let parameters: [[Scalar]]

    package init(graph: Graph, parameters: [[Scalar]]) {
        precondition(parameters.map(\.count) == graph.parameters.map(\.count), "parameters of other shapes")
        self.graph = graph
        self.parameters = parameters
    }

    /// Evaluates every node for `rows` examples.
    package func run(_ batch: Batch, rows: Int) -> Values {
        var batch = batch
        let weights = batch.weights ?? Array(repeating: 1, count: rows)
        batch.weights = weights
        if batch.examples.isEmpty { batch.examples = (0..<rows).map { UInt64($0) } }
        precondition(weights.count == rows && batch.examples.count == rows, "a batch of another size")

        var values = Values(graph: graph, weights: weights)
        for (index, node) in graph.nodes.enumerated() {
            let operands = Operands(index: index, parameters: parameters, values: values, batch: batch)
            let result = node.operation.traits.values(operands)
            let count = (node.shape.hasBatch ? rows : 1) * node.shape.elements
            precondition(
                result.count == count, "\(node.operation) of layer \(node.path): \(result.count) instead of \(count)")
            values.nodes.append(result)
        }
        return values
    }

    /// The inputs of an operation: the numbers and the shapes of a node's inputs.
    struct Operands {
        let index: Int
        let parameters: [[Scalar]]
        let values: Values
        let batch: Batch

        var graph: Graph { values.graph }
        var node: Graph.Node { graph.nodes[index] }

        /// The numbers of an input.
        subscript(position: Int) -> [Scalar] { values[node.inputs[position]] }

        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }

        /// The numbers of the third input, where there is one.
        var bias: [Scalar]? { node.inputs.count > 2 ? self[2] : nil }

        /// Whether an input is a weight that lies turned.
        func isTurned(_ position: Int) -> Bool {
            guard case .parameter(let index) = graph.nodes[node.inputs[position]].operation else { return false }
            return graph.weightStorages()[index] == .turned
        }

        /// The value from which the sum of a reduction goes on: the result of the parameter's reduction before it, or
        /// 0.
        var start: [Scalar] {
            for gradient in graph.gradients {
                if let place = gradient.reductions.firstIndex(of: index), place > 0 {
                    return values[gradient.reductions[place - 1]]
                }
            }
            return Array(repeating: 0, count: graph.shape(index).elements)
        }
    }
}
