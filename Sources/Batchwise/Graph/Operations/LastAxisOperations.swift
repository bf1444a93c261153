import CKernels

/// The sum over the last axis, whose length becomes 1.
struct SumLastTraits: OperationTraits {
    func shape(of inputs: [Shape]) -> Shape? { inputs[0].with(width: 1) }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        let x = backward.inputs(of: node)[0]
        backward.accumulate(backward.add(.spreadLast, [dy], backward.graph.shape(x)), into: x)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.sumLast, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (x, width) = (inputs[0], inputs.shape(0).width)
        return (0..<x.count / width).map { row in
            Scalar(x[row * width..<(row + 1) * width].reduce(0.0) { $0 + Double($1) })
        }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_SUM_LAST, x: node.x(0), y: node.y, lead: node.size, width: node.shape(0).width)
    }
}

/// Each number of a last axis of 1, as often as the result is wide.
struct SpreadLastTraits: OperationTraits {
    func shape(of inputs: [Shape]) -> Shape? { nil }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        backward.accumulate(backward.add(.sumLast, [dy]), into: backward.inputs(of: node)[0])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.spreadLast, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        inputs[0].flatMap { Array(repeating: $0, count: inputs.node.shape.width) }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_SPREAD_LAST, x: node.x(0), y: node.y, lead: node.lead, width: node.width)
    }
}
