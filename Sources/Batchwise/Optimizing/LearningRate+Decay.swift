extension LearningRate {
    /// How the rate falls from its peak.
    ///
    /// Curves (linear, cosine, polynomial, exponential, inverse square root, restarts) begin at the peak where the
    /// warmup ends, and the first three reach `end` at the end of the run. Marks (step, multi-step, `from`) count from
    /// the start of training, not from the end of the warmup [Goyal 2017]. Rates that are given (`end`, `low`,
    /// `minimum`) are rates as they are: they do not grow with the batch.
    public enum Decay: Hashable, Sendable {
        /// It stays.
        case constant
        /// end + (peak - end) (1 - t), with t from 0 to 1; it stays at the peak until `from`.
        case linear(end: Double = 0, from: Duration? = nil)
        /// end + (peak - end) (1 + cos(pi t)) / 2 [Loshchilov 2017].
        case cosine(end: Double = 0, from: Duration? = nil)
        /// end + (peak - end) (1 - t)^power.
        case polynomial(power: Double, end: Double = 0, from: Duration? = nil)
        /// Times `factor` every so often.
        case step(every: Duration, factor: Double = 0.1)
        /// Times `factor` at each of these marks [He 2016].
        case multiStep(at: [Duration], factor: Double = 0.1)
        /// Times `factor` for each `every`, and smoothly between.
        case exponential(factor: Double, every: Duration = .epochs(1))
        /// peak / sqrt(1 + s / over), s after the warmup; over = its length is the rate of [Vaswani 2017].
        case inverseSquareRoot(over: Duration? = nil)
        /// Cosines from the peak to `end`, each `factor` times as long as the one before [Loshchilov 2017].
        case restarts(first: Duration, factor: Double = 1, end: Double = 0)
        /// Up to the peak and down again, over and over: see ``Triangular``.
        case triangular(Triangular)
        /// Once up to the peak and far down, the momentum inversely: see ``OneCycle``.
        case oneCycle(OneCycle = OneCycle())
        /// Times a factor whenever a metric stops getting better: see ``Plateau``.
        case plateau(Plateau = Plateau())

        /// Along a line to 0.
        public static var linear: Decay { .linear() }
        /// Along half a cosine to 0.
        public static var cosine: Decay { .cosine() }
        /// One cycle with the usual numbers.
        public static var oneCycle: Decay { .oneCycle() }
        /// The usual numbers.
        public static var plateau: Decay { .plateau() }
    }

    /// Where the momentum of SGD, or beta1 of Adam, goes while the rate climbs (to `low`) and falls (to `high`).
    public struct MomentumCycle: Hashable, Sendable {
        /// Numbers from 0 to below 1, `low` not above `high`.
        public var high: Double
        public var low: Double

        /// Between these.
        public init(high: Double = 0.95, low: Double = 0.85) {
            self.high = high
            self.low = low
        }
    }

    /// Triangles between `low` and the peak [Smith 2017]: triangular, triangular2 and exp_range of the paper.
    public struct Triangular: Hashable, Sendable {
        /// How high the triangles are.
        public enum Height: Hashable, Sendable {
            /// As high as the first.
            case constant
            /// Each half as high as the one before.
            case halving
            /// Times `factor` for each `every`, and smoothly between.
            case exponential(factor: Double, every: Duration)
        }

        /// The rate at the foot.
        public var low: Double
        /// The way from the foot to the top, and back; nil: as long as up.
        public var up: Duration
        public var down: Duration?
        public var height: Height
        /// nil leaves the momentum as the optimizer has it.
        public var momentum: MomentumCycle?

        /// Triangles from `low`.
        public init(
            low: Double, up: Duration, down: Duration? = nil, height: Height = .constant,
            momentum: MomentumCycle? = nil
        ) {
            self.low = low
            self.up = up
            self.down = down
            self.height = height
            self.momentum = momentum
        }
    }

    /// From peak / startDivisor to the peak in the share `rise` of the run, then down to peak / startDivisor / endDivisor
    /// at its end [Smith 2018].
    public struct OneCycle: Hashable, Sendable {
        /// How the rate goes between its ends.
        public enum Shape: String, Hashable, Sendable, CaseIterable {
            case cosine, linear
        }

        public var rise: Double
        public var startDivisor: Double
        public var endDivisor: Double
        public var shape: Shape
        /// nil leaves the momentum as the optimizer has it.
        public var momentum: MomentumCycle?

        /// The usual numbers, or others.
        public init(
            rise: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4, shape: Shape = .cosine,
            momentum: MomentumCycle? = MomentumCycle()
        ) {
            self.rise = rise
            self.startDivisor = startDivisor
            self.endDivisor = endDivisor
            self.shape = shape
            self.momentum = momentum
        }
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

    /// What a plan says of a momentum that is not the optimizer's own.
    var momentumNotice: String? {
        momentum.map {
            "the learning rate drives the momentum between \($0.low) and \($0.high), in place of the optimizer's own: "
                + "learning-rate.decay.\(name).momentum: none keeps that"
        }
    }

    /// Where it drives the momentum.
    var momentum: LearningRate.MomentumCycle? {
        switch self {
        case .triangular(let cycle): cycle.momentum
        case .oneCycle(let cycle): cycle.momentum
        default: nil
        }
    }
}
