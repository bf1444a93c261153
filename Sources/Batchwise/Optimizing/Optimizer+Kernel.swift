import CKernels
import Foundation

extension Optimizer {
    /// Tells kernels what they need for one update: the same for every parameter but for rate and decay.
    ///
    /// `number` counts from 1. A `momentum` takes the place of the optimizer's own, or of beta1, in this update; as in
    /// PyTorch, Adam's bias correction is then 1 - momentum^number.
    func prepare(_ update: inout bw_update, rate: Double, number: Int, momentum: Float? = nil) {
        update.step = step(rate: rate, number: number, momentum: momentum)
        if case .muon(_, _, let decay, _, let beta1, let beta2, let epsilon) = self {
            update.vector_step = bw_step(adam: BW_ADAM, rate, number, beta1, beta2, epsilon, decay, isDecoupled: true)
        }
    }

    private func step(rate: Double, number: Int, momentum override: Float?) -> bw_step {
        var step: bw_step
        switch self {
        case .sgd(let momentum, let nesterov, let decay, let decoupled, let dampening):
            step = bw_step(dampening == 0 ? BW_SGD : BW_DAMPENED_SGD, rate, decay, isDecoupled: decoupled)
            step.momentum = momentum > 0 ? override ?? momentum : 0
            step.nesterov = nesterov ? 1 : 0
            step.dampening_factor = number == 1 ? 1 : 1 - dampening
        case .adam(let beta1, let beta2, let epsilon, let decay, let amsgrad),
            .adamW(let beta1, let beta2, let epsilon, let decay, let amsgrad):
            let isDecoupled = if case .adamW = self { true } else { false }
            step = bw_step(
                adam: amsgrad ? BW_AMSGRAD : BW_ADAM, rate, number, override ?? beta1, beta2, epsilon, decay,
                isDecoupled: isDecoupled)
        case .nadam(let beta1, let beta2, let epsilon, let momentumDecay, let decay, let decoupled):
            step = bw_step(
                adam: BW_NADAM, rate, number, override ?? beta1, beta2, epsilon, decay, isDecoupled: decoupled)
            let factors = Self.nesterovMomenta(Double(override ?? beta1), Double(momentumDecay), number)
            (step.gradient_factor, step.mean_factor) = (Float(factors.gradient), Float(factors.mean))
        case .rmsprop(let smoothing, let epsilon, let momentum, let centered, let decay):
            step = bw_step(BW_RMSPROP, rate, decay, isDecoupled: false)
            (step.beta2, step.epsilon) = (smoothing, epsilon)
            step.momentum = momentum > 0 ? override ?? momentum : 0
            step.is_centered = centered ? 1 : 0
        case .adagrad(let rateDecay, let initial, let epsilon, let decay):
            step = bw_step(BW_ADAGRAD, rate / (1 + Double(number - 1) * Double(rateDecay)), decay, isDecoupled: false)
            step.epsilon = epsilon
            step.initial_sum = number == 1 ? initial : 0
        case .lars(let momentum, _, let decay):
            step = bw_step(BW_SGD, rate, decay, isDecoupled: false)
            step.momentum = momentum > 0 ? override ?? momentum : 0
        case .lamb(let beta1, let beta2, let epsilon, let decay):
            step = bw_step(adam: BW_LAMB, rate, number, override ?? beta1, beta2, epsilon, decay, isDecoupled: false)
        case .lion(let beta1, let beta2, let decay):
            step = bw_step(BW_LION, rate, decay, isDecoupled: true)
            (step.beta1, step.beta2) = (override ?? beta1, beta2)
        case .muon(let momentum, let nesterov, let decay, _, _, _, _):
            step = bw_step(BW_MUON, rate, decay, isDecoupled: true)
            step.momentum = override ?? momentum
            step.nesterov = nesterov ? 1 : 0
        }
        return step
    }

    /// The factors of NAdam's gradient and of its running mean in update t, with mu_t = beta1 (1 - 0.96^(t decay) / 2) and
    /// the product P_t of these: (1 - mu_t) / (1 - P_t), and mu_t+1 / (1 - P_t+1).
    ///
    /// A pure function of t: a beta1 that changes is taken for that of all updates before, where PyTorch would multiply
    /// what they had.
    private static func nesterovMomenta(_ beta1: Double, _ decay: Double, _ number: Int) -> (gradient: Double, mean: Double) {
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

extension bw_step {
    fileprivate init(_ kind: bw_optimizer_kind, _ rate: Double, _ decay: Float, isDecoupled: Bool) {
        self.init()
        self.kind = kind
        self.rate = Float(rate)
        coupled_decay = isDecoupled ? 0 : decay
        decoupled_decay = isDecoupled ? decay : 0
        is_decoupled = isDecoupled ? 1 : 0
    }

    fileprivate init(
        adam kind: bw_optimizer_kind, _ rate: Double, _ number: Int, _ beta1: Float, _ beta2: Float, _ epsilon: Float,
        _ decay: Float, isDecoupled: Bool
    ) {
        self.init(kind, rate, decay, isDecoupled: isDecoupled)
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        correction1 = Float(1 - pow(Double(beta1), Double(number)))
        correction2 = Float(1 - pow(Double(beta2), Double(number)))
    }
}
