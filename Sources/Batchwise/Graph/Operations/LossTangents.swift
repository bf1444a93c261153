import CKernels
import Foundation

/// The tangent of each example's loss, and 0 for the count of right predictions, which is constant almost everywhere.
struct LossTangentTraits: TangentTraits {
    let loss: Loss

    func shape(of inputs: [Shape]) -> Shape? { .batch([2]) }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (tangent, width) = (inputs[2], inputs.shape(0).elements)
        return inputs.losses(loss).enumerated().flatMap { row, pair -> [Scalar] in
            let slopes = loss.slopes(pair.predictions, pair.targets)
            return [Scalar(slopes.indices.reduce(0.0) { $0 + slopes[$1] * Double(tangent[row * width + $1]) }), 0]
        }
    }

    func instruction(_ node: CompiledNode) throws(PlanError) -> Instruction? { throw node.noKernel }
}

/// exampleWeight * d^2 loss / d prediction^2 times the tangent of the prediction.
struct LossGradientTangentTraits: TangentTraits {
    let loss: Loss

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (weights, tangent, width) = (inputs[2], inputs[3].map { Double($0) }, inputs.shape(0).elements)
        return inputs.losses(loss).enumerated().flatMap { row, pair in
            loss.slopeTangents(pair.predictions, pair.targets, Array(tangent[row * width..<(row + 1) * width]))
                .map { Scalar(Double(weights[row]) * $0) }
        }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        let (operation, constant) = loss.tangentKernel
        return Instruction(
            operation, x: node.x(0), y: node.y, z: node.x(1), u: node.x(2), v: node.x(3), width: node.size,
            constant: constant, targetWidth: node.shape(1).elements)
    }
}

extension Loss {
    fileprivate var tangentKernel: (operation: bw_operation, constant: Float) {
        switch self {
        case .softmaxCrossEntropy: (BW_DO_SOFTMAX_CROSS_ENTROPY_TANGENT, 0)
        case .binaryCrossEntropy: (BW_DO_BINARY_CROSS_ENTROPY_TANGENT, 0)
        case .meanSquaredError(let half): (BW_DO_MEAN_SQUARED_ERROR_TANGENT, half ? 0.5 : 1)
        case .huber(let delta): (BW_DO_HUBER_TANGENT, delta)
        case .ofProgram(let program): program.isLowered()
        }
    }

    /// How d loss / d z moves where z moves along `dz`; at the corners of the Huber loss, as inside them.
    fileprivate func slopeTangents(_ z: [Double], _ t: [Double], _ dz: [Double]) -> [Double] {
        let width = Double(z.count)
        switch self {
        case .softmaxCrossEntropy:  // p (dz - sum p dz)
            let p = logSoftmax(z).map { exp($0) }
            let mean = zip(p, dz).reduce(0.0) { $0 + $1.0 * $1.1 }
            return zip(p, dz).map { $0 * ($1 - mean) }
        case .binaryCrossEntropy:
            return zip(z, dz).map { z, dz in
                let small = exp(-abs(z))
                return small / ((1 + small) * (1 + small)) * dz / width
            }
        case .meanSquaredError(let half): return dz.map { $0 * (half ? 1 : 2) / width }
        case .huber(let delta):
            return z.indices.map { abs(z[$0] - t[$0]) <= Double(delta) ? dz[$0] / width : 0 }
        case .ofProgram(let program): program.isLowered()
        }
    }
}
