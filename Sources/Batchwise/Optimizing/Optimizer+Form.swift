/// What is to be known of an optimizer beside its kernel: notation, limits, memory and usual rate follow from it.
struct OptimizerForm {
    /// What a number may be.
    enum Limit { case fraction, positive, nonNegative }

    enum Setting {
        /// Left out of a written recipe where it is `omitted`.
        case number(String, Float, Limit, omitted: Float? = nil)
        case flag(String, Bool, omitted: Bool = false)
        case word(String, String)
    }

    var name: String
    var settings: [Setting]
    /// The vectors it keeps, each as long as the parameters.
    var states: [String]
    /// The momentum, or the decay of the running mean; nil where it has none that could be changed.
    var momentum: Float?
    var weightDecay: Float
    var rate: Double
}

extension Optimizer {
    /// What an optimizer is to everything but its kernel.
    var form: OptimizerForm {
        typealias Setting = OptimizerForm.Setting
        func decay(_ value: Float) -> Setting { .number("weight-decay", value, .nonNegative) }
        func adam(_ beta1: Float, _ beta2: Float, _ epsilon: Float) -> [Setting] {
            [
                .number("beta1", beta1, .fraction), .number("beta2", beta2, .fraction),
                .number("epsilon", epsilon, .positive),
            ]
        }
        switch self {
        case .sgd(let momentum, let nesterov, let weightDecay, let decoupled, let dampening):
            return .init(
                name: "sgd",
                settings: [
                    .number("momentum", momentum, .fraction), .flag("nesterov", nesterov),
                    .number("weight-decay", weightDecay, .nonNegative, omitted: 0), .flag("decoupled", decoupled),
                    .number("dampening", dampening, .fraction, omitted: 0),
                ],
                states: momentum == 0 ? [] : ["momentum"], momentum: momentum == 0 ? nil : momentum,
                weightDecay: weightDecay, rate: momentum == 0 ? 0.1 : 0.03)
        case .adam(let beta1, let beta2, let epsilon, let weightDecay, let amsgrad),
            .adamW(let beta1, let beta2, let epsilon, let weightDecay, let amsgrad):
            let isDecoupled = if case .adamW = self { true } else { false }
            return .init(
                name: isDecoupled ? "adamw" : "adam",
                settings: adam(beta1, beta2, epsilon) + [decay(weightDecay), .flag("amsgrad", amsgrad)],
                states: ["mean", "square"] + (amsgrad ? ["largest"] : []), momentum: beta1, weightDecay: weightDecay,
                rate: 0.001)
        case .nadam(let beta1, let beta2, let epsilon, let momentumDecay, let weightDecay, let decoupled):
            return .init(
                name: "nadam",
                settings: adam(beta1, beta2, epsilon) + [
                    .number("momentum-decay", momentumDecay, .nonNegative), decay(weightDecay),
                    .flag("decoupled", decoupled),
                ],
                states: ["mean", "square"], momentum: beta1, weightDecay: weightDecay, rate: 0.002)
        case .rmsprop(let smoothing, let epsilon, let momentum, let centered, let weightDecay):
            return .init(
                name: "rmsprop",
                settings: [
                    .number("smoothing", smoothing, .fraction), .number("epsilon", epsilon, .positive),
                    .number("momentum", momentum, .fraction), .flag("centered", centered), decay(weightDecay),
                ],
                states: ["square"] + (centered ? ["mean"] : []) + (momentum == 0 ? [] : ["momentum"]),
                momentum: momentum == 0 ? nil : momentum, weightDecay: weightDecay, rate: momentum == 0 ? 0.001 : 0.0003
            )
        case .adagrad(let rateDecay, let initial, let epsilon, let weightDecay):
            return .init(
                name: "adagrad",
                settings: [
                    .number("rate-decay", rateDecay, .nonNegative), .number("initial", initial, .nonNegative),
                    .number("epsilon", epsilon, .positive), decay(weightDecay),
                ],
                states: ["sum"], momentum: nil, weightDecay: weightDecay, rate: 0.02)
        case .lars(let momentum, let trust, let weightDecay):
            return .init(
                name: "lars",
                settings: [
                    .number("momentum", momentum, .fraction), .number("trust", trust, .positive), decay(weightDecay),
                ],
                states: momentum == 0 ? [] : ["momentum"], momentum: momentum == 0 ? nil : momentum,
                weightDecay: weightDecay, rate: 0.1)
        case .lamb(let beta1, let beta2, let epsilon, let weightDecay):
            return .init(
                name: "lamb", settings: adam(beta1, beta2, epsilon) + [decay(weightDecay)], states: ["mean", "square"],
                momentum: beta1, weightDecay: weightDecay, rate: 0.005)
        case .lion(let beta1, let beta2, let weightDecay):
            return .init(
                name: "lion",
                settings: [
                    .number("beta1", beta1, .fraction), .number("beta2", beta2, .fraction), decay(weightDecay),
                ],
                states: ["mean"], momentum: beta1, weightDecay: weightDecay, rate: 0.0003)
        case .muon(let momentum, let nesterov, let weightDecay, let length, let beta1, let beta2, let epsilon):
            return .init(
                name: "muon",
                settings: [
                    .number("momentum", momentum, .fraction), .flag("nesterov", nesterov, omitted: true),
                    decay(weightDecay), .word("length", length.rawValue),
                ] + adam(beta1, beta2, epsilon),
                states: ["mean", "square"], momentum: momentum, weightDecay: weightDecay, rate: 0.002)
        }
    }

    /// The vectors it keeps, each as long as the parameters.
    var stateNames: [String] { form.states }

    /// The momentum or the decay of the running mean (beta1) that a schedule may change; nil where there is none.
    package var momentum: Float? { form.momentum }

    /// The learning rate where a recipe names none: right for batches of 32 on many small problems, carried to other
    /// batches by the square root rule, which errs on the safe side.
    package var defaultLearningRate: LearningRate {
        LearningRate(base: form.rate, atBatch: 32, scaling: .squareRoot, decay: LearningRate.usualDecay)
    }
}
