/// The growth of the batch during a run, instead of a learning rate that falls [Smith 2018], or as the gradient's noise
/// asks for it [Byrd 2012].
///
/// ```yaml
/// batch: {size: 128, grow: {at: [30 epochs, 60 epochs], times: 5}}
/// batch: {size: 128, grow: {at: [30 epochs, 60 epochs], to: [512, 2048], rate: scale}}
/// batch: {size: 128, grow: {by: norm-test, theta: 0.5, every: 1 epochs, up-to: 4096}}
/// batch: {size: 32, grow: {by: noise-scale, every: 1 epochs, up-to: 4096}}
/// batch: {size: 32, grow: {by: goodput, overhead: 95, every: 1 epochs, up-to: 4096}}
/// ```
/// A larger batch begins with the first batch at or after its mark, within an epoch too. Lengths of a learning rate
/// stand in epochs or examples beside it, for updates are not of one size.
public struct BatchGrowth: Hashable, Sendable {
    /// The rule that says when the batch grows, and to which size.
    public enum Rule: Hashable, Sendable {
        /// At each of these marks the batch is multiplied by this factor.
        case times(Double, at: [TrainingLength])
        /// At each of these marks the batch becomes the size at the same place.
        case to([Int], at: [TrainingLength])
        /// The batch grows as the gradient's noise, measured at regular marks, asks for it.
        case byNoise(NoiseRule)
    }

    /// Whether a setting of the optimizer follows the batch as it grows.
    public enum Coupling: String, CaseIterable, Hashable, Sendable {
        /// The setting stays as it is.
        case keep
        /// The setting follows the batch.
        case scale
    }

    /// The rule that says when the batch grows, and to which size.
    public var rule: Rule
    /// The largest batch, in examples; nil: the number of examples of the data set. A noise rule needs a limit.
    public var limit: Int?
    /// The coupling of the learning rate: `scale` multiplies it by the factor that its scaling rule gives for the batch
    /// against the first one.
    public var rate: Coupling
    /// The coupling of the momentum (or beta1): `scale` keeps its half-life in examples by m^(B / first B) [Marek
    /// 2025].
    public var momentum: Coupling

    /// A batch that grows by `rule`, up to `limit` examples.
    public init(_ rule: Rule, limit: Int? = nil, rate: Coupling = .keep, momentum: Coupling = .keep) {
        self.rule = rule
        self.limit = limit
        self.rate = rate
        self.momentum = momentum
    }
}

extension BatchGrowth {
    /// The marks, and the sizes from there on, of batches that are of `size` examples at first.
    func steps(from size: Int) -> [(mark: TrainingLength, size: Int)] {
        let most = limit ?? 1 << 30
        switch rule {
        case .times(let factor, let marks):
            var exact = Double(size)
            return marks.map { mark in
                exact = min(exact * factor, 0x1p30)
                return (mark, min(Int(exact.rounded()), most))
            }
        case .to(let sizes, let marks): return zip(marks, sizes).map { ($0, min($1, most)) }
        case .byNoise: return []
        }
    }

    /// The largest batch that there may be.
    func largest(from size: Int) -> Int {
        noiseRule == nil ? steps(from: size).map(\.size).max() ?? size : max(limit ?? size, size)
    }
}
