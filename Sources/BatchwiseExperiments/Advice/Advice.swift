import Batchwise
import BatchwiseData
import Foundations

/// A batch, a learning rate and a length for a recipe on this machine, from measurements that fit a budget of time.
///
/// 1. The speed over the batch gives T(B), the seconds of an update.
/// 2. A range test at the recipe's batch gives a rate to train with.
/// 3. After a short training at that rate, the gradient noise scale estimates the critical batch B_c.
/// 4. U(B) = U_min (1 + B_c / B) updates of T(B) seconds take least time at the batch that is advised.
/// 5. A range test at that batch gives its rate.
package struct Advice: Sendable {
    /// The cost of a batch that is a factor times the one that is advised.
    package struct IfWrong: Sendable {
        package let factor: Double
        package let batch: Int
        /// The share of the least time that it takes more.
        package let cost: Double
    }

    package let throughput: ThroughputMeasurement
    package let noise: NoiseScaleMeasurement
    /// The updates after which the noise was measured.
    package let noiseAfter: Int
    package let rates: [LearningRateMeasurement]
    /// B_c: the noise scale or, where the samples do not bound it, the lower end of its interval.
    package let criticalBatch: Double
    package let batch: Int
    package let learningRate: Double
    package let warmupUpdates: Int
    package let epochs: Int
    package let plan: Plan
    package let predictedSeconds: Double
    package let ifWrong: [IfWrong]
    /// The recipe that is advised.
    package let recipe: Recipe
    /// The seconds that the measurements took.
    package let seconds: Double

    package init(_ subject: Subject, budget: Double, progress: (String) throws -> Void) throws {
        let start = now()
        let (recipe, examples) = (subject.recipe, subject.data.train.count)
        guard examples > 1 else { throw MeasurementError.tooFewExamples(found: examples, needed: 2) }
        let reference = min(recipe.batch.size, examples)

        try progress("speed over the batch")
        let sizes = Self.sizes(upTo: min(examples, 4096), with: reference)
        let throughput = try ThroughputMeasurement(
            subject, batches: sizes, seconds: min(0.05, budget / 40 / Double(sizes.count)))
        guard let referenceRow = throughput.rows.first(where: { $0.batch == reference }) else {
            throw MeasurementError.batchBeyondData(batch: reference, examples: examples)
        }
        func secondsOfUpdate(_ batch: Int) -> Double {
            throughput.rows.first { $0.batch == batch }?.speed.secondsPerUpdate ?? .infinity
        }

        try progress("the learning rate of batches of \(reference)")
        let seeds = Self.seeds(updateSeconds: secondsOfUpdate(reference), budget: budget / 3)
        guard seeds > 0 else {
            throw MeasurementError.budgetTooShort(
                seconds: budget, needed: 3 * Self.rateSeconds(updateSeconds: secondsOfUpdate(reference), seeds: 1))
        }
        let first = try LearningRateMeasurement(subject, batches: [reference], seeds: seeds) { _, _ in
            try progress("the learning rate of batches of \(reference)")
        }
        let rate = first.suggested(first.reference)

        try progress("a short training")
        var tuned = subject.recipe(batch: reference)
        tuned.learningRate = LearningRate(base: rate)
        let perEpoch = max((examples + reference - 1) / reference, 1)
        let affordable = Int(budget / 4 / referenceRow.speed.secondsPerUpdate)
        noiseAfter = max(min(2 * perEpoch, affordable, recipe.epochs * perEpoch / 2), 1)
        let trained = try Subject(tuned, data: subject.data, model: subject.model, machine: subject.machine)
            .trained(for: .updates(noiseAfter))
        try progress("the noise of the gradient")
        let batches = max(min(256, Int(budget / 8 / referenceRow.speed.secondsPerUpdate)), 16)
        let noise = try NoiseScaleMeasurement(trained, updates: batches)
        let critical = try noise.criticalBatch

        func time(_ row: ThroughputMeasurement.Row) -> Double {
            (1 + critical / Double(row.batch)) * row.speed.secondsPerUpdate
        }
        let best = throughput.rows.min { time($0) < time($1) } ?? referenceRow
        var rates = [first]
        if best.batch != reference {
            try progress("the learning rate of batches of \(best.batch)")
            let left = budget - (now() - start)
            let seeds = max(Self.seeds(updateSeconds: best.speed.secondsPerUpdate, budget: left), 1)
            rates.append(
                try LearningRateMeasurement(subject, batches: [best.batch], seeds: seeds) { _, _ in
                    try progress("the learning rate of batches of \(best.batch)")
                })
        }
        let chosen = rates[rates.count - 1]
        // as many examples as the recipe's batch would need for as much progress
        let growth = (1 + Double(best.batch) / critical) / (1 + Double(reference) / critical)
        let scaled = max(Int((Double(recipe.epochs) * growth).rounded(.up)), 1)
        // marks of a decay, and a warmup, stand within the recipe's epochs
        let hasMarks = recipe.learningRate.decay.hasMarks || recipe.learningRate.warmup != nil
        epochs = hasMarks ? max(scaled, recipe.epochs) : scaled
        let updates = epochs * max((examples + best.batch - 1) / best.batch, 1)
        // the range test begins far below the rate that it ends at; a run begins at the rate itself
        warmupUpdates = best.batch > reference && !recipe.learningRate.decay.climbs ? updates / 20 : 0

        var advised = recipe
        advised.batch.size = best.batch
        (advised.batch.grain, advised.batch.lanes, advised.batch.grow) = (nil, nil, nil)
        advised.learningRate = LearningRate(
            base: chosen.suggested(chosen.reference),
            warmup: warmupUpdates > 0
                ? .init(over: .updates(warmupUpdates))
                : recipe.learningRate.warmup.map { .init(over: $0.over, shape: $0.shape) },
            decay: recipe.learningRate.decay)
        advised.epochs = epochs
        plan = try Trainer.prepare(
            advised, data: subject.data.train, validation: subject.data.validation, machine: subject.machine
        ).plan
        self.recipe = advised
        self.throughput = throughput
        self.noise = noise
        self.rates = rates
        criticalBatch = critical
        batch = best.batch
        learningRate = chosen.suggested(chosen.reference)
        predictedSeconds = Double(updates) * best.speed.secondsPerUpdate
        ifWrong = [0.5, 2, 4].compactMap { factor in
            let wrong = Double(best.batch) * factor
            guard let row = throughput.rows.first(where: { Double($0.batch) == wrong }) else { return nil }
            return IfWrong(factor: factor, batch: row.batch, cost: time(row) / time(best) - 1)
        }
        seconds = now() - start
    }

    private static func sizes(upTo most: Int, with reference: Int) -> [Int] {
        var sizes: Set<Int> = [reference]
        var size = 1
        while size <= most {
            sizes.insert(size)
            size *= 2
        }
        return sizes.sorted()
    }

    /// The seconds of a range test and of the short runs that compare rates, with so many seeds.
    private static func rateSeconds(updateSeconds: Double, seeds: Int) -> Double {
        // about 600 updates of a range test, and five runs of a few hundred
        updateSeconds * Double(seeds) * 2500
    }

    private static func seeds(updateSeconds: Double, budget: Double) -> Int {
        (1...3).last { rateSeconds(updateSeconds: updateSeconds, seeds: $0) <= budget } ?? 0
    }
}

extension NoiseScaleMeasurement {
    /// The noise scale or, where the samples do not bound it, the lower end of its interval.
    fileprivate var criticalBatch: Double {
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

extension LearningRate.Decay {
    /// Whether it has a climb of its own, beside which there is no warmup.
    fileprivate var climbs: Bool {
        switch self {
        case .oneCycle, .triangular: true
        default: false
        }
    }

    /// Whether it has lengths or marks that a shorter run may not hold.
    fileprivate var hasMarks: Bool {
        switch self {
        case .step, .multiStep, .restarts, .triangular: true
        case .linear(_, let from), .cosine(_, let from), .polynomial(_, _, let from): from != nil
        case .constant, .exponential, .inverseSquareRoot, .oneCycle, .plateau: false
        }
    }
}
