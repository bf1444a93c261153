import Testing

@testable import Batchwise

/// The number of threads that are active may change at any update: the bits stay.
@Suite struct ActiveThreadsTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var model: LayerList
        var optimizer = Optimizer.sgd(momentum: 0.9)
        var clip: Clipping?
        var shape = [12]
        var batch = Batch(size: 40)
        var microBatch: Int?
    }

    private static let examples = [
        Example(testDescription: "by examples", model: layers(Dense(9), Tanh(), Dense(.classes))),
        Example(
            testDescription: "by columns", model: layers(Dense(300), ReLU(), Dense(200), ReLU(), Dense(.classes)),
            batch: Batch(size: 16)),
        Example(
            testDescription: "micro-batches", model: layers(Dense(9), Tanh(), Dense(.classes)), batch: Batch(size: 90),
            microBatch: 16),
        Example(
            testDescription: "whole batch normalisation",
            model: layers(Dense(9), BatchNorm(over: .batch), ReLU(), Dense(.classes))),
        Example(
            testDescription: "whole batch normalisation in rounds",
            model: layers(Dense(9), BatchNorm(over: .batch), ReLU(), Dense(.classes)), batch: Batch(size: 90),
            microBatch: 16),
        Example(
            testDescription: "convolutions",
            model: layers(
                Conv2D(filters: 6, kernel: 3), ReLU(), MaxPool2D(2), Flatten(), Dense(.classes)), shape: [8, 8, 2]),
        Example(
            testDescription: "clipped LAMB", model: layers(Dense(30), Tanh(), Dense(.classes)), optimizer: .lamb(),
            clip: .norm(0.1)),
        Example(
            testDescription: "Muon", model: layers(Dense(30), Tanh(), Dense(20), Tanh(), Dense(.classes)),
            optimizer: .muon()),
    ]

    @Test(arguments: examples) func anyThreadsAtAnyUpdateGiveTheSameBits(example: Example) throws {
        let data = try SmallData.classes(200, shape: example.shape, weighted: true)
        let recipe = Recipe(
            model: example.model, batch: example.batch, optimizer: example.optimizer,
            learningRate: .constant(0.05), epochs: 3, clip: example.clip)
        func hash(threads: Int, active: (Int) -> Int) throws -> String {
            var trainer = try Trainer(
                recipe, data: data, machine: Machine(threads: threads, microBatch: example.microBatch))
            var update = 0
            while !trainer.isFinished {
                trainer.engine?.pace = Pace(workers: threads, cores: active(update))
                update += 1
                _ = try trainer.update()
            }
            return trainer.keptModel().parametersSHA256
        }
        let expected = try hash(threads: 1) { _ in 1 }
        for threads in [2, 3, 4] {
            #expect(try hash(threads: threads) { _ in threads } == expected, "\(threads) threads")
            #expect(try hash(threads: threads) { _ in 1 } == expected, "1 of \(threads) threads")
            #expect(try hash(threads: threads) { 1 + ($0 * 7 + $0 / 3) % threads } == expected, "up to \(threads)")
        }
    }
}
