import CKernels

extension Optimizer {
    /// Momentum made nearly orthogonal by five Newton-Schulz steps, for the weights of hidden dense layers and of
    /// convolutions, seen as matrices [outputs, inputs]; AdamW for everything else: the last layer, embeddings, biases,
    /// gains and shifts [Jordan 2024].
    ///
    /// The coefficients are (3.4445, -4.7750, 2.0315), as in torch.optim.Muon, whose products are of bfloat16; these
    /// are of float32.
    public static func muon(
        momentum: Float = 0.95, nesterov: Bool = true, weightDecay: Float = 0.1, length: MuonLength = .adamW,
        beta1: Float = 0.9, beta2: Float = 0.95, epsilon: Float = 1e-10
    ) -> Optimizer {
        Optimizer(
            Muon(
                momentum: momentum, nesterov: nesterov, weightDecay: weightDecay, length: length, beta1: beta1,
                beta2: beta2, epsilon: epsilon))
    }

    /// The length of the step of a matrix [outputs, inputs], relative to the rate.
    public enum MuonLength: String, Hashable, Sendable, CaseIterable {
        /// 0.2 sqrt(max(outputs, inputs)): about as long as AdamW's, so that one rate serves both [Liu 2025].
        case adamW = "adamw"
        /// sqrt(max(1, outputs / inputs)) [Jordan 2024].
        case original

        func factor(outputs: Int, inputs: Int) -> Float {
            switch self {
            case .adamW: 0.2 * Float(max(outputs, inputs)).squareRoot()
            case .original: max(1, Float(outputs) / Float(inputs)).squareRoot()
            }
        }
    }
}

/// Its matrices, and the memory that they need, are in `Muon+Matrices.swift`.
struct Muon: OptimizerRule {
    var momentum: Float
    var nesterov: Bool
    var weightDecay: Float
    var length: Optimizer.MuonLength
    var beta1: Float
    var beta2: Float
    var epsilon: Float

    var name: String { "muon" }
    static var settings: [RuleSetting<Muon>] {
        [
            .number("momentum", \.momentum, .fraction), .flag("nesterov", \.nesterov, omitted: true),
            .number("weight-decay", \.weightDecay, .nonNegative), .choice("length", \.length),
        ] + RuleSetting.runningMeans(\.beta1, \.beta2, \.epsilon)
    }
    var ownMomentum: Float? { momentum }
    /// AdamW's; a matrix keeps its momentum in the first one.
    var stateNames: [String] { ["mean", "square"] }
    var defaultRate: Double { 0.002 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(BW_MUON, rate: rate, decay: weightDecay, isDecoupled: true)
        step.momentum = scheduled ?? momentum
        step.nesterov = nesterov ? 1 : 0
        return step
    }

    func vectorStep(rate: Double, number: Int) -> bw_step? {
        var step = bw_step(BW_ADAM, rate: rate, decay: weightDecay, isDecoupled: true)
        step.setRunningMeans(beta1: beta1, beta2: beta2, epsilon: epsilon, number: number)
        return step
    }

    var need: WholeGradientNeed? { .orthogonalDirections }
}
