import CKernels

extension Optimizer {
    /// g over the root of the sum of its squares, which begins at `initial`; rateDecay d divides the rate of update t
    /// by 1 + (t - 1) d [Duchi 2011].
    public static func adagrad(
        rateDecay: Float = 0, initial: Float = 0, epsilon: Float = 1e-10, weightDecay: Float = 0
    ) -> Optimizer {
        Optimizer(Adagrad(rateDecay: rateDecay, initial: initial, epsilon: epsilon, weightDecay: weightDecay))
    }
}

struct Adagrad: OptimizerRule {
    var rateDecay: Float
    var initial: Float
    var epsilon: Float
    var weightDecay: Float

    var name: String { "adagrad" }
    static var settings: [RuleSetting<Adagrad>] {
        [
            .number("rate-decay", \.rateDecay, .nonNegative), .number("initial", \.initial, .nonNegative),
            .number("epsilon", \.epsilon, .positive), .number("weight-decay", \.weightDecay, .nonNegative),
        ]
    }
    var stateNames: [String] { ["sum"] }
    var defaultRate: Double { 0.02 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(BW_ADAGRAD, rate: rate / (1 + Double(number - 1) * Double(rateDecay)), decay: weightDecay)
        step.epsilon = epsilon
        // the sum begins at 0 in memory
        step.initial_sum = number == 1 ? initial : 0
        return step
    }
}
