import Batchwise

// The measurements of advice, within its budget.
extension Advice {
    /// The batches of the speed: powers of two, and the recipe's.
    static func sizes(upTo most: Int, with reference: Int) -> [Int] {
        var sizes: Set<Int> = [reference]
        var size = 1
        while size <= most {
            sizes.insert(size)
            size *= 2
        }
        return sizes.sorted()
    }

    /// A range test of a batch with as many seeds as there is time for; nil where there is none.
    static func rate(
        _ subject: Subject, batch: Int, _ speed: ThroughputMeasurement, budget: Double,
        _ progress: (String) throws -> Void
    ) throws -> LearningRateMeasurement? {
        let seconds = speed.secondsPerUpdate(batch: batch)
        guard
            let seeds = (1...3).last(where: { secondsOfRate(updateSeconds: seconds, batch: batch, seeds: $0) <= budget }
            )
        else {
            return nil
        }
        try progress("the learning rate of batches of \(batch)")
        return try LearningRateMeasurement(subject, batches: [batch], seeds: seeds) { _, _ in
            try progress("the learning rate of batches of \(batch)")
        }
    }

    /// The seconds of a range test and of the short runs that compare rates, with so many seeds.
    static func secondsOfRate(updateSeconds: Double, batch: Int, seeds: Int) -> Double {
        // about 600 updates of a range test, and five runs of a few hundred; more where batches are below 16
        updateSeconds * Double(seeds) * 2500 * max(1, 16 / Double(batch))
    }
}

extension NoiseScaleMeasurement {
    /// The noise scale or, where the samples do not bound it, the lower end of its interval.
    var criticalBatch: Double {
        get throws {
            let estimate = noise.estimate
            switch estimate.verdict {
            case .noNoise: throw MeasurementError.equalGradients
            case .noGradient: throw MeasurementError.noGradients
            case .measured, .atLeast, .notEnoughEvidence:
                guard let found = estimate.noiseScale ?? estimate.low, found > 0, found.isFinite else {
                    throw MeasurementError.noGradientSeen(updates: noise.updates)
                }
                // a batch below 1 is none
                return max(found, 1e-6)
            }
        }
    }
}
