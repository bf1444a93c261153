import Batchwise

/// The diversity of the gradients of single examples, at fixed parameters, and the examples with the largest ones.
///
/// Delta = sum |g_i|^2 / |sum g_i|^2 over all n examples. Up to the bound n Delta = 1 + tr(S) / |G|^2, batches learn
/// about as much from an example as a batch of 1 does [Yin 2018].
package struct DiversityMeasurement: Sendable {
    /// The gradient of one example's own loss.
    package struct Example: Sendable, Hashable {
        /// The place of the example in the training set.
        package let place: Int
        package let gradientNorm, loss, weight: Double
    }

    /// The number n of examples.
    package let examples: Int
    /// n Delta; nil where the mean gradient is 0.
    package let batchBound: Double?
    /// Delta.
    package var diversity: Double? { batchBound.map { $0 / Double(examples) } }
    /// The examples, those with the largest gradient first. Examples of weight 0 have none, and are left out.
    package let byNorm: [Example]
    /// The part of the sum of squared norms that the hundredth of the examples with the largest ones have.
    package let shareOfTopHundredth: Double

    package init(_ subject: Subject, progress: (Int, Int) -> Void = { _, _ in }) throws {
        let examples = subject.data.train.count
        self.examples = examples
        guard examples > 1 else { throw MeasurementError.tooFewExamples(found: examples, needed: 2) }
        let pass = try WholeGradientPass(subject, keepingExamples: true, progress: progress)
        let norm = pass.gradient.indices.reduce(0) { $0 + pass.squaredNorm($1) }
        let squares = pass.meanSquares.reduce(0, +)
        batchBound = norm > 0 ? squares / norm : nil
        byNorm = pass.found.sorted { ($1.gradientNorm, $0.place) < ($0.gradientNorm, $1.place) }
        let all = byNorm.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }
        let top = byNorm.prefix((byNorm.count + 99) / 100).reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }
        shareOfTopHundredth = all > 0 ? top / all : 0
    }

    /// The norm that this part of the examples has at most.
    package func quantile(_ part: Double) -> Double? {
        guard !byNorm.isEmpty else { return nil }
        let place = Int((Double(byNorm.count - 1) * (1 - part)).rounded())
        return byNorm[min(max(place, 0), byNorm.count - 1)].gradientNorm
    }
}
