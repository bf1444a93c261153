/// The learning rate as a value: a base rate, how it grows with the batch, a warmup, a decay.
///
/// ```swift
/// let rate = LearningRate.base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)).cosine()
/// ```
/// With batch B = k * atBatch the peak is k times the base (linear), sqrt(k) times (square root), or k^p times (power).
/// The warmup climbs to the peak; the decay falls from it. See ``Scaling``, ``Warmup`` and ``Decay``.
public struct LearningRate: Hashable, Sendable {
    /// The base rate, above 0, that was chosen for batches of `atBatch` examples.
    public var base: Double
    /// The batch size that `base` was chosen for; every scaling but `none` needs it.
    public var atBatch: Int?
    /// The rule by which the rate grows with the batch.
    public var scaling: Scaling
    /// The climb to the peak; nil: the run begins at the peak.
    public var warmup: Warmup?
    /// The fall from the peak.
    public var decay: Decay

    /// A rate from all of its parts. The modifiers, such as `warmup(_:from:shape:)`, are the usual way to write one.
    public init(
        base: Double, atBatch: Int? = nil, scaling: Scaling = .none, warmup: Warmup? = nil, decay: Decay = .constant
    ) {
        self.base = base
        self.atBatch = atBatch
        self.scaling = scaling
        self.warmup = warmup
        self.decay = decay
    }

    /// A rate that is the same at every update.
    public static func constant(_ rate: Double) -> LearningRate { .init(base: rate) }

    /// A base rate chosen for one batch size, and the rule that carries it to others.
    public static func base(_ rate: Double, atBatch: Int? = nil, scaling: Scaling = .none) -> LearningRate {
        .init(base: rate, atBatch: atBatch, scaling: scaling)
    }

    /// Climbs to the peak over this long, from a rate or from where ``Warmup`` says.
    public func warmup(_ over: TrainingLength, from: Double? = nil, shape: Warmup.Shape = .linear) -> LearningRate {
        var copy = self
        copy.warmup = Warmup(over: over, from: from, shape: shape)
        return copy
    }

    /// Falls along half a cosine, to 0 or to `end`, at the end of the run.
    public func cosine(end: Double = 0) -> LearningRate { decay(.cosine(end: end)) }

    /// Falls by this decay.
    public func decay(_ decay: Decay) -> LearningRate {
        var copy = self
        copy.decay = decay
        return copy
    }
}

extension LearningRate: Codable {
    /// Reads what a recipe file holds. Throws `RecipeError` for a key or value that is wrong, or without a base.
    public init(from decoder: any Decoder) throws {
        let notation = try RecipeValue(from: decoder)
        if case .map = notation, notation["base"] == nil {
            throw RecipeError.missing(at: "learning-rate.base", expected: "a number above 0")
        }
        try self.init(notation: notation, usual: .constant(1))
        try check()
    }

    /// Writes the learning rate as a recipe does.
    public func encode(to encoder: any Encoder) throws { try notation.encode(to: encoder) }
}
