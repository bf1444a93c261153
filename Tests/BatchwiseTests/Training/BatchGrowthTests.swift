import Foundation
import Testing

@testable import Batchwise

/// Batches that grow during a run: the same bits for any machine, wherever it is interrupted.
@Suite struct BatchGrowthTests {
    /// Ghost batches, odd sizes, a mark within an epoch, lanes and grains that change with the size.
    static func recipe(_ last: LastBatch = .keep, sampling: Sampling? = nil, block: Int? = nil) -> Recipe {
        Recipe(
            model: BatchTests.dense,
            batch: Batch(
                size: 6, last: last, block: block, sampling: sampling,
                grow: BatchGrowth(.to([24, 100], at: [.updates(20), .epochs(1.5)]), rate: .scale, momentum: .scale)),
            optimizer: .sgd(momentum: 0.9, weightDecay: 1e-4),
            learningRate: .base(0.02, atBatch: 6, scaling: .squareRoot).warmup(.epochs(1)).cosine(), epochs: 3, seed: 3)
    }

    @Test(arguments: LastBatch.allCases)
    func sameBitsForAnyThreadsAndMicroBatch(last: LastBatch) throws {
        let data = try SmallData.classes(150, weighted: true)
        let recipe = Self.recipe(last)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for threads in [1, 2, 3] {
            for microBatch in [nil, 16, 48] {
                let machine = Machine(threads: threads, microBatch: microBatch)
                #expect(try Trainer.fingerprint(recipe, data, machine) == expected, "\(machine)")
            }
        }
    }

    /// Each part of the growth has an effect: without it, the run ends with other parameters.
    @Test func everythingOfTheGrowthReachesTheResult() throws {
        let data = try SmallData.classes(150)
        let recipe = Self.recipe()
        var others = [Recipe](repeating: recipe, count: 6)
        others[1].batch.grow = nil
        others[2].batch.grow?.rule = .to([24, 100], at: [.updates(21), .epochs(1.5)])
        others[3].batch.grow?.rule = .to([24, 101], at: [.updates(20), .epochs(1.5)])
        others[4].batch.grow?.rate = .keep
        others[5].batch.grow?.momentum = .keep
        let hashes = try others.map { try Trainer.fingerprint($0, data, Machine()) }
        #expect(Set(hashes).count == others.count)
    }

