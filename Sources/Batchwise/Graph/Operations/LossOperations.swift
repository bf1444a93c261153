import CKernels

/// For each example the loss, and 1 where the prediction is right (never for regression).
struct LossTraits: OperationTraits {
    let loss: Loss

    func shape(of inputs: [Shape]) -> Shape? { .batch([2]) }

    /// A backward pass begins at the prediction, with `lossGradient`.
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        let inputs = tangents.inputs(of: node)
        return tangents.tangent(of: inputs[0]).map { [tangents.add(.lossTangent(loss), inputs + [$0])] } ?? []
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        inputs.losses(loss).flatMap { z, t in [Scalar(loss.value(z, t)), loss.isRight(z, t) ? 1 : 0] }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        // with gradients, the gradient's instruction computes both
        guard node.graph.gradients.isEmpty else { return nil }
        let (operation, constant) = loss.kernel
        return Instruction(
            operation, x: node.x(0), z: node.x(1), u: 0, v: node.y, width: node.shape(0).elements, constant: constant,
            targetWidth: node.shape(1).elements)
    }
}

/// exampleWeight * d loss / d prediction
struct LossGradientTraits: OperationTraits {
    let loss: Loss

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        let inputs = tangents.inputs(of: node)
        return tangents.tangent(of: inputs[0]).map { [tangents.add(.lossGradientTangent(loss), inputs + [$0])] } ?? []
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let weights = inputs[2]
        return inputs.losses(loss).enumerated().flatMap { row, pair in
            loss.slopes(pair.predictions, pair.targets).map { Scalar(Double(weights[row]) * $0) }
        }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        let (operation, constant) = loss.kernel
        return Instruction(
            operation, x: node.x(0), y: node.y, z: node.x(1), u: node.x(2),
            v: node.graph.loss.map { node.tensor($0).offset }, width: node.size, constant: constant,
            targetWidth: node.shape(1).elements)
    }
}

extension Loss {
    var kernel: (operation: bw_operation, constant: Float) {
        switch self {
        case .softmaxCrossEntropy(let smoothing): (BW_DO_SOFTMAX_CROSS_ENTROPY, smoothing)
        case .binaryCrossEntropy: (BW_DO_BINARY_CROSS_ENTROPY, 0)
        case .meanSquaredError(let half): (BW_DO_MEAN_SQUARED_ERROR, half ? 0.5 : 1)
        case .huber(let delta): (BW_DO_HUBER, delta)
        case .ofProgram(let program): program.isLowered()
        }
    }
}

extension Interpreter.Operands {
    /// For each example the predictions, which are the first input, and the values that they should have, from the
    /// second: for softmax a probability for each class.
    func losses(_ loss: Loss) -> [(predictions: [Double], targets: [Double])] {
        let (predictions, targets, width) = (self[0], self[1], shape(0).elements)
        let rows = predictions.count / width
        return (0..<rows).map { row in
            (
                predictions[row * width..<(row + 1) * width].map { Double($0) },
                loss.targets(row, targets, rows, width)
            )
        }
    }
}
