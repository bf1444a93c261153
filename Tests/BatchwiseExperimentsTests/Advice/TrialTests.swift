import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Testing

@testable import BatchwiseExperiments

/// Settings that are trained and compared, against trainings that a test makes by itself.
@Suite struct TrialTests {
    /// y = w x + noise, in `count` examples.
    private static func numbers(_ count: Int, seed: UInt64) throws -> Dataset {
        var normal = NormalNumbers(seed)
        let features = (0..<count * 4).map { _ in Float(normal.next()) }
        let values = (0..<count).map { row in
            let clean = (0..<4).reduce(Float(0)) { $0 + Float($1 + 1) * features[4 * row + $1] }
            return clean / 5 + Float(normal.next()) / 2
        }
        return try Dataset(features: features, shape: [4], values: values)
    }

    private static func subject(rate: Double, epochs: Int = 4, decay: LearningRate.Decay = .cosine()) throws -> Subject
    {
        let train = try numbers(600, seed: 1)
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, loss: .meanSquaredError(), batch: Batch(size: 16),
            learningRate: LearningRate(base: rate, decay: decay), epochs: epochs)
        let preprocessing = Preprocessing(featureShape: [4], features: .uniform(scale: 1, shift: 0), target: .none)
        return try Subject(
            recipe, data: LoadedData(train: train, test: try numbers(400, seed: 2), preprocessing: preprocessing),
            machine: Machine(threads: 2))
    }

    private static func compared(
        _ subject: Subject, first: [TrialSetting], own: TrialSetting, goal: SweepGoal? = nil, seconds: Double = 20,
        highestRate: Double = 1, speed: ThroughputMeasurement? = nil
    ) throws -> ComparedSettings {
        let speed = try speed ?? ThroughputMeasurement(subject, batches: [4, 16, 64], seconds: 0.002)
        return try ComparedSettings(
            subject, first: first, own: own, goal: goal, left: seconds, budget: seconds, speed: speed,
            highestRate: { _ in highestRate }, until: Interruption(), progress: { _ in })
    }

    /// The loss on examples that nobody has seen, of a training that the test makes by itself.
    private static func loss(_ subject: Subject, _ setting: TrialSetting) throws -> Double {
        let recipe = setting.recipe(subject.recipe, examples: subject.data.train.count)
        var trainer = try Trainer(recipe, data: subject.data.train)
        return try trainer.run().evaluate(try numbers(2000, seed: 3)).loss
    }

    @Test func aPoorRateIsImproved() throws {
        let subject = try Self.subject(rate: 1e-4)
        let own = TrialSetting(batch: 16, rate: 1e-4, epochs: 4)
        let compared = try Self.compared(subject, first: [own], own: own)
        let chosen = try #require(compared.chosen)
        let (before, after) = (try Self.loss(subject, own), try Self.loss(subject, chosen.setting))
        // the noise is 0.25 of a variance of 0.25 + 30 / 25
        #expect(before > 0.6 && after < 0.18, "\(before), \(after): \(chosen.setting)")
        #expect(compared.isSettled && compared.own?.setting == own && compared.keptBack == 120)
        #expect(compared.stableSeeds == 20 && compared.neededBudget == nil)
        // nothing is much faster and as good: the fastest of those within a standard error was taken
        let best = try #require(compared.trials.first)
        #expect(chosen.seconds <= best.seconds)
    }

    @Test func ratesThatDivergeAreNotAdvised() throws {
        let subject = try Self.subject(rate: 0.01)
        let (own, wild) = (
            TrialSetting(batch: 16, rate: 0.01, epochs: 4), TrialSetting(batch: 16, rate: 1e9, epochs: 4)
        )
        let compared = try Self.compared(subject, first: [own, wild], own: own, highestRate: 1e9)
        #expect(try #require(compared.trials.first { $0.setting == wild }).isDiverged)
        #expect(try #require(compared.chosen).setting.rate < 10)
        // where everything diverges, nothing is chosen
        #expect(try Self.compared(Self.subject(rate: 1e9), first: [wild], own: wild, highestRate: 1e9).chosen == nil)
    }

    /// The updates to a goal, found again by a loop of the test's own.
    @Test(arguments: [1, 3])
    func updatesToAGoal(jobs: Int) throws {
        let subject = try Self.subject(rate: 0.01, epochs: 8)
        let goal = SweepGoal(.test, .loss, 0.3)
        let test = try #require(subject.data.test)
        let setting = TrialSetting(batch: 16, rate: 0.01, epochs: 8)
        let training = TrialTraining(
            recipe: subject.recipe, train: subject.data.train, judged: test, validation: nil,
            machine: Machine(threads: 1), examples: 600, goal: goal, share: 1, own: setting, jobs: jobs)
        let tasks = (0..<3).map { TrialTraining.Task(setting: setting, seed: UInt64($0)) }
        let found = try #require(try training.run(tasks, until: Interruption()) { _ in })
        for (seed, result) in found.enumerated() {
            var recipe = subject.recipe
            recipe.seed += UInt64(seed)
            var trainer = try Trainer(recipe, data: subject.data.train)
            var reached: [Int] = []
            while !trainer.isFinished, reached.count < 2 {
                _ = try trainer.update()
                let updates = trainer.progress.updates
                guard RunWatch.mark(after: updates - 1) == updates else { continue }
                let isReached = try trainer.model().evaluate(test).loss <= 0.3
                reached = isReached ? reached + [updates] : []
            }
            #expect(result.updatesToGoal == reached.first && reached.count == 2, "\(seed): \(result), \(reached)")
        }
    }

    @Test func theGoalIsReachedSooner() throws {
        let subject = try Self.subject(rate: 0.0002, epochs: 60)
        let own = TrialSetting(batch: 16, rate: 0.0002, epochs: 60)
        let compared = try Self.compared(subject, first: [own], own: own, goal: SweepGoal(.test, .loss, 0.3))
        let (before, after) = (try #require(compared.own), try #require(compared.chosen))
        let (old, new) = (try #require(before.results[0].updatesToGoal), try #require(after.results[0].updatesToGoal))
        #expect(old > 100 && Double(new * after.setting.batch) < 0.5 * Double(old * before.setting.batch))
        #expect(compared.keptBack == 0)
        // a goal that nothing reaches advises nothing
        #expect(try Self.compared(subject, first: [own], own: own, goal: SweepGoal(.test, .loss, 0.1)).chosen == nil)
    }

    /// Where whole trainings do not fit the time, parts are compared, and then nothing is.
    @Test func shortBudgets() throws {
        let subject = try Self.subject(rate: 0.01, epochs: 2000)
        let own = TrialSetting(batch: 16, rate: 0.01, epochs: 2000)
        let speed = try ThroughputMeasurement(subject, batches: [16], seconds: 0.002)
        let whole = 12 * 2000 * 30 * speed.secondsOnOneThread(batch: 16) / 2
        let part = try Self.compared(subject, first: [own], own: own, seconds: whole / 8, speed: speed)
        #expect(abs(part.share - 0.125) < 1e-6 && part.neededBudget != nil)
        #expect(part.trials.allSatisfy { $0.setting.epochs == 2000 } && part.chosen != nil)
        let none = try Self.compared(subject, first: [own], own: own, seconds: 1e-6)
        #expect(none.trials.isEmpty && none.chosen == nil && (none.neededBudget ?? 0) > 0)
    }

    /// A rate below the end of the decay cannot be trained: the others are.
    @Test func settingsThatTheRecipeRefusesAreLeftOut() throws {
        let subject = try Self.subject(rate: 0.02, decay: .cosine(end: 0.01))
        let (own, low) = (
            TrialSetting(batch: 16, rate: 0.02, epochs: 4), TrialSetting(batch: 16, rate: 0.005, epochs: 4)
        )
        let compared = try Self.compared(subject, first: [own, low], own: own)
        #expect(try #require(compared.trials.first { $0.setting == low }).refusal?.contains("0.01") == true)
        #expect(try #require(compared.chosen).setting.rate > 0.01)
    }

    @Test func aSettingInARecipe() throws {
        let recipe = try Self.subject(rate: 0.01).recipe
        let setting = TrialSetting(batch: 128, rate: 0.0123456, epochs: 40, hasWarmup: true)
        #expect(setting.rate == 0.0123 && setting.updates(examples: 600) == 200)
        let changed = setting.recipe(recipe, examples: 600)
        #expect(changed.batch.size == 128 && changed.epochs == 40 && changed.learningRate.base == 0.0123)
        #expect(
            changed.learningRate.warmup?.over == .updates(10) && changed.learningRate.decay == recipe.learningRate.decay
        )
        #expect(changed.optimizer == recipe.optimizer && changed.seed == recipe.seed)
        #expect(TrialSetting(batch: 1, rate: 9.999e-5, epochs: 1) == TrialSetting(batch: 1, rate: 1e-4, epochs: 1))
        for decay in [LearningRate.Decay.step(every: .epochs(1)), .oneCycle()] {
            let rate = LearningRate(base: 1, decay: decay)
            #expect(rate.hasMarks != rate.climbs)
        }
    }
}
