import CKernels

extension Optimizer {
    /// SGD whose gradient g + weightDecay w is multiplied by trust |w| / (|g| + weightDecay |w|) in each parameter
    /// [You 2017].
    ///
    /// The factor is 1 for parameters of one dimension, and where a norm is 0.
    public static func lars(momentum: Float = 0.9, trust: Float = 0.02, weightDecay: Float = 0.0001) -> Optimizer {
        Optimizer(LARS(momentum: momentum, trust: trust, weightDecay: weightDecay))
    }
}

struct LARS: OptimizerRule {
    var momentum: Float
    var trust: Float
    var weightDecay: Float

    var name: String { "lars" }
    static var settings: [RuleSetting<LARS>] {
        [
            .number("momentum", \.momentum, .fraction), .number("trust", \.trust, .positive),
            .number("weight-decay", \.weightDecay, .nonNegative),
        ]
    }
    var ownMomentum: Float? { momentum == 0 ? nil : momentum }
    var stateNames: [String] { momentum == 0 ? [] : ["momentum"] }
    var defaultRate: Double { 0.1 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(BW_SGD, rate: rate, decay: weightDecay)
        step.momentum = momentum > 0 ? scheduled ?? momentum : 0
        return step
    }

    var need: WholeGradientNeed? { .gradientNorms }

    func factor(_ norms: ParameterNorms) -> Double {
        guard norms.vector > 0, norms.parameter > 0 else { return 1 }
        return Double(trust) * norms.parameter / (norms.vector + Double(norms.decay) * norms.parameter)
    }
}
