import CKernels
import Foundation

extension Optimizer {
    /// Tells kernels what they need for one update: the same for every parameter but for decay. `number` counts from 1.
    /// A `momentum` that is given takes the place of the optimizer's own, or of beta1; Adam's bias correction then goes
    /// by the beta1 of the update, as that of PyTorch does.
    func prepare(_ update: inout bw_update, rate: Double, number: Int, momentum given: Float? = nil) {
        switch self {
        case .sgd(let momentum, let nesterov, let decay, let decoupled):
            update.optimizer = BW_SGD
            update.sgd = bw_sgd_options(
                rate: Float(rate), momentum: given ?? momentum, coupled_decay: decoupled ? 0 : decay,
                decoupled_decay: decoupled ? decay : 0, nesterov: nesterov ? 1 : 0)
        case .adam(let beta1, let beta2, let epsilon, let decay):
            update.optimizer = BW_ADAM
            update.adam = Self.adam(rate, number, given ?? beta1, beta2, epsilon, coupled: decay, decoupled: 0)
        case .adamW(let beta1, let beta2, let epsilon, let decay):
            update.optimizer = BW_ADAM
            update.adam = Self.adam(rate, number, given ?? beta1, beta2, epsilon, coupled: 0, decoupled: decay)
        }
    }

    private static func adam(
        _ rate: Double, _ number: Int, _ beta1: Float, _ beta2: Float, _ epsilon: Float, coupled: Float,
        decoupled: Float
    ) -> bw_adam_options {
        bw_adam_options(
            rate: Float(rate), beta1: beta1, beta2: beta2, epsilon: epsilon, coupled_decay: coupled,
            decoupled_decay: decoupled, correction1: Float(1 - pow(Double(beta1), Double(number))),
            correction2: Float(1 - pow(Double(beta2), Double(number))))
    }
}
