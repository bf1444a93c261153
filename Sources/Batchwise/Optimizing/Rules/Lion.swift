import CKernels

extension Optimizer {
    /// The sign of beta1 m + (1 - beta1) g, with decoupled decay; m <- beta2 m + (1 - beta2) g [Chen 2023].
    public static func lion(beta1: Float = 0.9, beta2: Float = 0.99, weightDecay: Float = 0.01) -> Optimizer {
        Optimizer(Lion(beta1: beta1, beta2: beta2, weightDecay: weightDecay))
    }
}

struct Lion: OptimizerRule {
    var beta1: Float
    var beta2: Float
    var weightDecay: Float

    var name: String { "lion" }
    static var settings: [RuleSetting<Lion>] {
        [
            .number("beta1", \.beta1, .fraction), .number("beta2", \.beta2, .fraction),
            .number("weight-decay", \.weightDecay, .nonNegative),
        ]
    }
    var ownMomentum: Float? { beta1 }
    var stateNames: [String] { ["mean"] }
    var defaultRate: Double { 0.0003 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(BW_LION, rate: rate, decay: weightDecay, isDecoupled: true)
        (step.beta1, step.beta2) = (scheduled ?? beta1, beta2)
        return step
    }
}
