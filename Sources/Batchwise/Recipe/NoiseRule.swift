extension BatchGrowth {
    /// The growth of the batch as the gradient's noise, measured at regular marks, asks for it.
    ///
    /// The noise is measured by the gradients of chunks of whole grains of a sample: the first examples of the epoch's
    /// order, at least a batch of them. The batch becomes the size that the criterion asks for, in whole grains, and
    /// never smaller.
    public struct NoiseRule: Hashable, Sendable {
        /// The formula of the batch, from the variance tr(S) of an example's gradient and the mean gradient G.
        public enum Criterion: Hashable, Sendable {
            /// tr(S) / (theta^2 |g|^2): the smallest batch with (1/B) sum |g_i - g|^2 / (B - 1) <= theta^2 |g|^2
            /// [Byrd 2012]. The bound theta is on the noise of the gradient, relative to its length.
            case normTest(theta: Double = 0.5)
            /// A share of the noise scale tr(S) / |G|^2 [McCandlish 2018].
            case noiseScale(share: Double = 1)
            /// rate tr(S) / loss [Balles 2017]. It supposes that the loss at the minimum is near 0.
            case cabs
            /// sqrt(overhead tr(S) / |G|^2): the batch of most progress a second [Qiao 2021], on a machine whose update
            /// takes as long as `overhead` examples do, beside the examples of the batch.
            case goodput(overhead: Double)
        }

        /// The formula of the batch.
        public var criterion: Criterion
        /// The length between two measurements.
        public var every: TrainingLength
        /// The largest factor by which a batch grows at once.
        public var times: Double
        /// The smallest number of examples in the sample.
        public var sample: Int

        /// A rule with the default numbers, or with others.
        public init(
            _ criterion: Criterion, every: TrainingLength = .epochs(1), times: Double = 2, sample: Int = 1024
        ) {
            self.criterion = criterion
            self.every = every
            self.times = times
            self.sample = sample
        }
    }

    /// The rule by which the gradient's noise decides; nil where marks do.
    var noiseRule: NoiseRule? { if case .byNoise(let rule) = rule { rule } else { nil } }
}

extension BatchGrowth.NoiseRule.Criterion {
    /// The name that recipes and logs use.
    package var name: String {
        let basis: BatchGrowth.Basis =
            switch self {
            case .normTest: .normTest
            case .noiseScale: .noiseScale
            case .cabs: .cabs
            case .goodput: .goodput
            }
        return basis.rawValue
    }

    /// The criterion in the words of a plan.
    var text: String {
        switch self {
        case .normTest(let theta): "the norm test (theta \(theta))"
        case .noiseScale(let share): share == 1 ? "the noise scale" : "\(share) of the noise scale"
        case .cabs: "CABS, rate tr(S) / loss,"
        case .goodput(let overhead):
            "goodput (an overhead of \(Int(exactly: overhead).map(String.init) ?? "\(overhead)") examples)"
        }
    }
}
