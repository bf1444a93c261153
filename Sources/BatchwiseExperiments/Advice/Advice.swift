import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

/// A batch, a learning rate and a length for a recipe on this machine, from measurements that fit a budget of time.
///
/// 1. The speed over the batch gives T(B), the seconds of an update.
/// 2. A range test at the recipe's batch gives a rate to train with.
/// 3. After a short training at that rate, the gradient noise scale estimates the critical batch B_c.
/// 4. U(B) = U_min (1 + B_c / B) updates of T(B) seconds take least time at the batch to begin with.
/// 5. A range test at that batch gives its rate.
/// 6. With the time that is left, settings around these are trained and compared.
package struct Advice: Sendable {
    /// The cost of a batch that is a factor times the one that is advised.
    package struct IfWrong: Sendable {
        package let factor: Double
        package let batch: Int
        /// The share of the least time that it takes more.
        package let cost: Double
    }

    package let goal: SweepGoal?
    package let throughput: ThroughputMeasurement
    package let noise: NoiseScaleMeasurement
    /// The updates after which the noise was measured.
    package let noiseAfter: Int
    package let rates: [LearningRateMeasurement]
    package let compared: ComparedSettings
    /// B_c: the noise scale or, where the samples do not bound it, the lower end of its interval.
    package let criticalBatch: Double
    /// The setting that measurements alone advise, and the one that is advised.
    package let (measured, setting): (TrialSetting, TrialSetting)
    package let plan: Plan
    package let (secondsPerUpdate, predictedSeconds): (Double, Double)
    package let warmupUpdates: Int
    package let ifWrong: [IfWrong]
    /// The recipe that is advised.
    package let recipe: Recipe
    /// The seconds that the measurements took.
    package let seconds: Double

    /// - Parameters:
    ///   - goal: A metric that is to be reached soonest; nil: the lowest error on examples that are held out.
    ///   - budget: The seconds that measurements may take.
    package init(
        _ subject: Subject, goal: SweepGoal? = nil, budget: Double, until interruption: Interruption,
        progress: @escaping (String) throws -> Void
    ) throws {
        let start = now()
        let recipe = subject.recipe
        guard subject.data.train.count > 1 else {
            throw MeasurementError.tooFewExamples(found: subject.data.train.count, needed: 2)
        }
        let examples = try subject.epochLength
        try goal?.require(in: subject.data)
        let reference = min(recipe.batch.size, examples)

        try progress("speed over the batch")
        let one = try Trainer.prepare(
            subject.recipe(batch: reference), data: subject.data.train, machine: subject.machine
        )
        .measured(seconds: min(0.02, budget / 40)).secondsPerUpdate
        let needed = 3 * Self.secondsOfRate(updateSeconds: one, batch: reference, seeds: 1)
        guard needed <= budget else { throw MeasurementError.budgetTooShort(seconds: budget, needed: needed) }
        // a size of which an update alone takes a hundredth of the budget is not measured
        let most = min(examples, 4096, max(Int(budget / 100 / one * Double(reference)), reference))
        let sizes = Self.sizes(upTo: most, with: reference)
        let speed = try ThroughputMeasurement(
            subject, batches: sizes, seconds: min(0.15, budget / 40 / Double(sizes.count)))

        let seconds = max(
            budget / 3,
            Self.secondsOfRate(updateSeconds: speed.secondsPerUpdate(batch: reference), batch: reference, seeds: 1))
        let first = try Self.rate(subject, batch: reference, speed, budget: seconds, progress)
        guard let first else { throw MeasurementError.budgetTooShort(seconds: budget, needed: needed) }
        try progress("a short training")
        var tuned = subject.recipe(batch: reference)
        tuned.learningRate = LearningRate(base: first.suggested(first.reference))
        let perEpoch = max((examples + reference - 1) / reference, 1)
        let affordable = Int(budget / 4 / speed.secondsPerUpdate(batch: reference))
        noiseAfter = max(min(2 * perEpoch, affordable, recipe.epochs * perEpoch / 2), 1)
        let trained = try Subject(tuned, data: subject.data, model: subject.model, machine: subject.machine)
            .trained(for: .updates(noiseAfter)) { try progress("a short training") }
        try progress("the noise of the gradient")
        let batches = max(min(256, Int(budget / 8 / speed.secondsPerUpdate(batch: reference))), 16)
        noise = try NoiseScaleMeasurement(trained, updates: batches)
        let critical = try noise.criticalBatch

        func time(_ batch: Int) -> Double { (1 + critical / Double(batch)) * speed.secondsPerUpdate(batch: batch) }
        let best = sizes.min { time($0) < time($1) } ?? reference
        var rates = [first]
        if best != reference {
            let left = budget / 2 - (now() - start)
            if let more = try Self.rate(subject, batch: best, speed, budget: left, progress) {
                rates.append(more)
            }
        }
        let stable = rates.map { (batch: $0.reference.batch, rate: $0.suggested($0.reference), low: $0.reference.low) }
        /// The nearest batch that was measured, and how many times as high its rate may be at another.
        func nearest(_ batch: Int) -> (rate: Double, low: Double) {
            func distance(_ other: Int) -> Double { max(Double(other) / Double(batch), Double(batch) / Double(other)) }
            let found = stable.min { distance($0.batch) < distance($1.batch) } ?? stable[0]
            let factor = (Double(batch) / Double(found.batch)).squareRoot()
            return (found.rate * factor, found.low * factor)
        }
        // as many examples as the recipe's batch would need for as much progress
        let growth = (1 + Double(best) / critical) / (1 + Double(reference) / critical)
        let epochs = max(Int((Double(recipe.epochs) * growth).rounded(.up)), 1)
        let mayWarmUp = recipe.learningRate.warmup == nil && !recipe.learningRate.climbs
        measured = TrialSetting(
            batch: best, rate: nearest(best).rate,
            // marks of a decay, and a warmup, stand within the recipe's epochs
            epochs: recipe.learningRate.hasMarks ? max(epochs, recipe.epochs) : epochs,
            // the range test begins far below the rate that it ends at; a run begins at the rate itself
            hasWarmup: best > reference && mayWarmUp)
        // advice replaces batches that grow and gains that are measured: their trainings are of unknown length
        let ownIsTried = recipe.batch.grow == nil && recipe.learningRate.scaling != .adaScale
        let own = TrialSetting(batch: reference, rate: subject.recipeRate(batch: reference), epochs: recipe.epochs)
        compared = try ComparedSettings(
            subject, first: measured == own || !ownIsTried ? [measured] : [own, measured], own: own, goal: goal,
            left: budget - (now() - start), budget: budget, speed: speed, highestRate: { nearest($0).low / 2 },
            until: interruption, progress: progress)

        // lengths in updates may not fit what measurements advise
        let fits =
            (try? Trainer.prepare(
                measured.recipe(recipe, examples: examples), data: subject.data.train,
                machine: subject.machine)) != nil
        let setting = compared.chosen?.setting ?? (fits ? measured : own)
        var advised = setting == own ? recipe : setting.recipe(recipe, examples: examples)
        if subject.data.heldOut != nil, compared.chosen != nil, compared.share == 1 {
            // the length is known now, so that no examples need be held out to end the run
            (advised.earlyStopping, advised.keptModel) = (nil, .last)
            advised.data?.split.validation = nil
        }
        plan = try Trainer.prepare(
            advised, data: subject.data.train, validation: subject.data.validation, machine: subject.machine
        ).plan
        self.goal = goal
        self.recipe = advised
        self.setting = setting
        self.rates = rates
        throughput = speed
        criticalBatch = critical
        warmupUpdates = setting.warmupUpdates(examples: examples)
        secondsPerUpdate = speed.secondsPerUpdate(batch: setting.batch)
        predictedSeconds = Double(setting.updates(examples: examples)) * secondsPerUpdate
        ifWrong = [0.5, 2, 4].compactMap { factor in
            let wrong = Int(Double(setting.batch) * factor)
            guard wrong >= 1, wrong <= examples else { return nil }
            return IfWrong(factor: factor, batch: wrong, cost: time(wrong) / time(setting.batch) - 1)
        }
        self.seconds = now() - start
    }
}
