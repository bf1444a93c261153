import Foundation
import TestSupport
import Testing

@testable import Batchwise

/// Batches that are loaded ahead: the same bits for any number of threads, and errors that come through.
@Suite struct LoaderTests {
    private struct Broken: Error, CustomStringConvertible {
        let description = "the sensor is off"
    }

    private static let model = layers(
        Conv2D(filters: 6, kernel: 3, padding: .same), ReLU(), MaxPool2D(2), Dropout(0.25), Dense(.classes))
    private static let steps: [Augmentation.Step] = [
        .crop(padding: 2), .flip, .rotate(degrees: 20), .brightness(0.3), .cutout(size: 3),
    ]

    private func recipe(batch: Int = 32, block: Int? = nil, steps: [Augmentation.Step] = []) -> Recipe {
        Recipe(
            model: Self.model, batch: Batch(size: batch, block: block), learningRate: .constant(0.05), epochs: 2,
            seed: 5,
            augmentation: Augmentation(steps))
    }

    private func streamed(_ data: Dataset) throws -> Dataset {
        try Dataset(count: data.count, shape: data.featureShape, targets: data.targets, weights: data.weights) {
            try data.fill($0, rows: $1)
        }
    }

    @Test func augmentationGivesTheSameBitsForAnyThreads() throws {
        let digits = Dataset.digits().train.prefix(200)
        let recipe = recipe(steps: Self.steps)
        let expected = try Trainer.fingerprint(recipe, digits, Machine(threads: 1, loadingThreads: 0))
        for (threads, microBatch, loading) in [(1, nil, 1), (2, 16, 4), (3, nil, 0), (2, nil, nil), (1, 32, 2)] {
            let machine = Machine(threads: threads, microBatch: microBatch, loadingThreads: loading)
            #expect(try Trainer.fingerprint(recipe, digits, machine) == expected, "\(machine)")
        }
        for index in Self.steps.indices {
            var fewer = Self.steps
            fewer.remove(at: index)
            #expect(try Trainer.fingerprint(self.recipe(steps: fewer), digits, Machine()) != expected)
        }
    }

    @Test(arguments: [1, 7, 100, 200, 500])
    func rowsOfAProgramTrainAsThoseInMemory(batch: Int) throws {
        let digits = Dataset.digits().train.prefix(200)
        let streamed = try streamed(digits)
        for block in [nil, 3] {
            let recipe = recipe(batch: batch, block: block)
            let expected = try Trainer.fingerprint(recipe, digits, Machine(threads: 1))
            for loading in [0, 1, 4] {
                #expect(try Trainer.fingerprint(recipe, streamed, Machine(loadingThreads: loading)) == expected)
            }
        }
        #expect(
            try Trainer.fingerprint(recipe(batch: 7, block: 3), digits, Machine())
                != Trainer.fingerprint(recipe(batch: 7), digits, Machine()))
    }

    @Test func aRunGoesOnWhereItWasInterrupted() throws {
        let digits = Dataset.digits().train.prefix(200)
        let recipe = recipe(block: 16, steps: Self.steps)
        let expected = try Trainer.fingerprint(recipe, digits, Machine())
        for stop in [1, 5, 7, 9] {
            var first = try Trainer(recipe, data: digits)
            try first.run { $0.index == stop ? .stop : .proceed }
            var second = try Trainer(recipe, data: digits, machine: Machine(loadingThreads: 3))
            try second.restore(first.checkpoint())
            #expect(try second.run().parametersSHA256 == expected)
        }
    }

    @Test func selectionsReadTheirOwnRows() throws {
        let digits = Dataset.digits().train.prefix(100)
        let rows = [5, 99, 0, 5, 42]
        let selected = try streamed(digits).rows(rows).rows([4, 1, 2])
        for (place, row) in [42, 99, 0].enumerated() {
            #expect(features(selected, row: place) == features(digits, row: row))
        }
        let evaluation = try Trainer(recipe(), data: digits).model()
        #expect(try evaluation.evaluate(streamed(digits)) == evaluation.evaluate(digits))
    }

    @Test(arguments: [0, 1, 4])
    func whatASourceThrowsEndsTraining(loading: Int) throws {
        let digits = Dataset.digits().train.prefix(100)
        let order = Array(EpochOrder(count: 100, seed: 5, epoch: 1))
        let bad = order[70]
        let broken = try Dataset(count: 100, shape: digits.featureShape, targets: digits.targets) {
            if $1.contains(bad) { throw Broken() }
            try digits.fill($0, rows: $1)
        }
        var trainer = try Trainer(recipe(), data: broken, machine: Machine(loadingThreads: loading))
        #expect(
            throws: TrainingError.data(
                update: 3, .readFailed(file: "the program's own rows", reason: "the sensor is off"))
        ) { try trainer.run() }
        #expect(trainer.progress.updates == 2)

        let infinite = try Dataset(count: 100, shape: digits.featureShape, targets: digits.targets) {
            try digits.fill($0, rows: $1)
            if let place = $1.firstIndex(of: bad) { $0[64 * place + 3] = .infinity }
        }
        trainer = try Trainer(recipe(), data: infinite, machine: Machine(loadingThreads: loading))
        #expect(throws: TrainingError.data(update: 3, .nonFinite(in: "features", row: bad, found: "inf"))) {
            try trainer.run()
        }
    }

    @Test func waitingIsMeasured() throws {
        let digits = Dataset.digits().train.prefix(64)
        let slow = try Dataset(count: 64, shape: digits.featureShape, targets: digits.targets) {
            usleep(5_000)
            try digits.fill($0, rows: $1)
        }
        var trainer = try Trainer(recipe(), data: slow, machine: Machine(loadingThreads: 0))
        try trainer.run()
        #expect(trainer.waitingTime >= 4 * 0.005)  // four batches
        var inMemory = try Trainer(recipe(), data: digits)
        try inMemory.run()
        #expect(inMemory.waitingTime == 0)
    }

    @Test func onlyImagesAreAugmented() throws {
        var recipe = recipe(steps: [.flip])
        recipe.model = layers(Dense(.classes))
        let data = try SmallData.classes(20)
        #expect(throws: PlanError.self) { _ = try Trainer(recipe, data: data) }
    }
}
