import CKernels

extension Optimizer {
    /// g over the root of its mean square, or of its variance where centered [Tieleman 2012, Graves 2013].
    public static func rmsprop(
        smoothing: Float = 0.99, epsilon: Float = 1e-8, momentum: Float = 0, centered: Bool = false,
        weightDecay: Float = 0
    ) -> Optimizer {
        Optimizer(
            RMSProp(
                smoothing: smoothing, epsilon: epsilon, momentum: momentum, centered: centered,
                weightDecay: weightDecay))
    }
}

struct RMSProp: OptimizerRule {
    var smoothing: Float
    var epsilon: Float
    var momentum: Float
    var centered: Bool
    var weightDecay: Float

    var name: String { "rmsprop" }
    static var settings: [RuleSetting<RMSProp>] {
        [
            .number("smoothing", \.smoothing, .fraction), .number("epsilon", \.epsilon, .positive),
            .number("momentum", \.momentum, .fraction), .flag("centered", \.centered),
            .number("weight-decay", \.weightDecay, .nonNegative),
        ]
    }
    var ownMomentum: Float? { momentum == 0 ? nil : momentum }
    var stateNames: [String] {
        ["square"] + (centered ? ["mean"] : []) + (momentum == 0 ? [] : ["momentum"])
    }
    var defaultRate: Double { momentum == 0 ? 0.001 : 0.0003 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(BW_RMSPROP, rate: rate, decay: weightDecay)
        (step.beta2, step.epsilon) = (smoothing, epsilon)
        step.momentum = momentum > 0 ? scheduled ?? momentum : 0
        step.is_centered = centered ? 1 : 0
        return step
    }
}
