import CKernels
import Foundation

extension Optimizer {
    /// Adam with Nesterov's momentum, which grows as 1 - 0.96^(t momentumDecay) / 2 [Dozat 2016].
    public static func nadam(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, momentumDecay: Float = 0.004,
        weightDecay: Float = 0, decoupled: Bool = false
    ) -> Optimizer {
        Optimizer(
            NAdam(
                beta1: beta1, beta2: beta2, epsilon: epsilon, momentumDecay: momentumDecay, weightDecay: weightDecay,
                decoupled: decoupled))
    }
}

struct NAdam: OptimizerRule {
    var beta1: Float
    var beta2: Float
    var epsilon: Float
    var momentumDecay: Float
    var weightDecay: Float
    var decoupled: Bool

    var name: String { "nadam" }
    static var settings: [RuleSetting<NAdam>] {
        RuleSetting.runningMeans(\.beta1, \.beta2, \.epsilon) + [
            .number("momentum-decay", \.momentumDecay, .nonNegative),
            .number("weight-decay", \.weightDecay, .nonNegative), .flag("decoupled", \.decoupled),
        ]
    }
    var ownMomentum: Float? { beta1 }
    var stateNames: [String] { ["mean", "square"] }
    var defaultRate: Double { 0.002 }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(BW_NADAM, rate: rate, decay: weightDecay, isDecoupled: decoupled)
        step.setRunningMeans(beta1: scheduled ?? beta1, beta2: beta2, epsilon: epsilon, number: number)
        let coefficients = Self.coefficients(Double(scheduled ?? beta1), Double(momentumDecay), number)
        (step.gradient_factor, step.mean_factor) = (Float(coefficients.gradient), Float(coefficients.mean))
        return step
    }

    /// The coefficients of the gradient and of its running mean in update t, with mu_t = beta1 (1 - 0.96^(t decay) / 2)
    /// and the product P_t of these: (1 - mu_t) / (1 - P_t), and mu_t+1 / (1 - P_t+1).
    ///
    /// A pure function of t: a beta1 that changes is taken for that of all updates before, where PyTorch would multiply
    /// what they had.
    static func coefficients(_ beta1: Double, _ decay: Double, _ number: Int) -> (
        gradient: Double, mean: Double
    ) {
        func momentum(_ power: Double) -> Double { beta1 * (1 - 0.5 * power) }
        let ratio = pow(0.96, decay)
        var (power, product, update) = (1.0, 1.0, 0)
        while update < number, product > 1e-20 {
            power *= ratio
            product *= momentum(power)
            update += 1
        }
        let (now, next) = (momentum(pow(0.96, Double(number) * decay)), momentum(pow(0.96, Double(number + 1) * decay)))
        return ((1 - now) / (1 - product), next / (1 - product * next))
    }
}