    /// A stop in each phase, at its first and last update.
    @Test(arguments: [0, 1, 19, 20, 21, 25, 26, 27, 28, 29])
    func resumeEqualsUninterrupted(stop: Int) throws {
        let data = try SmallData.classes(150)
        let recipe = Self.recipe()
        let whole = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        let streamed = try Dataset(count: data.count, shape: data.featureShape, targets: data.targets) {
            try data.fill($0, rows: $1)
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(recipe, data: data, machine: Machine(threads: 2))
        for _ in 0..<stop { _ = try first.update() }
        try first.checkpoint().write(to: path)
        for (data, loading) in [(data, nil), (streamed, 0), (streamed, 1), (streamed, 3)] {
            var second = try Trainer(recipe, data: data, machine: Machine(threads: 2, loadingThreads: loading))
            try second.restore(Checkpoint(contentsOf: path))
            #expect(try second.run().parametersSHA256 == whole, "\(loading ?? -1)")
            #expect(second.progress.updates == second.totalUpdates)
        }
        var other = recipe
        other.batch.grow?.rule = .to([24, 100], at: [.updates(5), .epochs(1.5)])
        var second = try Trainer(other, data: data)
        if stop > 25 { #expect(throws: CheckpointError.self) { try second.restore(Checkpoint(contentsOf: path)) } }
    }

    @Test func samplingAndBlocksGrowToo() throws {
        let data = try SmallData.classes(150, weighted: true)
        let streamed = try Dataset(
            count: data.count, shape: data.featureShape, targets: data.targets, weights: data.weights
        ) { try data.fill($0, rows: $1) }
        for recipe in [
            Self.recipe(sampling: Sampling(by: .weights, examples: 130)), Self.recipe(.drop, block: 8),
        ] {
            let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
            for loading in [0, 2] {
                let machine = Machine(threads: 2, loadingThreads: loading)
                #expect(try Trainer.fingerprint(recipe, streamed, machine) == expected)
            }
        }
    }

    /// Epochs of two sizes are two runs by hand, the second from the parameters and the state of the first.
    @Test(arguments: BatchGrowth.Coupling.allCases, [false, true])
    func isTwoRunsByHand(coupling: BatchGrowth.Coupling, hasImages: Bool) throws {
        let data = try SmallData.classes(110, shape: hasImages ? [6, 6, 2] : [12], weighted: true)
        var first = Recipe(
            model: hasImages ? BatchTests.convolutional : BatchTests.dense, batch: Batch(size: 16),
            optimizer: hasImages ? .adam() : .sgd(momentum: 0.9),
            learningRate: .base(0.005, atBatch: 16, scaling: .linear), epochs: 2, seed: 11)
        var grown = first
        grown.epochs = 4
        grown.batch.grow = BatchGrowth(.times(3, at: [.epochs(2)]), rate: coupling, momentum: coupling)
        var trainer = try Trainer(first, data: data)
        try trainer.run()

        first.epochs = 4
        first.batch.size = 48
        if coupling == .keep {
            first.learningRate.atBatch = 48
        } else {
            let momentum = Float(pow(Double(Float(0.9)), 3))
            first.optimizer = hasImages ? .adam(beta1: momentum) : .sgd(momentum: momentum)
        }
        var checkpoint = trainer.checkpoint()
        checkpoint.progress = TrainingProgress()
        (checkpoint.progress.epoch, checkpoint.progress.updates, checkpoint.progress.examples) = (3, 2 * 3, 2 * 110)
        var second = try Trainer(first, data: data)
        try second.restore(checkpoint)
        // Adam's bias correction counts the updates that were made: 7 an epoch, and not 3
        second.progress.updates = 2 * 7
        #expect(try second.run().parametersSHA256 == Trainer.fingerprint(grown, data, Machine(threads: 2)))
    }

    /// Updates of one example take a path of their own, up to the mark and not beyond.
    @Test(arguments: [TrainingLength.updates(1), .updates(70), .epochs(1), .examples(127)])
    func batchesOfOneGrow(mark: TrainingLength) throws {
        let data = try SmallData.classes(100)
        var recipe = Recipe(
            model: layers(Dense(.classes)), batch: Batch(size: 1), optimizer: .sgd(),
            learningRate: .constant(0.01), epochs: 2)
        recipe.batch.grow = BatchGrowth(.times(7, at: [mark]))
        var slow = try Trainer(recipe, data: data)
        var sizes: [Int] = []
        while !slow.isFinished { sizes.append(try slow.update().batch) }
        var fast = try Trainer(recipe, data: data)
        var found: [Int] = []
        while !fast.isFinished { try fast.run(updates: 1000) { found.append($0.batch) } }
        #expect(found == sizes && sizes.max() == 7)
        #expect(fast.model().parametersSHA256 == slow.model().parametersSHA256)
        #expect(fast.linear == nil && fast.progress.updates == fast.totalUpdates)
    }

    /// A batch five times as large in place of a fifth of the rate [Smith 2018], on the digits.
    @Test func growingIsAsGoodAsDecaying() throws {
        let digits = Dataset.digits()
        var grown = Recipe(
            model: layers(Dense(32), ReLU(), Dense(.classes)), batch: Batch(size: 16), optimizer: .sgd(momentum: 0.9),
            learningRate: .constant(0.05), epochs: 10)
        grown.batch.grow = BatchGrowth(.times(5, at: [.epochs(5)]))
        var decayed = grown
        decayed.batch.grow = nil
        decayed.epochs = 5
        var trainer = try Trainer(decayed, data: digits.train)
        try trainer.run()
        (decayed.epochs, decayed.learningRate) = (10, .constant(0.01))
        var second = try Trainer(decayed, data: digits.train)
        try second.restore(trainer.checkpoint())
        let slow = try #require(try second.run().evaluate(digits.test).accuracy)
        var fast = try Trainer(grown, data: digits.train)
        let large = try #require(try fast.run().evaluate(digits.test).accuracy)
        #expect(slow > 0.93 && large > 0.93 && abs(slow - large) < 0.03, "\(slow), \(large)")
        #expect(fast.progress.updates == 5 * (90 + 18) && second.progress.updates == 10 * 90)
    }

    // MARK: Plan

    @Test func thePlanNamesPhasesAndTheMemoryOfTheLargest() throws {
        let data = try SmallData.classes(3000)
        let wide = layers(Dense(300), ReLU(), Dense(.classes))
        var recipe = Recipe(model: wide, batch: Batch(size: 32), epochs: 3)
        recipe.batch.grow = BatchGrowth(.times(8, at: [.epochs(1), .epochs(1.5)]))
        let plan = try Trainer(recipe, data: data, machine: Machine(threads: 2)).plan
        #expect(plan.phases.map(\.batch) == [32, 256, 2048])
        #expect(plan.phases.map(\.updatesPerEpoch) == [94, 12, 2])
        #expect(plan.phases.map(\.lanes) == [2, 2, 8])
        #expect(plan.phases.map(\.epoch) == [1, 2, 2] && plan.phases.map(\.update) == [1, 95, 101])
        #expect(plan.description.contains("batch grows to 256 from 1"), "\(plan)")
        var large = recipe
        large.batch = Batch(size: 2048)
        #expect(try Trainer(large, data: data, machine: Machine(threads: 2)).plan.bytes == plan.bytes)

        // the least that the largest runs with is enough for all
        recipe.batch.grow?.rule = .times(64, at: [.epochs(1)])
        recipe.model = layers(Dense(900), ReLU(), Dense(.classes))
        let bytes = try Trainer(recipe, data: data).plan.bytes
        var (fits, fails) = (bytes.total - bytes.data, 0)
        while fits - fails > 1 << 12 {
            let memory = (fits + fails) / 2
            if (try? Trainer(recipe, data: data, machine: Machine(memory: memory))) != nil {
                fits = memory
            } else {
                fails = memory
            }
        }
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        #expect(try Trainer.fingerprint(recipe, data, Machine(memory: fits)) == expected)
        let error = #expect(throws: PlanError.self) {
            _ = try Trainer(recipe, data: data, machine: Machine(memory: fails)).plan
        }
        #expect(error?.description.contains("batches grow to 2048") == true)
    }

    /// A cycle's momentum follows the batch, and lengths in updates are refused, for they would not be of one size.
    @Test func ratesThatDriveMomentumGoTogetherWithGrowth() throws {
        let data = try SmallData.classes(150)
        var recipe = Self.recipe()
        recipe.learningRate = LearningRate.base(0.02, atBatch: 6, scaling: .linear).decay(.oneCycle(.init()))
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        var (examples, factors): (Int, [Double]) = (0, [])
        while !trainer.isFinished {
            let plain = trainer.learningRate.rate(afterExamples: examples)
            let report = try trainer.update()
            factors.append((report.learningRate / plain * 1000).rounded() / 1000)
            examples = report.examples
        }
        #expect(factors == Array(repeating: 1, count: 20) + Array(repeating: 4, count: 6) + [16.667, 16.667, 16.667])
        #expect(
            try Trainer.fingerprint(recipe, data, Machine(threads: 3)) == trainer.model().parametersSHA256)
        recipe.learningRate = .constant(0.02).warmup(.updates(5))
        recipe.batch.grow?.rate = .keep
        let error = #expect(throws: RecipeError.self) { _ = try Trainer(recipe, data: data).plan }
        #expect(error?.description.contains("as the batch grows, found 5 updates") == true)
    }

