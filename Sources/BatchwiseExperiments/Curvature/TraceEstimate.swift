import Batchwise

/// The trace of a symmetric matrix H from products with random signs: the mean of z'Hz, which is unbiased [Hutchinson
/// 1990], with Student's interval of 95%.
package struct TraceEstimate: Sendable, Hashable, Codable {
    package var value: Double
    package var low: Double
    package var high: Double
    /// The number of random vectors.
    package var vectors: Int

    /// The estimate from `vectors` vectors of signs, at least 2, for a matrix of `count` rows.
    package init(
        count: Int, vectors: Int, random: CounterRandom, progress: (Int, Int) -> Void = { _, _ in },
        product: ([Double]) throws -> [Double]
    ) throws {
        var samples = PairedMeans()
        for index in 0..<max(vectors, 2) {
            let stream = random.keyed(by: UInt64(index))
            let signs = (0..<count).map { stream.bits(at: UInt64($0)) >> 63 == 0 ? 1.0 : -1.0 }
            samples.add(dot(signs, try product(signs)), 0)
            progress(index + 1, vectors)
        }
        let degrees = Double(samples.count - 1)
        let error = (samples.varianceOfX / Double(samples.count)).squareRoot()
        let half = StudentT(degrees: degrees).quantile(0.975) * error
        (value, low, high) = (samples.x, samples.x - half, samples.x + half)
        self.vectors = samples.count
    }
}
