import Foundation
import Testing

@testable import Batchwise

/// Both gradients of sharpness-aware minimisation are those of the whole batch, whatever computes them.
@Suite struct SAMTests {
    /// Without ghost batches, so that a micro-batch can be a single example.
    static let free = layers(Dense(30), Tanh(), Dropout(0.2), Dense(20), GELU(), Dense(.classes))

    static func recipe(_ model: LayerList = BatchTests.dense, _ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
        var recipe = Recipe(
            model: model, batch: Batch(size: 40, grain: 16), optimizer: .sgd(momentum: 0.9, weightDecay: 1e-3),
            learningRate: .constant(0.02), epochs: 2, seed: 3, sam: SAM(rho: 0.1))
        change(&recipe)
        return recipe
    }

    private static func isImage(_ model: LayerList) -> Bool { model.layers.first is Conv2D }

    private static func data(_ model: LayerList) throws -> Dataset {
        try SmallData.classes(81, shape: isImage(model) ? [6, 6, 2] : [12], weighted: true)
    }

    // MARK: The same bits

    @Test(arguments: [1, 2], [1, 3, 7, nil])
    func sameBitsForAnyThreadsAndMicroBatch(threads: Int, microBatch: Int?) throws {
        let data = try Self.data(Self.free)
        for adaptive in [false, true] {
            let recipe = Self.recipe(Self.free) { recipe in
                recipe.batch = Batch(size: 40, grain: 1, lanes: 3)
                recipe.sam = SAM(rho: 0.1, adaptive: adaptive)
                recipe.clip = .norm(0.5)
            }
            let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
            let machine = Machine(threads: threads, microBatch: microBatch)
            #expect(try Plan(recipe, data: data, machine: machine).microBatch <= (microBatch ?? 40))
            #expect(try Trainer.fingerprint(recipe, data, machine) == expected)
            var other = recipe
            other.sam = SAM(rho: 0.2, adaptive: adaptive)
            #expect(try Trainer.fingerprint(other, data, machine) != expected)
        }
    }

    static let optimizers: [Optimizer] = [
        .sgd, .adam(amsgrad: true), .lars(), .lamb(), .muon(), .custom(RanksTests.LongestStep()),
    ]

    /// Nets of convolutions, ghost batches and dropout, with averages and every way to use the whole gradient.
    @Test(arguments: optimizers, [BatchTests.dense, BatchTests.convolutional])
    func sameBitsForEveryOptimizer(optimizer: Optimizer, model: LayerList) throws {
        let data = try Self.data(model)
        let recipe = Self.recipe(model) { recipe in
            recipe.optimizer = optimizer
            recipe.average = .exponential(decay: 0.9)
            recipe.groups = [ParameterGroup(match: "*.bias", freeze: true)]
            if Self.isImage(model) { recipe.augmentation = Augmentation([.flip, .mixup(alpha: 0.3)]) }
        }
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for (threads, microBatch) in [(1, 16), (2, nil), (3, 16)] {
            let machine = Machine(threads: threads, microBatch: microBatch)
            #expect(try Trainer.fingerprint(recipe, data, machine) == expected, "\(threads), \(microBatch ?? 0)")
        }
        // without an ascent every number is that of the optimizer alone
        var (still, plain) = (recipe, recipe)
        (still.sam, plain.sam) = (SAM(rho: 0), nil)
        let alone = try Trainer.fingerprint(plain, data, Machine(threads: 1))
        #expect(try Trainer.fingerprint(still, data, Machine(threads: 2, microBatch: 16)) == alone)
        #expect(alone != expected)
    }

    @Test(arguments: [1, 2, 3]) func resumeEqualsUninterrupted(stop: Int) throws {
        let data = try Self.data(BatchTests.dense)
        let recipe = Self.recipe { $0.optimizer = .adam() }
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        for _ in 0..<stop { _ = try first.update() }
        try first.checkpoint().write(to: path)
        var plain = recipe
        plain.sam = nil
        let alone = try Trainer(plain, data: data, machine: Machine(threads: 1))
        #expect(first.checkpoint().optimizerState.count == alone.checkpoint().optimizerState.count)
        #expect(first.checkpoint().vectors.isEmpty)
        var second = try Trainer(recipe, data: data, machine: Machine(threads: 2, microBatch: 16))
        try second.restore(Checkpoint(contentsOf: path))
        #expect(try second.run().parametersSHA256 == Trainer.fingerprint(recipe, data, Machine(threads: 1)))
    }

    @Test func anAuditFindsTheSameBits() throws {
        let audit = try Audit(Self.recipe(Self.free), data: Self.data(Self.free), updates: 4, workers: 2)
        #expect(try audit.run().verdict == .sameBits)
    }

    // MARK: The first passes

