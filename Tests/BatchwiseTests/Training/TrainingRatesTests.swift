import Foundation
import Testing

@testable import Batchwise

/// The rates that updates are made with.
@Suite struct TrainingRatesTests {
    /// Rates are those of the run's clock, whatever the treatment of the last batch, and each factor applies where its
    /// update begins.
    @Test(arguments: LastBatch.allCases, [1, 32])
    func updatesAreMadeAtTheRatesOfTheClock(last: LastBatch, batch: Int) throws {
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, batch: Batch(size: batch, last: last),
            learningRate: .constant(0.01).warmup(.updates(2)).decay(
                .multiStep(at: [.updates(3), .epochs(2), .updates(batch == 1 ? 250 : 11)], factor: 0.5)), epochs: 5)
        var trainer = try Trainer(recipe, data: SmallData.classes(100))
        let rate = trainer.learningRate
        #expect(trainer.plan.learningRate == 0.01)
        var (seen, rates) = (0, [Double]())
        try trainer.run(updates: .max) { update in
            #expect(update.learningRate == rate.rate(afterExamples: seen))
            seen = update.examples
            rates.append(update.learningRate)
        }
        let perEpoch = trainer.plan.updatesPerEpoch
        #expect(rates.count == 5 * perEpoch)
        let marks = [3, 2 * perEpoch, batch == 1 ? 250 : 11]
        for (update, found) in rates.enumerated() where update >= 2 {
            #expect(abs(found - 0.01 * pow(0.5, Double(marks.count { $0 <= update }))) < 1e-15)
        }
        #expect(abs(rates[0] - 0.001) < 1e-15 && abs(rates[1] - 0.0055) < 1e-15)
    }

    /// Lengths in updates fill a run to its last update, smaller batches and all.
    @Test func lengthsInUpdatesAreHeldAgainstTheUpdatesOfTheRun() throws {
        func resolve(_ first: Int) throws -> LearningRate.Resolved {
            try LearningRate.constant(0.1).warmup(.updates(2)).decay(.restarts(first: .updates(first)))
                .resolved(examplesPerEpoch: 100, batch: 32, epochs: 30)
        }
        _ = try resolve(118)
        #expect(throws: RecipeError.self) { try resolve(119) }
    }
}

/// Momentum that a learning rate drives.
@Suite struct MomentumCycleTests {
    @Test func updatesOfSingleExamplesAreLeftToTheGeneralPath() throws {
        var recipe = Recipe(
            model: LayerList { Dense(.classes) }, batch: Batch(size: 1), learningRate: .constant(0.01), epochs: 2)
        let data = try SmallData.classes(20)
        #expect(try Trainer(recipe, data: data).linear != nil)
        recipe.learningRate.decay = .oneCycle
        #expect(try Trainer(recipe, data: data).linear == nil)
        recipe.learningRate.decay = .oneCycle(.init(momentum: nil))
        #expect(try Trainer(recipe, data: data).linear != nil)
    }

    @Test func anOptimizerWithoutMomentumIsRefused() throws {
        var recipe = Recipe(
            model: LayerList { Dense(.classes) }, optimizer: .sgd, learningRate: .constant(0.01).decay(.oneCycle))
        let error = #expect(throws: RecipeError.self) { _ = try Trainer(recipe, data: SmallData.classes(64)).plan }
        #expect(error?.description.contains("learning-rate.decay.one-cycle.momentum") ?? false)
        recipe.learningRate.decay = .oneCycle(.init(momentum: nil))
        #expect(try Trainer(recipe, data: SmallData.classes(64)).plan.notices == [])
        recipe.optimizer = .adam()
        recipe.learningRate.decay = .triangular(.init(low: 0.001, up: .epochs(1), momentum: .init()))
        let notices = try Trainer(recipe, data: SmallData.classes(64)).plan.notices
        #expect(notices.count == 1 && notices[0].contains("between 0.85 and 0.95"))
    }

    @Test(arguments: [1, 7, 15, 30])
    func resumeEqualsUninterrupted(stop: Int) throws {
        let data = try SmallData.classes(70)
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, batch: Batch(size: 16),
            optimizer: .sgd(momentum: 0.5, nesterov: true), learningRate: .constant(0.1).decay(.oneCycle), epochs: 7)
        let whole = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        var first = try Trainer(recipe, data: data)
        for _ in 0..<stop { _ = try first.update() }
        var second = try Trainer(recipe, data: data, machine: Machine(threads: 2))
        try second.restore(first.checkpoint())
        #expect(try second.run().parametersSHA256 == whole)
        var other = recipe
        other.learningRate.decay = .oneCycle(.init(momentum: nil))
        #expect(try Trainer.fingerprint(other, data, Machine(threads: 1)) != whole)
    }
}
