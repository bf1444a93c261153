import CKernels
import Foundation

extension Optimizer {
    /// What the kernels need for one update: the same for every parameter but for decay.
    struct Step {
        private enum Kind {
            case sgd(bw_sgd_options)
            case adam(bw_adam_options)
        }
        private var kind: Kind

        /// `update` counts from 1.
        init(_ optimizer: Optimizer, rate: Double, update: Int) {
            switch optimizer {
            case .sgd(let momentum, let nesterov, let decay, let decoupled):
                kind = .sgd(
                    bw_sgd_options(
                        rate: Float(rate), momentum: momentum, coupled_decay: decoupled ? 0 : decay,
                        decoupled_decay: decoupled ? decay : 0, nesterov: nesterov ? 1 : 0))
            case .adam(let beta1, let beta2, let epsilon, let decay):
                kind = .adam(Self.adam(rate, update, beta1, beta2, epsilon, coupled: decay, decoupled: 0))
            case .adamW(let beta1, let beta2, let epsilon, let decay):
                kind = .adam(Self.adam(rate, update, beta1, beta2, epsilon, coupled: 0, decoupled: decay))
            }
        }

        private static func adam(
            _ rate: Double, _ update: Int, _ beta1: Float, _ beta2: Float, _ epsilon: Float, coupled: Float,
            decoupled: Float
        ) -> bw_adam_options {
            bw_adam_options(
                rate: Float(rate), beta1: beta1, beta2: beta2, epsilon: epsilon, coupled_decay: coupled,
                decoupled_decay: decoupled, correction1: Float(1 - pow(Double(beta1), Double(update))),
                correction2: Float(1 - pow(Double(beta2), Double(update))))
        }

        /// Updates a slice of a dense weight from a single example's input and slope, without writing the gradient down.
        /// False where the optimizer needs it written.
        func applyOuter(
            x: UnsafePointer<Float>, dy: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>,
            first: UnsafeMutablePointer<Float>?, rows: Int, columns: Int, decays: Bool
        ) -> Bool {
            guard case .sgd(var options) = kind else { return false }
            if !decays { (options.coupled_decay, options.decoupled_decay) = (0, 0) }
            bw_sgd_outer(&options, x, dy, parameters, first, rows, columns)
            return true
        }

        /// Updates `count` parameters, and their state, from their finished gradient.
        func apply(
            gradient: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>,
            first: UnsafeMutablePointer<Float>?, second: UnsafeMutablePointer<Float>?, count: Int, decays: Bool
        ) {
            switch kind {
            case .sgd(var options):
                if !decays { (options.coupled_decay, options.decoupled_decay) = (0, 0) }
                bw_sgd(&options, gradient, parameters, first, count)
            case .adam(var options):
                if !decays { (options.coupled_decay, options.decoupled_decay) = (0, 0) }
                guard let first, let second else { return }
                bw_adam(&options, gradient, parameters, first, second, count)
            }
        }
    }
}
