import Foundation

/// The settings of an optimizer in Double, for numbers of any precision: 0.9 as it was written, and not the Float
/// nearest to it.
@usableFromInline
struct PreciseOptimizer: Sendable {
    @usableFromInline
    enum Kind: Sendable { case sgd, adam, nadam, rmsprop, adagrad, lars, lion, lamb }

    @usableFromInline var kind: Kind
    @usableFromInline var momentum = 0.0
    @usableFromInline var isNesterov = false
    @usableFromInline var dampening = 0.0
    @usableFromInline var beta1 = 0.0
    @usableFromInline var beta2 = 0.0
    @usableFromInline var epsilon = 0.0
    @usableFromInline var keepsLargest = false
    @usableFromInline var isCentered = false
    @usableFromInline var initialSum = 0.0
    @usableFromInline var trust = 0.0
    @usableFromInline var decay = 0.0
    @usableFromInline var isDecoupled = false
    private var rateDecay = 0.0
    private var momentumDecay = 0.0

    /// nil for an optimizer that needs matrices or a trainer.
    @usableFromInline
    init?(_ optimizer: Optimizer) {
        switch optimizer.rule {
        case let rule as SGD:
            kind = .sgd
            (momentum, isNesterov, dampening) = (written(rule.momentum), rule.nesterov, written(rule.dampening))
            isDecoupled = rule.decoupled
        case let rule as Adam:
            kind = .adam
            (beta1, beta2, epsilon) = (written(rule.beta1), written(rule.beta2), written(rule.epsilon))
            (keepsLargest, isDecoupled) = (rule.amsgrad, rule.isDecoupled)
        case let rule as NAdam:
            kind = .nadam
            (beta1, beta2, epsilon) = (written(rule.beta1), written(rule.beta2), written(rule.epsilon))
            (momentumDecay, isDecoupled) = (written(rule.momentumDecay), rule.decoupled)
        case let rule as RMSProp:
            kind = .rmsprop
            (beta2, epsilon, momentum) = (written(rule.smoothing), written(rule.epsilon), written(rule.momentum))
            isCentered = rule.centered
        case let rule as Adagrad:
            kind = .adagrad
            (initialSum, epsilon, rateDecay) = (written(rule.initial), written(rule.epsilon), written(rule.rateDecay))
        case let rule as LARS:
            kind = .lars
            (momentum, trust) = (written(rule.momentum), written(rule.trust))
        case let rule as Lion:
            kind = .lion
            (beta1, beta2, isDecoupled) = (written(rule.beta1), written(rule.beta2), true)
        case let rule as LAMB:
            kind = .lamb
            (beta1, beta2, epsilon) = (written(rule.beta1), written(rule.beta2), written(rule.epsilon))
        default: return nil
        }
        decay = written(optimizer.rule.weightDecay)
    }

    /// The numbers of update `number`, from 1. A momentum that is `scheduled` takes the place of the optimizer's own, or
    /// of beta1.
    @usableFromInline
    func numbers(rate: Double, number: Int, scheduled: Float?) -> Numbers {
        var numbers = Numbers(rate: rate, momentum: momentum, beta1: beta1, isFirst: number == 1)
        if let scheduled {
            let own = optimizerHasBeta ? beta1 : momentum
            if own > 0 || optimizerHasBeta {
                (numbers.momentum, numbers.beta1) = (Double(scheduled), Double(scheduled))
            }
        }
        if kind == .adagrad { numbers.rate = rate / (1 + Double(number - 1) * rateDecay) }
        guard optimizerHasBeta, kind != .lion else { return numbers }
        numbers.correction1 = 1 - pow(numbers.beta1, Double(number))
        numbers.correction2 = 1 - pow(beta2, Double(number))
        if kind == .nadam {
            let factors = NAdam.coefficients(numbers.beta1, momentumDecay, number)
            (numbers.gradientFactor, numbers.meanFactor) = (factors.gradient, factors.mean)
        }
        return numbers
    }

    private var optimizerHasBeta: Bool {
        switch kind {
        case .adam, .nadam, .lion, .lamb: true
        case .sgd, .rmsprop, .adagrad, .lars: false
        }
    }

    /// The numbers of one update.
    @usableFromInline
    struct Numbers {
        @usableFromInline var rate: Double
        @usableFromInline var momentum: Double
        @usableFromInline var beta1: Double
        @usableFromInline var isFirst: Bool
        /// The bias corrections 1 - beta^number.
        @usableFromInline var correction1 = 1.0
        @usableFromInline var correction2 = 1.0
        /// The factors of the gradient and of its mean in a step of NAdam.
        @usableFromInline var gradientFactor = 0.0
        @usableFromInline var meanFactor = 0.0
    }
}

/// The decimal number that a setting was written as.
private func written(_ number: Float) -> Double { Double("\(number)") ?? Double(number) }
