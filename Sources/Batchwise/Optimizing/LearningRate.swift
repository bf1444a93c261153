import Foundation

/// The learning rate as a value: a base rate, how it grows with the batch, a warmup, a decay.
///
/// ```swift
/// let rate = LearningRate.base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)).cosine()
/// ```
/// With batch B = k * atBatch the peak is k times the base (linear, [Goyal 2017]) or sqrt(k) times (square root,
/// [Krizhevsky 2014]).
public struct LearningRate: Hashable, Sendable {
    /// How the rate goes from the peak to the end of the run: it stays, or falls to 0 along a line or half a cosine.
    public enum Decay: String, Hashable, Sendable, CaseIterable {
        case constant, linear, cosine
    }

    /// The rate, above 0, that was chosen for `atBatch`.
    public var base: Double
    /// The batch that `base` was chosen for; needed by every scaling but `none`.
    public var atBatch: Int?
    public var scaling: Scaling
    /// How long the rate climbs, update by update, from the base (or a tenth of the peak, where no scaling raises it).
    public var warmup: Duration?
    /// How it falls, to 0, from the end of the warmup to the end of the run.
    public var decay: Decay

    /// All parts at once; see the modifiers for the usual way to write a rate.
    public init(
        base: Double, atBatch: Int? = nil, scaling: Scaling = .none, warmup: Duration? = nil, decay: Decay = .constant
    ) {
        self.base = base
        self.atBatch = atBatch
        self.scaling = scaling
        self.warmup = warmup
        self.decay = decay
    }

    /// The same rate at every update.
    public static func constant(_ rate: Double) -> LearningRate { .init(base: rate) }

    /// A base rate chosen for one batch size, and the rule that carries it to others.
    public static func base(_ rate: Double, atBatch: Int? = nil, scaling: Scaling = .none) -> LearningRate {
        .init(base: rate, atBatch: atBatch, scaling: scaling)
    }

    /// Climbs to the peak over this long.
    public func warmup(_ duration: Duration) -> LearningRate {
        var copy = self
        copy.warmup = duration
        return copy
    }

    /// Falls to 0 along half a cosine: peak (1 + cos(pi t)) / 2 [Loshchilov 2017].
    public func cosine() -> LearningRate {
        var copy = self
        copy.decay = .cosine
        return copy
    }

    /// A length of training, in whichever unit it was written; all are counts of examples in the end.
    public enum Duration: Hashable, Sendable, CustomStringConvertible {
        case epochs(Double)
        case updates(Int)
        case examples(Int)

        public var description: String {
            switch self {
            case .epochs(let count): "\(count == count.rounded() ? String(Int(count)) : String(count)) epochs"
            case .updates(let count): "\(count) updates"
            case .examples(let count): "\(count) examples"
            }
        }

        func examples(examplesPerEpoch: Int, batch: Int) -> Double {
            switch self {
            case .epochs(let count): count * Double(examplesPerEpoch)
            case .updates(let count): Double(count) * Double(batch)
            case .examples(let count): Double(count)
            }
        }
    }

    /// The rate of one run: a pure function of the examples seen.
    public struct Resolved: Hashable, Sendable {
        public let start: Double
        public let peak: Double
        /// Lengths in examples.
        public let warmup: Double
        public let total: Double
        public let decay: Decay

        /// The rate of the update that begins after `examples` examples have been seen.
        public func rate(afterExamples examples: Int) -> Double {
            let seen = Double(examples)
            if seen < warmup { return start + (peak - start) * seen / warmup }
            switch decay {
            case .constant: return peak
            case .linear: return peak * (1 - progress(seen))
            case .cosine: return peak * (1 + cos(.pi * progress(seen))) / 2
            }
        }

        private func progress(_ seen: Double) -> Double {
            total > warmup ? min((seen - warmup) / (total - warmup), 1) : 1
        }
    }

    /// Fixes the rate for a run. Throws where the warmup does not fit into it.
    public func resolved(examplesPerEpoch: Int, batch: Int, epochs: Int) throws(RecipeError) -> Resolved {
        let peak = base * scaling.factor(batch: batch, atBatch: atBatch ?? batch)
        let total = Double(examplesPerEpoch) * Double(epochs)
        let length = warmup?.examples(examplesPerEpoch: examplesPerEpoch, batch: batch) ?? 0
        guard length <= total else {
            throw .value(
                at: "learning-rate.warmup", expected: "at most the \(epochs) epochs of the run",
                found: warmup?.description ?? "")
        }
        return Resolved(
            start: peak > base ? base : peak / 10, peak: peak, warmup: length, total: total, decay: decay)
    }
}
