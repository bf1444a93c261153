import Testing

@testable import Batchwise

/// Speeds depend on the machine, so the tests check only that they are there, and that they are those of the plan.
@Suite struct SpeedTests {
    private func run(
        _ model: LayerList, batch: Batch, shape: [Int] = [12], machine: Machine = Machine(threads: 2),
        optimizer: Optimizer = .sgd(momentum: 0.9), augmentation: Augmentation = Augmentation()
    ) throws -> PreparedRun {
        try Trainer.prepare(
            Recipe(model: model, batch: batch, optimizer: optimizer, epochs: 1, augmentation: augmentation),
            data: SmallData.classes(130, shape: shape, weighted: true), machine: machine)
    }

    @Test func everyKindOfUpdateIsMeasured() throws {
        let images = [6, 6, 2]
        let runs = [
            try run(BatchTests.dense, batch: Batch(size: 32)),
            try run(BatchTests.dense, batch: Batch(size: 128), machine: Machine(threads: 1, microBatch: 32)),
            try run(BatchTests.dense, batch: Batch(size: 500, last: .pad)),
            try run(BatchTests.convolutional, batch: Batch(size: 48), shape: images),
            try run(
                BatchTests.convolutional, batch: Batch(size: 48), shape: images,
                augmentation: Augmentation([.flip, .mixup(alpha: 0.3)])),
            try run(
                BatchTests.convolutional, batch: Batch(size: 48), shape: images,
                machine: Machine(threads: 2, loadingThreads: 0), augmentation: Augmentation([.flip])),
            try run(layers(Dense(.classes)), batch: Batch(size: 1), optimizer: .sgd),
            try run(layers(Dense(.classes)), batch: Batch(size: 16, sampling: Sampling(by: .weights))),
        ]
        for run in runs {
            for seconds in [0, 0.01] {
                let speed = try run.measured(seconds: seconds)
                #expect(speed.secondsPerUpdate > 0 && speed.secondsPerUpdate.isFinite, "\(speed)")
                let updates = speed.secondsPerEpoch / speed.secondsPerUpdate
                #expect(abs(updates * Double(run.largestBatch) - 130) < 1e-6)
                #expect(abs(speed.examplesPerSecond * speed.secondsPerUpdate - Double(run.largestBatch)) < 1e-6)
                #expect((0...1).contains(speed.passShare ?? 0))
                #expect((speed.loadingSeconds != nil) == !run.recipe.augmentation.steps.isEmpty)
            }
        }
    }

    @Test func aTableOfMicroBatchesIsThatOfTheirPlans() throws {
        let machine = Machine(threads: 2, memory: 500_000)
        let run = try run(BatchTests.dense, batch: Batch(size: 100), machine: machine)
        let rows = try run.microBatches(seconds: nil)
        #expect(rows.map(\.size) == rows.map(\.size).sorted() && rows.count > 2)
        #expect(rows.filter(\.isChosen).map(\.size) == [run.plan.microBatch])
        for row in rows {
            let alone = try self.run(
                BatchTests.dense, batch: Batch(size: 100), machine: Machine(threads: 2, microBatch: row.size)
            ).plan
            #expect(alone.microBatch == row.size && alone.bytes.training == row.bytes)
            #expect(alone.accumulationSteps == row.accumulationSteps)
            #expect(row.fits == (row.bytes <= 500_000) && row.examplesPerSecond == nil)
        }
    }
}
