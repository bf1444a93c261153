import CKernels
import Foundation

extension bw_step {
    /// The settings that every kernel reads. Coupled decay adds decay w to the gradient; decoupled decay multiplies w
    /// by 1 - rate decay.
    init(_ kind: bw_optimizer_kind, rate: Double, decay: Float, isDecoupled: Bool = false) {
        self.init()
        self.kind = kind
        self.rate = Float(rate)
        coupled_decay = isDecoupled ? 0 : decay
        decoupled_decay = isDecoupled ? decay : 0
        is_decoupled = isDecoupled ? 1 : 0
    }

    /// Sets the running means of Adam and its kin, with their bias corrections 1 - beta^number.
    mutating func setRunningMeans(beta1: Float, beta2: Float, epsilon: Float, number: Int) {
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        correction1 = Float(1 - pow(Double(beta1), Double(number)))
        correction2 = Float(1 - pow(Double(beta2), Double(number)))
    }
}

extension RuleSetting {
    /// The keys beta1, beta2 and epsilon of Adam and its kin.
    static func runningMeans(
        _ beta1: WritableKeyPath<Rule, Float>, _ beta2: WritableKeyPath<Rule, Float>,
        _ epsilon: WritableKeyPath<Rule, Float>
    ) -> [Self] {
        [
            .number("beta1", beta1, .fraction), .number("beta2", beta2, .fraction),
            .number("epsilon", epsilon, .positive),
        ]
    }
}
