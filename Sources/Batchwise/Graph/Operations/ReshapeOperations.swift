import CKernels

/// The elements of the input in another shape: it needs no instruction and no memory.
struct ReshapeTraits: OperationTraits {
    var ownership: Ownership { .view }
    var keepsNumbers: Bool { true }

    func shape(of inputs: [Shape]) -> Shape? { nil }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        let x = backward.inputs(of: node)[0]
        backward.accumulate(backward.add(.reshape, [dy], backward.graph.shape(x)), into: x)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.reshape, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] { inputs[0] }

    func instruction(_ node: CompiledNode) -> Instruction? { nil }
}

/// Numbers rounded to bfloat16, two rows next to each other. The interpreter, which knows no bfloat16, keeps them.
struct PairRowsTraits: OperationTraits {
    var keepsNumbers: Bool { true }

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        // rounding has no derivative: the tangent of a graph is taken before its products are rounded
        throw tangents.noTangent(of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] { inputs[0] }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_PAIR_ROWS, x: node.x(0), y: node.y, lead: node.lead, width: node.width)
    }
}
