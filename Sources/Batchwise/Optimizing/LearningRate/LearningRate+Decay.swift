extension LearningRate {
    /// The fall of the rate from its peak.
    ///
    /// Curves (linear, cosine, polynomial, exponential, inverse square root, restarts) begin at the peak where the
    /// warmup ends, and the first three reach `end` at the end of the run. Marks (step, multi-step, `from`) count from
    /// the start of training, not from the end of the warmup [Goyal 2017]. Rates that are given (`end`, `low`,
    /// `minimum`) do not grow with the batch.
    public enum Decay: Hashable, Sendable {
        /// The rate stays at the peak.
        case constant
        /// end + (peak - end) (1 - t), with t from 0 to 1; it stays at the peak until `from`.
        case linear(end: Double = 0, from: TrainingLength? = nil)
        /// end + (peak - end) (1 + cos(pi t)) / 2 [Loshchilov 2017].
        case cosine(end: Double = 0, from: TrainingLength? = nil)
        /// end + (peak - end) (1 - t)^power.
        case polynomial(power: Double, end: Double = 0, from: TrainingLength? = nil)
        /// The rate is multiplied by `factor` at the end of every length `every`.
        case step(every: TrainingLength, factor: Double = 0.1)
        /// The rate is multiplied by `factor` at each of these marks [He 2016].
        case multiStep(at: [TrainingLength], factor: Double = 0.1)
        /// The rate is multiplied by `factor` over each length `every`, smoothly.
        case exponential(factor: Double, every: TrainingLength = .epochs(1))
        /// peak / sqrt(1 + s / over), s after the warmup; over = its length is the rate of [Vaswani 2017].
        case inverseSquareRoot(over: TrainingLength? = nil)
        /// Cosines from the peak to `end`, each `factor` times as long as the one before [Loshchilov 2017].
        case restarts(first: TrainingLength, factor: Double = 1, end: Double = 0)
        /// The rate climbs to the peak and falls again, over and over: see ``Triangular``.
        case triangular(Triangular)
        /// The rate climbs once to the peak and falls far below its start, with the momentum in the other direction:
        /// see ``OneCycle``.
        case oneCycle(OneCycle = OneCycle())
        /// The rate is multiplied by a factor whenever a metric stops getting better: see ``Plateau``.
        case plateau(Plateau = Plateau())

        /// The rate falls along a line to 0.
        public static var linear: Decay { .linear() }
        /// The rate falls along half a cosine to 0.
        public static var cosine: Decay { .cosine() }
        /// One cycle with the default numbers of `OneCycle`.
        public static var oneCycle: Decay { .oneCycle() }
        /// A plateau rule with the default numbers of `Plateau`.
        public static var plateau: Decay { .plateau() }
    }
}

extension LearningRate.Decay {
    /// The name that recipes use.
    package var name: String {
        switch self {
        case .constant: "constant"
        case .linear: "linear"
        case .cosine: "cosine"
        case .polynomial: "polynomial"
        case .step: "step"
        case .multiStep: "multi-step"
        case .exponential: "exponential"
        case .inverseSquareRoot: "inverse-square-root"
        case .restarts: "restarts"
        case .triangular: "triangular"
        case .oneCycle: "one-cycle"
        case .plateau: "plateau"
        }
    }

    static let names = [
        "constant", "linear", "cosine", "polynomial", "step", "multi-step", "exponential", "inverse-square-root",
        "restarts", "triangular", "one-cycle", "plateau",
    ]

    /// The notice of a plan whose learning rate drives the momentum in place of the optimizer's own.
    var momentumNotice: String? {
        momentum.map {
            "the learning rate drives the momentum between \($0.low) and \($0.high), in place of the optimizer's own: "
                + "learning-rate.decay.\(name).momentum: none keeps that"
        }
    }

    /// The momentum cycle of the decay; nil where the decay has none.
    var momentum: LearningRate.MomentumCycle? {
        switch self {
        case .triangular(let cycle): cycle.momentum
        case .oneCycle(let cycle): cycle.momentum
        default: nil
        }
    }
}
