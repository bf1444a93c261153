/// Runs a graph with plain loops: the oracle that every kernel is tested against.
///
/// Each operation is written straight from its definition, for all rows of a batch at once, and never for speed.
/// Products and sums over the batch are chains of fused multiply-adds in ascending order, as the kernels promise: in
/// Float they agree bit for bit. All else is computed in Double and rounded once to `Scalar`.
package struct Interpreter<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
    package let graph: Graph
    /// One array a parameter, in the graph's own layout: dense `[in, out]`, convolutions
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
            let result = evaluate(index, values, batch)
            let count = (node.shape.hasBatch ? rows : 1) * node.shape.elements
            precondition(
                result.count == count, "\(node.operation) of layer \(node.path): \(result.count) instead of \(count)")
            values.nodes.append(result)
        }
        return values
    }

    private func isTurned(_ node: Int) -> Bool {
        guard case .parameter(let index) = graph.nodes[node].operation else { return false }
        return graph.weightStorage(index) == .turned
    }

    private func evaluate(_ index: Int, _ values: Values, _ batch: Batch) -> [Scalar] {
        let node = graph.nodes[index]
        func value(_ position: Int) -> [Scalar] { values[node.inputs[position]] }
        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }
        func bias() -> [Scalar]? { node.inputs.count > 2 ? value(2) : nil }

        switch node.operation {
        case .input, .sparseInput: return batch.inputs
        case .target: return batch.targets
        case .share: return Self.shares(of: batch.weights ?? [])
        case .parameter(let parameter): return parameters[parameter]

        case .dense:
            let product = isTurned(node.inputs[1]) ? Self.narrowDense : Self.dense
            return product(value(0), value(1), bias(), node.shape.width)
        case .denseInputGradient: return Self.denseInputGradient(value(0), value(1), inputs: node.shape.width)
        case .convolution(let convolution):
            return Self.convolution(convolution, value(0), value(1), bias: bias())
        case .convolutionInputGradient(let convolution):
            return Self.convolutionInputGradient(convolution, value(0), value(1))
        case .pad(let pad): return Self.pad(pad, value(0))

        case .unary(let unary): return Self.unary(unary, value(0))
        case .unaryGradient(let unary): return Self.unaryGradient(unary, reference: value(0), value(1))
        case .binary(let binary):
            return Self.binary(binary, value(0), value(1), shape(0), shape(1))
        case .dropout(let rate, let stream): return Self.dropout(value(0), rate: rate, stream: stream, batch)
        case .sumLast: return Self.sumLast(value(0), width: shape(0).width)
        case .spreadLast: return Self.spreadLast(value(0), width: node.shape.width)
        case .reshape, .pairRows: return value(0)

        case .maxPool(let pool): return Self.maxPool(pool, value(0))
        case .maxPoolGradient(let pool): return Self.maxPoolGradient(pool, value(0), value(1))
        case .averagePool(let pool): return Self.averagePool(pool, value(0))
        case .averagePoolGradient(let pool): return Self.averagePoolGradient(pool, value(0))

        case .moments(let normalisation): return Self.moments(normalisation, value(0))
        case .normalise(let normalisation): return Self.normalise(normalisation, value(0), moments: value(1))
        case .normaliseGradient(let normalisation):
            return Self.normaliseGradient(normalisation, normal: value(0), moments: value(1), value(2))
        case .runningNormalise(let epsilon):
            return Self.runningNormalise(value(0), mean: value(1), variance: value(2), epsilon: epsilon)
        case .runningNormaliseGradient(let epsilon):
            return Self.runningNormalise(value(0), mean: nil, variance: value(1), epsilon: epsilon)

        case .embedding: return Self.embedding(ids: value(0), table: value(1), width: node.shape.width)

        case .loss(let loss): return Self.losses(loss, value(0), value(1), width: shape(0).elements)
        case .lossGradient(let loss):
            return Self.lossGradient(loss, value(0), value(1), shares: value(2), width: shape(0).elements)

        case .denseWeightGradient:
            return Self.denseWeightGradient(value(0), value(1), start: start(of: index, values), node.shape)
        case .convolutionWeightGradient(let convolution):
            return Self.convolutionWeightGradient(
                convolution, value(0), value(1), start: start(of: index, values))
        case .embeddingGradient:
            return Self.embeddingGradient(
                ids: value(0), value(1), start: start(of: index, values), width: node.shape.width)
        case .sumRows: return Self.sumRows(value(0), start: start(of: index, values))
        }
    }

    /// Where the sum of a reduction begins: at the parameter's reduction before it, or at 0.
    private func start(of index: Int, _ values: Values) -> [Scalar] {
        for gradient in graph.gradients {
            if let place = gradient.reductions.firstIndex(of: index), place > 0 {
                return values[gradient.reductions[place - 1]]
            }
        }
        return Array(repeating: 0, count: graph.shape(index).elements)
    }

    private static func shares(of weights: [Scalar]) -> [Scalar] {
        let sum = weights.reduce(0.0) { $0 + Double($1) }
        return weights.map { Scalar(Double($0) / sum) }
    }
}
