import Foundation
import Testing

@testable import Batchwise

/// Rates that fall when epochs stop getting better, in training and over interruptions.
@Suite struct PlateauTests {
    /// Only a loss that is ten times lower counts as better, so the rate halves after every epoch but the first.
    private func recipe(
        patience: Int = 0, metric: EpochMetric? = nil, batch: Int = 16, epochs: Int = 6
    ) -> Recipe {
        Recipe(
            model: LayerList {
                Dense(9)
                ReLU()
                Dense(.classes)
            }, batch: Batch(size: batch), optimizer: .sgd(momentum: 0.9),
            learningRate: .constant(0.08).decay(
                .plateau(.init(factor: 0.5, patience: patience, threshold: 0.9, metric: metric))), epochs: epochs)
    }

    /// The rate of each epoch, from the reports of its updates, which must agree.
    private func ratesOfEpochs(
        _ trainer: inout Trainer, report: (Int) -> Evaluation? = { _ in nil }
    ) throws -> [Double] {
        var rates: [Double] = []
        while !trainer.isFinished {
            let update = try trainer.update()
            if update.epoch > rates.count { rates.append(update.learningRate) }
            #expect(update.learningRate == rates.last)
            if update.endsEpoch, let evaluation = report(update.epoch) { trainer.reportValidation(evaluation) }
        }
        return rates
    }

    @Test func withoutAReportTheTrainingLossIsJudged() throws {
        var trainer = try Trainer(recipe(), data: SmallData.classes(70, weighted: true))
        var losses: [Double] = []
        var (sum, weight) = (0.0, 0.0)
        while !trainer.isFinished {
            let update = try trainer.update()
            sum += update.loss * update.weight
            weight += update.weight
            if update.endsEpoch {
                losses.append(sum / weight)
                (sum, weight) = (0, 0)
            }
        }
        let best = try #require(trainer.progress.plateau?.best)
        #expect(abs(best - losses[0]) < 1e-12)
        #expect(trainer.progress.plateau?.factor == 1.0 / 16)  // the last epoch is not judged: no update follows it
        var again = try Trainer(recipe(), data: SmallData.classes(70, weighted: true))
        #expect(try ratesOfEpochs(&again) == [0.08, 0.08, 0.04, 0.02, 0.01, 0.005])
    }

