import CKernels

extension Optimizer {
    /// Adam whose direction r, decay included, is made as long as the parameter: rate |w| / |r| [You 2020].
    ///
    /// The factor is 1 for parameters of one dimension, and where a norm is 0.
    public static func lamb(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-6, weightDecay: Float = 0.01
    ) -> Optimizer {
        Optimizer(LAMB(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay))
    }
}

struct LAMB: OptimizerRule {
    var beta1: Float
    var beta2: Float
    var epsilon: Float
    var weightDecay: Float

    var name: String { "lamb" }
    static var settings: [RuleSetting<LAMB>] {
        RuleSetting.runningMeans(\.beta1, \.beta2, \.epsilon) + [
            .number("weight-decay", \.weightDecay, .nonNegative)
        ]
    }
    var ownMomentum: Float? { beta1 }
    var stateNames: [String] { ["mean", "square"] }
    var defaultRate: Double { 0.005 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(BW_LAMB, rate: rate, decay: weightDecay)
        step.setRunningMeans(beta1: scheduled ?? beta1, beta2: beta2, epsilon: epsilon, number: number)
        return step
    }

    var need: WholeGradientNeed? { .directionNorms }

    func factor(_ norms: ParameterNorms) -> Double {
        norms.parameter > 0 && norms.vector > 0 ? norms.parameter / norms.vector : 1
    }
}
