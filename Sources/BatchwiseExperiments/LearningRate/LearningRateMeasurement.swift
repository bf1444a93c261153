import Batchwise

/// The largest stable learning rate at several batches, the rate that is suggested, and how it grows with the batch.
///
/// Every run is one of a trainer of its own, so the subject, and any trainer that it came from, stay as they are.
package struct LearningRateMeasurement: Sendable {
    /// The largest stable rates, in ascending order of their batches.
    package let stable: [StableRate]
    /// The batch at which the part of the largest stable rate was chosen.
    package let reference: StableRate
    /// The choice of that part.
    package let halving: RateHalving
    /// The growth of the largest stable rate with the batch.
    package let power: RatePower
    /// The peak of the recipe's own rate at the batch of reference.
    package let recipeRate: Double
    /// Sentences for a person about what was left out.
    package let notices: [String]

    /// The rate that is suggested for batches of a size that was measured.
    package func suggested(_ stable: StableRate) -> Double { stable.suggested(part: halving.part) }

    /// Measures.
    ///
    /// - Parameters:
    ///   - batches: The batches; nil: the recipe's, and a quarter and four times of it where they are possible.
    ///   - seeds: How many seeds each rate is measured with: the recipe's and those that follow it.
    ///   - updates: The updates in which the rate of a test grows tenfold, and those of a run at one rate; half as
    ///     many for the shortest runs that compare rates. Where they are fewer than 3,200 examples, there are more.
    ///   - progress: Called with the number of runs that are done and of those that are expected; may end the
    ///     measurement by throwing.
    package init(
        _ subject: Subject, batches: [Int]? = nil, seeds: Int = 3, updates: Int = 200,
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        let choice = try BatchChoice(subject, asked: batches)
        let seeds = (0..<UInt64(seeds)).map { subject.recipe.seed &+ $0 }
        let expected = choice.sizes.count * seeds.count + 5 * seeds.count
        var done = 0
        func tick() throws { try progress(done, max(expected, done + 1)) }
        func length(_ batch: Int) -> Int { max(updates, (3200 + batch - 1) / batch) }

        var stable: [StableRate] = []
        for batch in choice.sizes {
            stable.append(
                try StableRate(
                    subject, batch: batch, seeds: seeds, updates: length(batch),
                    near: stable.last?.median ?? subject.recipeRate(batch: batch), tick: tick, seedDone: { done += 1 }))
        }
        let reference = stable[choice.reference]
        let halving = try RateHalving(updates: length(reference.batch) / 2) { part, updates in
            try seeds.reduce(0.0) { sum, seed in
                defer { done += 1 }
                guard sum < .infinity else { return sum }
                let loss = try subject.finalLoss(
                    batch: reference.batch, rate: part * reference.median, falls: true, updates: updates, seed: seed,
                    tick: tick)
                return sum + loss / Double(seeds.count)
            }
        }
        guard let halving else {
            throw MeasurementError.noStableRate(batch: reference.batch, rate: reference.low * RateHalving.parts[0])
        }
        self.stable = stable
        self.reference = reference
        self.halving = halving
        power = RatePower(stable.map { ($0.batch, $0.rates) }, resolution: StableEdge.resolution)
        recipeRate = subject.recipeRate(batch: reference.batch)
        notices = choice.notices
    }
}
