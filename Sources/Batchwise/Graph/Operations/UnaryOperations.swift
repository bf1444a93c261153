import CKernels

/// y = f(x), element by element.
struct UnaryTraits: OperationTraits {
    let unary: Unary

    var ownership: Ownership { .replaces(0) }

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        let x = backward.inputs(of: node)[0]
        switch unary {
        case .scale: backward.accumulate(backward.add(.unary(unary), [dy]), into: x)
        case .offset: backward.accumulate(dy, into: x)
        default:
            let reference = unary.slopeFromOutput ? node : x
            backward.accumulate(backward.add(.unaryGradient(unary), [reference, dy]), into: x)
        }
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        let x = tangents.inputs(of: node)[0]
        guard let dx = tangents.tangent(of: x) else { return [] }
        switch unary {
        case .scale: return [tangents.add(.unary(unary), [dx])]
        case .offset: return [dx]
        default: return [tangents.add(.unaryGradient(unary), [unary.slopeFromOutput ? node : x, dx])]
        }
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        inputs[0].map { Scalar(unary.value(Double($0))) }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(
            BW_DO_UNARY, x: node.x(0), y: node.y, width: node.size, unary: unary.kernel.kind,
            constant: unary.kernel.constant)
    }
}

/// dx = f'(x) dy, where the reference tells the slope: the output where `Unary.slopeFromOutput`, else the input.
struct UnaryGradientTraits: OperationTraits {
    let unary: Unary

    var ownership: Ownership { .replaces(1) }

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        let inputs = tangents.inputs(of: node)
        let (reference, dy) = (inputs[0], inputs[1])
        var terms: [Int] = []
        if let tangent = tangents.tangent(of: dy) {
            terms.append(tangents.add(.unaryGradient(unary), [reference, tangent]))
        }
        if let tangent = tangents.tangent(of: reference) {
            let both = tangents.add(.binary(.multiply), [tangent, dy])
            terms += unary.addCurvature(at: reference, times: both, to: &tangents)
        }
        return terms
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        zip(inputs[0], inputs[1]).map { Scalar(Double($1) * unary.slope(Double($0))) }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(
            BW_DO_UNARY_GRADIENT, x: node.x(1), y: node.y, z: node.x(0), width: node.size,
            unary: unary.kernel.kind, constant: unary.kernel.constant)
    }
}