    @Test(arguments: [
        (BatchGrowth(.times(2, at: [.epochs(3)])), "batch.grow.at: expected marks within the 3 epochs of the run"),
        (BatchGrowth(.times(2, at: [.updates(21)])), "batch.grow.at: expected marks within"),
        (BatchGrowth(.times(2, at: [.examples(300)])), "batch.grow.at: expected marks within"),
        (BatchGrowth(.times(2, at: [.epochs(1e14)])), "batch.grow.at: expected marks within"),
        (BatchGrowth(.times(2, at: [.epochs(0)])), "batch.grow.at: expected marks that ascend"),
        (BatchGrowth(.times(2, at: [.epochs(2), .epochs(1)])), "batch.grow.at: expected marks that ascend"),
        (BatchGrowth(.times(2, at: [.epochs(1), .examples(100)])), "found 100 examples"),
        (BatchGrowth(.times(10, at: [.epochs(1)])), "batch.grow.times: expected batches of at most the 100 examples"),
        (BatchGrowth(.to([8], at: [.epochs(1)])), "batch.grow.to: expected a batch above the 16"),
        (BatchGrowth(.to([32, 32], at: [.epochs(1), .epochs(2)])), "batch.grow.to: expected a batch above the 32"),
        (BatchGrowth(.to([32], at: [.epochs(1), .epochs(2)])), "batch.grow.to: expected a size for each"),
        (BatchGrowth(.times(2, at: [.epochs(1), .epochs(2)]), limit: 32), "batch.grow.up-to: expected a batch above"),
        (BatchGrowth(.times(2, at: [.epochs(1)]), limit: 16), "batch.grow.up-to: expected more than the batch of 16"),
        (BatchGrowth(.times(1, at: [.epochs(1)])), "batch.grow.times: expected a number above 1"),
        (BatchGrowth(.times(2, at: []), rate: .keep), "batch.grow.at: expected at least one mark"),
        (BatchGrowth(.times(2, at: [.epochs(1)]), rate: .scale), "batch.grow.rate: expected keep, or"),
        (BatchGrowth(.times(2, at: [.epochs(1)]), momentum: .scale), "batch.grow.momentum: expected keep, or"),
        (BatchGrowth(.byNoise(.init(.normTest()))), "batch.grow.up-to is missing"),
        (
            BatchGrowth(.byNoise(.init(.normTest())), limit: 200),
            "batch.grow.up-to: expected batches of at most the 100"
        ),
        (BatchGrowth(.byNoise(.init(.noiseScale(share: .nan))), limit: 64), "batch.grow.share: expected a number"),
        (BatchGrowth(.byNoise(.init(.goodput(overhead: .infinity))), limit: 64), "batch.grow.overhead: expected a"),
        (BatchGrowth(.byNoise(.init(.cabs, times: 1)), limit: 64), "batch.grow.times: expected a number above 1"),
        (BatchGrowth(.byNoise(.init(.cabs, sample: 1)), limit: 64), "batch.grow.sample: expected a whole number"),
        (BatchGrowth(.byNoise(.init(.normTest(theta: 0))), limit: 64), "batch.grow.theta: expected a number above 0"),
        (
            BatchGrowth(.byNoise(.init(.normTest(), every: .updates(0))), limit: 64),
            "batch.grow.every: expected a length above 0"
        ),
    ])
    func mistakesAreNamed(growth: BatchGrowth, message: String) throws {
        let data = try SmallData.classes(100)
        let recipe = Recipe(
            model: layers(Dense(.classes)), batch: Batch(size: 16, grow: growth), optimizer: .sgd(),
            learningRate: .constant(0.1), epochs: 3)
        let error = #expect(throws: RecipeError.self) { _ = try Trainer(recipe, data: data).plan }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "none")")
    }
}
