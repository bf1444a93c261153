/// The progress of an example in a batch of a size, against the progress of an example in a base batch [Qiao 2021]:
///
///     (phi + m0) / (phi + m)
///
/// phi is the noise scale, m the batch and m0 the base batch. It is 1 at the base batch and falls from there. Times
/// examples a second it is the goodput, which adaptive training raises.
package struct BatchEfficiency: Sendable, Hashable {
    /// phi = tr(S) / |G|^2, at least 0.
    package let noiseScale: Double
    /// m0, in examples.
    package let base: Double

    package init(noiseScale: Double, base: Double) {
        self.noiseScale = max(noiseScale, 0)
        self.base = base
    }

    /// The efficiency of batches of `batch` examples.
    package func value(batch: Double) -> Double {
        // an infinite noise scale makes all examples count the same
        noiseScale.isInfinite ? 1 : (noiseScale + base) / (noiseScale + batch)
    }

    /// The batch of the highest goodput on a machine whose update takes as long as `overhead` examples do, beside those
    /// of the batch: B / (overhead + B) examples a second, times the efficiency, is largest at sqrt(phi overhead), for
    /// every base.
    package static func bestBatch(noiseScale: Double, overhead: Double) -> Double {
        (max(noiseScale, 0) * overhead).squareRoot()
    }
}
