/// A decision about the size of a batch that grows by the gradient's noise, also one not to grow, with the numbers from
/// which it was made.
public struct GrowthDecision: Sendable, Hashable {
    /// The reason for the batch that was taken.
    public enum Reason: String, CaseIterable, Sendable, Hashable, Codable {
        /// The batch is at least as large as asked for.
        case largeEnough = "large enough"
        /// The batch grows to the size that was asked for, in whole grains.
        case asAsked = "as asked"
        /// The batch grows by the largest factor that `times` allows at once.
        case times = "limited by times"
        /// The batch grows to the limit `up-to`.
        case upTo = "limited by up-to"
        /// The sample is too small for an estimate of |G|^2 above 0: a larger one may tell.
        case unclear = "the sample does not tell"
        /// The batch has grown at this place already.
        case hasGrown = "has just grown"
    }

    /// The name of the criterion, as recipes have it.
    public var by: String
    /// The number of the first update that the decision is for, counted from 1 over the whole run.
    public var update: Int
    /// The epoch of that update, counted from 1.
    public var epoch: Int
    /// The number of examples of all updates before.
    public var examples: Int
    /// The number of examples of the sample that the noise was measured on.
    public var sample: Int
    /// The estimate of tr(S), the variance of an example's gradient.
    public var variance: Double
    /// The estimate of |G|^2, the squared norm of the mean gradient; it may come out below 0.
    public var gradientNormSquared: Double
    /// tr(S) / |G|^2; nil where the estimate of |G|^2 is not above 0.
    public var noiseScale: Double?
    /// The value of the norm test: the bound theta that the present batch passes just so; nil where it is not finite.
    public var theta: Double?
    /// The weighted mean loss over the sample.
    public var loss: Double
    /// The learning rate of the next update.
    public var learningRate: Double
    /// The batch that the criterion asks for, in examples; nil where it cannot be told or is beyond all numbers.
    public var asked: Double?
    /// The batch before the decision, in examples.
    public var before: Int
    /// The batch from the decision on, in examples.
    public var batch: Int
    /// The reason for that batch.
    public var reason: Reason

    package init(
        by: String, update: Int, epoch: Int, examples: Int, sample: Int, variance: Double, gradientNormSquared: Double,
        noiseScale: Double?, theta: Double?, loss: Double, learningRate: Double, asked: Double?, before: Int,
        batch: Int, reason: Reason
    ) {
        (self.by, self.update, self.epoch, self.examples) = (by, update, epoch, examples)
        (self.sample, self.variance, self.gradientNormSquared) = (sample, variance, gradientNormSquared)
        (self.noiseScale, self.theta, self.loss, self.learningRate) = (noiseScale, theta, loss, learningRate)
        (self.asked, self.before, self.batch, self.reason) = (asked, before, batch, reason)
    }
}
