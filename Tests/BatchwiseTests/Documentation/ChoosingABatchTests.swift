import Batchwise
import Testing

@Suite struct ChoosingABatchTests {
    @Test func aRateIsCarriedToOtherBatches() throws {
        let rate = LearningRate.base(0.03, atBatch: 32, scaling: .squareRoot).warmup(.epochs(2)).cosine()
        let factor = rate.scaling.factor(batch: 128, atBatch: 32)
        #expect(factor == 2)
        let digits = Dataset.digits()
        var reached: [Int: Double] = [:]
        for batch in [16, 64, 256] {
            let recipe = Recipe(
                model: LayerList {
                    Dense(64)
                    ReLU()
                    Dense(.classes)
                }, batch: Batch(size: batch), learningRate: rate, epochs: 15)
            var trainer = try Trainer(recipe, data: digits.train)
            let start = ContinuousClock.now
            let model = try trainer.run()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            reached[batch] = try model.evaluate(digits.test).accuracy
            print(batch, trainer.progress.updates, seconds, reached[batch] ?? 0)
        }
        #expect(reached.count == 3)
        #expect(reached.values.allSatisfy { $0 > 0.93 }, "\(reached)")
        let growing = Batch(size: 32, grow: BatchGrowth(.times(4, at: [.epochs(5), .epochs(10)])))
        let plan = try Plan(Recipe(model: LayerList { Dense(.classes) }, batch: growing), data: digits.train)
        print(plan.bytes.training, plan.microBatch, plan.accumulationSteps, plan.workers)
        #expect(plan.phases.map(\.batch) == [32, 128, 512])
        #expect(plan.bytes.training > 0)
    }
}
