import CKernels

extension Optimizer {
    /// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2; w <- w - rate m' / (sqrt(v') + epsilon), with m' =
    /// m / (1 - beta1^t) and v' = v / (1 - beta2^t) in update t [Kingma 2015].
    ///
    /// Decay is added to the gradient. AMSGrad divides by the largest mean square that there has been [Reddi 2018].
    public static func adam(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0, amsgrad: Bool = false
    ) -> Optimizer {
        Optimizer(
            Adam(
                beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay, amsgrad: amsgrad,
                isDecoupled: false))
    }

    /// Adam with decoupled decay: w shrinks by 1 - rate weightDecay first [Loshchilov 2019].
    public static func adamW(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01,
        amsgrad: Bool = false
    ) -> Optimizer {
        Optimizer(
            Adam(
                beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay, amsgrad: amsgrad,
                isDecoupled: true))
    }
}

/// Adam, and AdamW where decay is decoupled.
struct Adam: OptimizerRule {
    var beta1: Float
    var beta2: Float
    var epsilon: Float
    var weightDecay: Float
    var amsgrad: Bool
    let isDecoupled: Bool

    var name: String { isDecoupled ? "adamw" : "adam" }
    static var settings: [RuleSetting<Adam>] {
        RuleSetting.runningMeans(\.beta1, \.beta2, \.epsilon) + [
            .number("weight-decay", \.weightDecay, .nonNegative), .flag("amsgrad", \.amsgrad),
        ]
    }
    var ownMomentum: Float? { beta1 }
    var stateNames: [String] { ["mean", "square"] + (amsgrad ? ["largest"] : []) }
    var defaultRate: Double { 0.001 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(
            amsgrad ? BW_AMSGRAD : BW_ADAM, rate: rate, decay: weightDecay, isDecoupled: isDecoupled)
        step.setRunningMeans(beta1: scheduled ?? beta1, beta2: beta2, epsilon: epsilon, number: number)
        return step
    }
}
