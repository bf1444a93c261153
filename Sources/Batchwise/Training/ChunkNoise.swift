/// An estimate of how much the gradients of single examples differ, from the gradients of chunks of a sample, at fixed
/// parameters.
struct ChunkNoise {
    /// |g|^2 of the mean gradient g over the sample.
    private(set) var squaredNorm = 0.0
    /// An estimate of tr(S), the sum over the parameters of the variance of an example's gradient.
    private(set) var trace = 0.0

    /// Computes the estimate from the sums over n chunks of gradient g_j, each of `chunk` examples: g is their mean, and
    /// tr(S) = chunk sum |g_j - g|^2 / (n - 1).
    init(chunk: Int, chunks: Int, squares: Double, sum: UnsafeBufferPointer<Double>) {
        let count = Double(chunks)
        squaredNorm = sum.reduce(0) { $0 + ($1 / count) * ($1 / count) }
        trace = max(0, Double(chunk) * (squares - count * squaredNorm) / (count - 1))
    }
}

extension BatchGrowth {
    /// The size that passes the norm test, where one of `size` fails: whole grains, within what the test may ask for at
    /// once.
    func size(after size: Int, grain: Int, noise: ChunkNoise) -> Int? {
        guard let test = normTest, let limit, size < limit else { return nil }
        let asked = noise.trace / (test.theta * test.theta * noise.squaredNorm)
        // 0 / 0, a gradient and its noise that vanish together, passes
        guard asked > Double(size) else { return nil }
        let most = max(size + 1, Int(min(Double(size) * test.times, Double(limit))))
        guard asked < Double(most) else { return most }
        return min((Int(asked.rounded(.up)) + grain - 1) / grain * grain, most)
    }
}
