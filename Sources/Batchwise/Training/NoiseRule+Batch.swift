// The batch that a noise rule asks for, from the noise as it is measured now.

extension BatchGrowth.NoiseRule {
    /// The batch that the noise asks for; nil where it cannot be told.
    func asked(by noise: ChunkNoise, rate: Double) -> Double? {
        switch criterion {
        case .normTest(let theta):
            // 0 / 0, a gradient and its noise that vanish together, asks for nothing
            noise.trace > 0 ? noise.trace / (theta * theta * noise.squaredNorm) : 0
        case .noiseScale(let share): noise.noiseScale.map { share * $0 }
        case .cabs: CABS.batch(rate: rate, variance: noise.variance, loss: noise.loss)
        case .goodput(let overhead):
            noise.noiseScale.map { BatchEfficiency.bestBatch(noiseScale: $0, overhead: overhead) }
        }
    }

    /// The batch after one of `size`: whole grains, within what the rule may ask for at once, and never smaller.
    func batch(after size: Int, asked: Double?, grain: Int, limit: Int) -> (size: Int, reason: GrowthDecision.Reason) {
        guard let asked else { return (size, .unclear) }
        guard asked > Double(size), size < limit else { return (size, .largeEnough) }
        let most = max(size + 1, Int(min(Double(size) * times, Double(limit))))
        let reason: GrowthDecision.Reason = most == limit ? .upTo : .times
        guard asked < Double(most) else { return (most, asked == Double(most) ? .asAsked : reason) }
        let whole = (Int(asked.rounded(.up)) + grain - 1) / grain * grain
        return whole > most ? (most, reason) : (whole, .asAsked)
    }
}
