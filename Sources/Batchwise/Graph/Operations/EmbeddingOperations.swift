import CKernels

/// y[p] = table[ids[p]]. Ids have no gradient.
struct EmbeddingTraits: OperationTraits {
    func shape(of inputs: [Shape]) -> Shape? { .batch(inputs[0].lengths + [inputs[1].width]) }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        let inputs = backward.inputs(of: node)
        try backward.addReduction(.embeddingGradient, [inputs[0], dy], of: inputs[1])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.embedding, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.embedding(ids: inputs[0], table: inputs[1], width: inputs.node.shape.width)
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(
            BW_DO_EMBEDDING, x: node.x(0), y: node.y, w: node.parameter(1), lead: node.lead, width: node.width)
    }
}

/// dTable[ids[p]] += dy[p]
struct EmbeddingGradientTraits: ReductionTraits {
    func shape(of inputs: [Shape]) -> Shape? { nil }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.embeddingGradient, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.embeddingGradient(
            ids: inputs[0], inputs[1], start: inputs.start, width: inputs.node.shape.width)
    }

    func reduction(_ node: CompiledNode, _ storage: WeightStorage) -> bw_reduction {
        var reduction = node.reduction(BW_REDUCE_EMBEDDING)
        reduction.example_rows = node.shape(0).elements
        (reduction.inputs, reduction.outputs) = (1, node.shape(1).width)
        return reduction
    }
}

extension Interpreter {
    /// y[p] = table[ids[p]]
    static func embedding(ids: [Scalar], table: [Scalar], width: Int) -> [Scalar] {
        ids.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }
    }

    /// dTable[ids[p]] += dy[p], in ascending order of the positions p.
    static func embeddingGradient(ids: [Scalar], _ dy: [Scalar], start: [Scalar], width: Int) -> [Scalar] {
        var sum = start
        for (position, id) in ids.enumerated() {
            for column in 0..<width { sum[Int(id) * width + column] += dy[position * width + column] }
        }
        return sum
    }
}
