import Foundation
import Foundations

extension LearningRate {
    /// The rule by which the rate grows with the batch: a power of k = batch / atBatch.
    ///
    /// | rule | factor | |
    /// |---|---|---|
    /// | `none` | 1 | the base rate holds as it is |
    /// | `linear` | k | [Krizhevsky 2014, Goyal 2017] |
    /// | `squareRoot` | sqrt(k) | keeps the variance of an update [Krizhevsky 2014]; the rule for Adam [Malladi 2022] |
    /// | `power(p)` | k^p | p from 0 to 1, where a sweep found another exponent |
    /// | `adaScale` | 1 | each update multiplies its rate by a gain from 1 to k that is measured while training |
    public enum Scaling: Hashable, Sendable {
        /// The factor is 1, k or sqrt(k).
        case none, linear, squareRoot
        /// The factor is k raised to this power.
        case power(Double)
        /// Each update's rate is multiplied by its gain r = (s^2 + m^2) / (s^2 / k + m^2), where s^2 is the variance of
        /// the gradient of a batch of `atBatch` examples and m^2 the squared norm of the mean gradient [Johnson 2020].
        /// The update counts as r updates on the schedule of batches of `atBatch`, and the run ends with the epoch in
        /// which all of these are made.
        case adaScale

        /// The factor by which the rate of batches of `atBatch` examples grows for batches of `batch`.
        ///
        /// ```swift
        /// print(LearningRate.Scaling.linear.factor(batch: 256, atBatch: 32))      // 8.0
        /// print(LearningRate.Scaling.squareRoot.factor(batch: 128, atBatch: 32))  // 2.0
        /// ```
        public func factor(batch: Int, atBatch: Int) -> Double {
            let ratio = Double(batch) / Double(atBatch)
            return switch self {
            case .none, .adaScale: 1
            case .linear: ratio
            case .squareRoot: ratio.squareRoot()
            case .power(let exponent): pow(ratio, exponent)
            }
        }
    }
}

extension LearningRate.Scaling {
    /// Reads `none`, `linear`, `square-root`, `adascale` or `{power: 0.75}`.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        let names = ["none", "linear", "square-root", "adascale"]
        switch notation {
        case .string("none"): self = .none
        case .string("linear"): self = .linear
        case .string("square-root"): self = .squareRoot
        case .string("adascale"): self = .adaScale
        case .map:
            var reader = try RecipeReader(notation, at: path)
            guard let exponent = try reader.double("power") else {
                throw reader.missing("power", "the exponent of the batch's ratio, such as {power: 0.75}")
            }
            try reader.finish()
            self = .power(exponent)
        default:
            var found = notation.text
            if case .string(let text) = notation, let near = nearestName(to: text, in: names) {
                found += " (did you mean \(near)?)"
            }
            throw .value(at: path, expected: names.joined(separator: " or ") + " or {power: 0.75}", found: found)
        }
    }

    var notation: RecipeValue {
        switch self {
        case .none: .string("none")
        case .linear: .string("linear")
        case .squareRoot: .string("square-root")
        case .adaScale: .string("adascale")
        case .power(let exponent): .map([.init("power", .double(exponent))])
        }
    }
}
