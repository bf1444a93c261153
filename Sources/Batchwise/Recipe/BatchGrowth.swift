/// How the batch grows during a run, instead of a learning rate that falls [Smith 2018], or as the gradient's noise asks
/// for it [Byrd 2012].
///
/// ```yaml
/// batch: {size: 128, grow: {at: [30 epochs, 60 epochs], times: 5}}
/// batch: {size: 128, grow: {at: [30 epochs, 60 epochs], to: [512, 2048], rate: scale}}
/// batch: {size: 128, grow: {by: norm-test, theta: 0.5, every: 1 epochs, up-to: 4096}}
/// ```
/// A larger batch begins with the first batch at or after its mark, within an epoch too. Lengths of a learning rate stand
/// in epochs or examples beside it, for updates are not of one size.
public struct BatchGrowth: Hashable, Sendable {
    /// When the batch grows, and to what.
    public enum Rule: Hashable, Sendable {
        /// At marks, by a factor at each.
        case times(Double, at: [LearningRate.Duration])
        /// At marks, to a size at each.
        case to([Int], at: [LearningRate.Duration])
        /// Where a test at regular marks finds the gradient too noisy.
        case normTest(NormTest)
    }

    /// What becomes of a number that goes with the batch.
    public enum Coupling: String, CaseIterable, Hashable, Sendable {
        /// It stays.
        case keep
        /// It follows the batch.
        case scale
    }

    public var rule: Rule
    /// Examples that no batch is larger than; nil: those of the data set. A norm test needs it.
    public var limit: Int?
    /// `scale` multiplies the learning rate by its scaling rule's factor of the batch against the first one.
    public var rate: Coupling
    /// `scale` keeps the half-life of momentum (or beta1) in examples: m^(B / first B) [Marek 2025].
    public var momentum: Coupling

    /// Grows by `rule`, up to `limit` examples.
    public init(_ rule: Rule, limit: Int? = nil, rate: Coupling = .keep, momentum: Coupling = .keep) {
        self.rule = rule
        self.limit = limit
        self.rate = rate
        self.momentum = momentum
    }

    /// Whether the batch passes: (1/B) sum |g_i - g|^2 / (B - 1) <= theta^2 |g|^2 [Byrd 2012].
    ///
    /// The variance is estimated from the gradients of chunks of whole grains of a sample: the first examples of the
    /// epoch's order, at least a batch of them. A batch that fails grows to the size that would pass.
    public struct NormTest: Hashable, Sendable {
        /// How much of the gradient's length its noise may be.
        public var theta: Double
        /// How long between tests.
        public var every: LearningRate.Duration
        /// The most that a batch grows by at a test.
        public var times: Double
        /// The least examples of the sample.
        public var sample: Int

        public init(
            theta: Double = 0.5, every: LearningRate.Duration = .epochs(1), times: Double = 2, sample: Int = 1024
        ) {
            self.theta = theta
            self.every = every
            self.times = times
            self.sample = sample
        }
    }

    /// The test, where it is one that decides.
    var normTest: NormTest? { if case .normTest(let test) = rule { test } else { nil } }
}

extension BatchGrowth {
    /// The marks, and the sizes from there on, of batches that are of `size` examples at first.
    func steps(from size: Int) -> [(mark: LearningRate.Duration, size: Int)] {
        let most = limit ?? 1 << 30
        switch rule {
        case .times(let factor, let marks):
            var exact = Double(size)
            return marks.map { mark in
                exact = min(exact * factor, 0x1p30)
                return (mark, min(Int(exact.rounded()), most))
            }
        case .to(let sizes, let marks): return zip(marks, sizes).map { ($0, min($1, most)) }
        case .normTest: return []
        }
    }

    /// The largest batch that there may be.
    func largest(from size: Int) -> Int {
        normTest == nil ? steps(from: size).map(\.size).max() ?? size : max(limit ?? size, size)
    }

    /// Refuses what makes no sense for batches that are of `size` examples at first.
    func check(_ recipe: Recipe) throws(RecipeError) {
        let size = recipe.batch.size
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(RecipeError) {
            if !holds { throw .value(at: "batch.grow.\(key)", expected: expected, found: "\(found)") }
        }
        if let limit { try require(limit > size, "up-to", "more than the batch of \(size)", limit) }
        switch rule {
        case .times(let factor, let marks):
            try require(!marks.isEmpty, "at", "at least one mark", "none")
            try require(factor > 1 && factor.isFinite, "times", "a number above 1", factor)
        case .to(let sizes, let marks):
            try require(!marks.isEmpty, "at", "at least one mark", "none")
            try require(
                sizes.count == marks.count, "to", "a size for each of the \(marks.count) marks", sizes.count)
        case .normTest(let test):
            try require(test.theta > 0 && test.theta.isFinite, "theta", "a number above 0", test.theta)
            try require(test.times > 1 && test.times.isFinite, "times", "a number above 1", test.times)
            try require(test.sample >= 2, "sample", "a whole number of at least 2", test.sample)
            let length =
                switch test.every {
                case .epochs(let count): count
                case .updates(let count), .examples(let count): Double(count)
                }
            try require(length > 0 && length < 1e15, "every", "a length above 0, such as 1 epochs", test.every)
            guard limit != nil else {
                throw .missing(at: "batch.grow.up-to", expected: "the largest batch that the norm test may ask for")
            }
        }
        var before = size
        for (mark, next) in steps(from: size) {
            let isCapped = before == limit
            try require(
                next > before, isCapped ? "up-to" : "to",
                "a batch above the \(before) that it is at \(mark)", next)
            try require(next <= 1 << 30, "to", "a whole number up to \(1 << 30)", next)
            before = next
        }
        if let length = recipe.learningRate.notation.lengthInUpdates {
            throw .value(
                at: "learning-rate", expected: "lengths in epochs or examples, as the batch grows", found: length)
        }
        try require(
            rate == .keep || recipe.learningRate.scaling != .none, "rate",
            "keep, or a learning-rate.scaling beside it", rate.rawValue)
        try require(
            momentum == .keep || recipe.optimizer.momentum > 0, "momentum", "keep, or an optimizer with momentum",
            momentum.rawValue)
    }
}

extension Optimizer {
    /// Its momentum, or beta1.
    var momentum: Float {
        switch self {
        case .sgd(let momentum, _, _, _): momentum
        case .adam(let beta1, _, _, _), .adamW(let beta1, _, _, _): beta1
        }
    }
}

extension RecipeValue {
    /// A length that counts updates, here or within.
    fileprivate var lengthInUpdates: String? {
        switch self {
        case .string(let text): text.hasSuffix(" updates") || text.hasSuffix(" update") ? text : nil
        case .list(let items): items.lazy.compactMap(\.lengthInUpdates).first
        case .map(let entries): entries.lazy.compactMap(\.value.lengthInUpdates).first
        default: nil
        }
    }
}
