import CKernels

/// y = (x - mean) / sqrt(variance + epsilon) for each channel, with statistics that training does not change.
struct RunningNormaliseTraits: OperationTraits {
    let epsilon: Float

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        let inputs = backward.inputs(of: node)
        backward.accumulate(
            backward.add(.runningNormaliseGradient(epsilon: epsilon), [dy, inputs[2]]), into: inputs[0])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        let inputs = tangents.inputs(of: node)
        guard tangents.tangent(of: inputs[1]) == nil, tangents.tangent(of: inputs[2]) == nil else {
            throw tangents.noTangent(of: node)
        }
        return tangents.tangent(of: inputs[0]).map {
            [tangents.add(.runningNormaliseGradient(epsilon: epsilon), [$0, inputs[2]])]
        } ?? []
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.runningNormalise(inputs[0], mean: inputs[1], variance: inputs[2], epsilon: epsilon)
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(
            BW_DO_RUNNING_NORMALISE, x: node.x(0), y: node.y, w: node.parameter(2), bias: node.parameter(1),
            lead: node.lead, width: node.width, constant: epsilon)
    }
}

/// dx = dy / sqrt(variance + epsilon)
struct RunningNormaliseGradientTraits: OperationTraits {
    let epsilon: Float

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        let inputs = tangents.inputs(of: node)
        guard tangents.tangent(of: inputs[1]) == nil else { throw tangents.noTangent(of: node) }
        return tangents.tangent(of: inputs[0]).map {
            [tangents.add(.runningNormaliseGradient(epsilon: epsilon), [$0, inputs[1]])]
        } ?? []
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.runningNormalise(inputs[0], mean: nil, variance: inputs[1], epsilon: epsilon)
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(
            BW_DO_RUNNING_NORMALISE, x: node.x(0), y: node.y, w: node.parameter(1), lead: node.lead,
            width: node.width, constant: epsilon)
    }
}

extension Interpreter {
    /// A mean of nil counts as 0.
    static func runningNormalise(
        _ x: [Scalar], mean: [Scalar]?, variance: [Scalar], epsilon: Float
    ) -> [Scalar] {
        x.indices.map { index in
            let channel = index % variance.count
            let distance = Double(x[index]) - Double(mean?[channel] ?? 0)
            return Scalar(distance / (Double(variance[channel]) + Double(epsilon)).squareRoot())
        }
    }
}