    /// Losses, running statistics and quantities of the first update are those of the optimizer alone: only the change
    /// of the parameters is another.
    @Test(arguments: [BatchNorm(ghost: 16), BatchNorm(over: .batch), nil], [nil, 16])
    func observationsAreThoseOfTheFirstPasses(norm: BatchNorm?, microBatch: Int?) throws {
        var list: [any Layer] = [Dense(20), Tanh(), Dense(.classes, initialisation: .he)]
        if let norm { list.insert(norm, at: 1) }
        let model = LayerList(list)
        let data = try Self.data(model)
        let quantities: [any Quantity] =
            [GradientNorm(), LaneNorms()] + (norm == nil ? [ExampleNorms(), QuantityTests.gradientAndParameters] : [])
        func first(_ sam: SAM?) throws -> (UpdateReport, [[Float]], [Double]?) {
            let recipe = Self.recipe(model) { $0.sam = sam }
            var trainer = try Trainer(
                recipe, data: data, machine: Machine(threads: 2, microBatch: microBatch), quantities: quantities)
            let report = try trainer.update()
            let layout = trainer.trained.layout
            let statistics = layout.parameters.indices.filter { layout.parameters[$0].isStatistic }
            let values = trainer.trained.parameterValues
            return (report, statistics.map { values[$0] }, report.measurements[QuantityTests.gradientAndParameters])
        }
        let (plain, uphill) = (try first(nil), try first(SAM(rho: 0.5, adaptive: true)))
        #expect(plain.0.loss == uphill.0.loss && plain.0.accuracy == uphill.0.accuracy)
        #expect(plain.1 == uphill.1 && plain.1.isEmpty == (norm == nil))
        #expect(plain.0.measurements[GradientNorm()] == uphill.0.measurements[GradientNorm()])
        #expect(plain.0.measurements[LaneNorms()] == uphill.0.measurements[LaneNorms()])
        #expect(plain.0.measurements[ExampleNorms()] == uphill.0.measurements[ExampleNorms()])
        guard norm == nil else { return }
        // the gradient, the parameters before, and those after
        let (a, b) = (try #require(plain.2), try #require(uphill.2))
        #expect(a[..<(2 * a.count / 3)] == b[..<(2 * b.count / 3)])
        #expect(a[(2 * a.count / 3)...] != b[(2 * b.count / 3)...])
    }

    // MARK: Gradients of 0, and numbers that are not finite

    /// A gradient of 0 has no direction: nothing moves, whatever rho is.
    @Test(arguments: [SAM(rho: 0.05), SAM(rho: 3e38), SAM(rho: 3e38, adaptive: true)])
    func aGradientOfZeroMovesNothing(sam: SAM) throws {
        let data = try Dataset(
            features: (0..<24).map { Float($0) / 24 }, shape: [3], values: [Float](repeating: 0, count: 8), mean: 0,
            deviation: 1)
        let recipe = Recipe(
            model: layers(Dense(4), Tanh(), Dense(1, initialisation: .zeros)), loss: .meanSquaredError(),
            batch: Batch(size: 4), optimizer: .sgd(momentum: 0.9), learningRate: .constant(0.1), epochs: 2, sam: sam)
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 2))
        let before = trainer.trained.parameterValues
        try trainer.run()
        #expect(trainer.trained.parameterValues == before)
    }

    /// Where the second gradient is not finite, the update is refused, and nothing has changed.
    @Test(
        arguments: [
            layers(Dense(30), ReLU(), Dense(20), ReLU(), Dense(.classes, initialisation: .lecun)),
            BatchTests.convolutional,
        ], [1, 2])
    func aWayTooFarIsRefused(model: LayerList, threads: Int) throws {
        let data = try Self.data(model)
        var trainer = try Trainer(
            Self.recipe(model) { $0.sam = SAM(rho: 1e38) }, data: data, machine: Machine(threads: threads))
        let before = trainer.checkpoint()
        var failure = ""
        do { _ = try trainer.update() } catch { failure = "\(error)" }
        #expect(failure.contains(", sam.rho uphill; nothing was updated"), "\(failure)")
        let after = trainer.checkpoint()
        #expect(after.model.parametersSHA256 == before.model.parametersSHA256)
        #expect(after.optimizerState == before.optimizerState && after.progress == before.progress)
        // the flipped weights of convolutions are those of the parameters again
        let (mirrors, count) = (trainer.trained.pointers.mirrors, trainer.engine?.program.mirrorFloats ?? 0)
        let found = Array(UnsafeBufferPointer(start: mirrors, count: count))
        trainer.engine?.flipMirrors()
        #expect(found == Array(UnsafeBufferPointer(start: mirrors, count: count)))
    }

    // MARK: Plans

    /// The whole gradient, which the sums hold already where a batch is accumulated, and the parameters before.
    @Test(arguments: [(nil, 2), (16, 1)] as [(Int?, Int)])
    func thePlanCountsMemoryAndArithmetic(microBatch: Int?, vectors: Int) throws {
        let data = try Self.data(BatchTests.dense)
        let machine = Machine(threads: 1, microBatch: microBatch)
        let uphill = try Trainer.prepare(Self.recipe(), data: data, machine: machine)
        let plain = try Trainer.prepare(Self.recipe { $0.sam = nil }, data: data, machine: machine)
        #expect(
            uphill.plan.bytes.gradients - plain.plan.bytes.gradients == vectors * 4 * uphill.execution.layout.count)
        #expect(uphill.plan.bytes.optimizer == plain.plan.bytes.optimizer)
        #expect(uphill.multiplicationsPerExample == 2 * plain.multiplicationsPerExample)
        #expect((0...1).contains(try uphill.measured(seconds: 0.01).passShare ?? -1))
    }

    /// A linear model has a faster way for batches of one, which computes one gradient.
    @Test(arguments: [nil, SAM(rho: 0)]) func linearUpdatesStepAside(sam: SAM?) throws {
        let recipe = Recipe(
            model: Dense(.classes), batch: Batch(size: 1), optimizer: .sgd, learningRate: .constant(0.1), epochs: 1,
            sam: sam)
        let trainer = try Trainer(recipe, data: SmallData.classes(30), machine: Machine(threads: 1))
        let isLinear = trainer.linear != nil
        #expect(isLinear == (sam == nil))
    }

    /// A limit on the rate from the curvature is known for the optimizer alone.
    @Test func noRateIsPromisedToBeStable() {
        #expect(Self.recipe().largestStableRate(curvature: 1) == nil)
        let plain = Self.recipe { recipe in
            (recipe.sam, recipe.optimizer) = (nil, .sgd(momentum: 0.5))
        }
        #expect(plain.largestStableRate(curvature: 1)?.rate == 3)
    }
}
