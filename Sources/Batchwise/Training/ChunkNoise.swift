/// An estimate of how much the gradients of single examples differ, from the gradients of chunks of a sample, at fixed
/// parameters.
struct ChunkNoise {
    /// |g|^2 of the mean gradient g over the sample.
    private(set) var squaredNorm = 0.0
    /// An estimate of tr(S), the sum over the parameters of the variance of an example's gradient.
    private(set) var trace = 0.0
    /// The number of examples of the sample.
    let examples: Int
    /// The weighted mean loss over the sample; 0 where all weights are 0.
    let loss: Double
    /// The estimates of |G|^2 and tr(S) for the mean gradient G over all examples, which are free of bias: |g|^2 is
    /// too large by the noise of g.
    let unbiased: NoiseSample.Part

    /// Computes the estimate from the sums over n chunks of gradient g_j, each of `chunk` examples: g is their mean, and
    /// tr(S) = chunk sum |g_j - g|^2 / (n - 1). The sample is drawn from `population` examples without replacement; nil:
    /// with replacement.
    init(
        chunk: Int, chunks: Int, squares: Double, sum: UnsafeBufferPointer<Double>, loss: Double = 0,
        population: Int? = nil
    ) {
        let count = Double(chunks)
        let mean = sum.reduce(0) { $0 + ($1 / count) * ($1 / count) }
        squaredNorm = mean
        trace = max(0, Double(chunk) * (squares - count * mean) / (count - 1))
        examples = chunk * chunks
        self.loss = loss
        unbiased = NoiseSample.Part(
            layer: "", mean: mean, ofBatches: squares / count, batches: chunks, examples: examples,
            population: population)
    }

    /// The variance tr(S), at least 0.
    var variance: Double { max(unbiased.variance, 0) }
    /// The noise scale tr(S) / |G|^2; nil where the sample does not tell, for its estimate of |G|^2 is not above 0.
    var noiseScale: Double? { unbiased.squaredNorm > 0 ? variance / unbiased.squaredNorm : nil }
    /// The bound theta of the norm test that a batch of this size passes just so.
    func theta(batch: Int) -> Double { (trace / (Double(batch) * squaredNorm)).squareRoot() }
}