    @Test func aReportTakesThePlaceOfTheTrainingLoss() throws {
        let data = try SmallData.classes(70)
        // 1, 0.05, 0.0025: each more than ten times better
        var falling = try Trainer(recipe(), data: data)
        #expect(
            try ratesOfEpochs(&falling) { Evaluation(examples: 1, loss: pow(0.05, Double($0))) }
                == Array(repeating: 0.08, count: 6))
        var flat = try Trainer(recipe(patience: 1), data: data)
        #expect(
            try ratesOfEpochs(&flat) { _ in Evaluation(examples: 1, loss: 1) } == [0.08, 0.08, 0.08, 0.04, 0.04, 0.02])
        // what is not finite is no better, and no best
        var diverging = try Trainer(recipe(), data: data)
        #expect(
            try ratesOfEpochs(&diverging) { Evaluation(examples: 1, loss: $0 < 3 ? .infinity : .nan) }
                == [0.08, 0.04, 0.02, 0.01, 0.005, 0.0025])
        // accuracies rise
        var accurate = try Trainer(recipe(metric: .validationAccuracy), data: data)
        #expect(
            try ratesOfEpochs(&accurate) {
                Evaluation(examples: 1, loss: 1, accuracy: [0.1, 0.2, 0.3, 0.6, 0.6, 0.6][$0 - 1])
            } == [0.08, 0.08, 0.08, 0.04, 0.04, 0.02])
    }

    /// A report in the middle of an epoch, or a second one, changes nothing; nor does one of a rate of another kind.
    @Test func onlyOneReportAnEpochCounts() throws {
        let data = try SmallData.classes(70)
        var trainer = try Trainer(recipe(), data: data)
        for _ in 0..<5 { _ = try trainer.update() }
        trainer.reportValidation(Evaluation(examples: 1, loss: 3))
        let once = trainer.progress
        #expect(once.plateau?.best == 3 && once.plateau?.epochs == 1)
        trainer.reportValidation(Evaluation(examples: 1, loss: 0.1))
        #expect(trainer.progress == once)
        _ = try trainer.update()
        let within = trainer.progress
        trainer.reportValidation(Evaluation(examples: 1, loss: 0.1))
        #expect(trainer.progress == within)

        var other = recipe()
        other.learningRate.decay = .cosine
        var cosine = try Trainer(other, data: data)
        for _ in 0..<5 { _ = try cosine.update() }
        cosine.reportValidation(Evaluation(examples: 1, loss: 0.1))
        #expect(cosine.progress.plateau == nil)
    }

    @Test func aMetricThatIsAskedForMustCome() throws {
        var trainer = try Trainer(recipe(metric: .validationLoss), data: SmallData.classes(70))
        for _ in 0..<5 { _ = try trainer.update() }
        let before = trainer.model().parametersSHA256
        #expect(throws: TrainingError.noValidation(epoch: 1, metric: "validation-loss")) { _ = try trainer.update() }
        #expect(trainer.model().parametersSHA256 == before)
        trainer.reportValidation(Evaluation(examples: 1, loss: 1))
        _ = try trainer.update()
        #expect(throws: RecipeError.self) {
            var regression = recipe(metric: .validationAccuracy)
            regression.loss = .meanSquaredError()
            let data = try Dataset(features: [1, 2, 3], shape: [1], values: [1, 2, 3], mean: 0, deviation: 1)
            _ = try Trainer(regression, data: data).plan
        }
    }

    /// A run that is interrupted within an epoch, at its end, or after its report ends with the same bits.
    @Test(arguments: [0, 3, 5, 9, 10, 15, 26, 30], [false, true])
    func resumeEqualsUninterrupted(stop: Int, reports: Bool) throws {
        let data = try SmallData.classes(70)
        let held = try SmallData.classes(40)
        func finish(_ trainer: inout Trainer, until last: Int = .max) throws {
            while !trainer.isFinished, trainer.progress.updates < last {
                if try trainer.update().endsEpoch, reports {
                    trainer.reportValidation(try trainer.model().evaluate(held))
                }
            }
        }
        var whole = try Trainer(recipe(), data: data, machine: Machine(threads: 1))
        try finish(&whole)
        var first = try Trainer(recipe(), data: data, machine: Machine(threads: 1))
        try finish(&first, until: stop)
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try first.checkpoint().write(to: path)
        var second = try Trainer(recipe(), data: data, machine: Machine(threads: 2, microBatch: 16))
        try second.restore(Checkpoint(contentsOf: path))
        #expect(second.progress == first.progress)
        try finish(&second)
        #expect(second.progress == whole.progress)
        #expect(second.model().parametersSHA256 == whole.model().parametersSHA256)
        // the negative control: without cuts it is another run
        var other = recipe(patience: 99)
        other.epochs = 6
        var constant = try Trainer(other, data: data)
        try finish(&constant)
        #expect(constant.model().parametersSHA256 != whole.model().parametersSHA256)
    }

    @Test func whatNoRunCanHaveSeenIsRefused() throws {
        let data = try SmallData.classes(70)
        var trainer = try Trainer(recipe(), data: data)
        for _ in 0..<12 { _ = try trainer.update() }
        let good = trainer.checkpoint()
        try trainer.restore(good)
        let changes: [(inout PlateauState) -> Void] = [
            { $0.factor = .nan }, { $0.factor = 2 }, { $0.best = .infinity }, { $0.badEpochs = -1 }, { $0.epochs = 3 },
            { $0.epochs = 1 }, { $0.weight = -1 }, { $0.lossSum = .infinity }, { $0.cooldown = -1 },
        ]
        for change in changes {
            var bad = good
            change(&bad.progress.plateau!)
            #expect(throws: CheckpointError.self) { try trainer.restore(bad) }
        }
        var without = good
        without.progress.plateau = nil
        #expect(throws: CheckpointError.self) { try trainer.restore(without) }
        // checkpoints of other rates are as they were before there were plateaus
        let old = try JSONDecoder().decode(
            TrainingProgress.self, from: Data(#"{"batch": 2, "epoch": 3, "examples": 172, "updates": 12}"#.utf8))
        #expect(old.plateau == nil && old.epoch == 3)
    }

    /// Updates of single examples in runs go by the same rates.
    @Test func linearUpdatesGoByThePlateau() throws {
        var recipe = recipe(batch: 1, epochs: 4)
        recipe.model = LayerList { Dense(.classes) }
        recipe.learningRate.base = 0.01
        let data = try SmallData.classes(70)
        var fast = try Trainer(recipe, data: data)
        var general = try Trainer(recipe, data: data)
        #expect(fast.linear != nil)
        general.linear = nil
        var (seen, expected) = ([UpdateReport](), [UpdateReport]())
        try fast.run(updates: 280) { seen.append($0) }
        try general.run(updates: 280) { expected.append($0) }
        #expect(seen == expected && fast.progress == general.progress)
        #expect(seen.last?.learningRate == 0.0025)
    }
}
