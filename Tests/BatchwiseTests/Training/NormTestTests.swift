import Foundation
import Testing

@testable import Batchwise

/// The norm test [Byrd 2012]: its numbers against plain loops, its decisions as state of the run.
@Suite struct NormTestTests {
    private static func recipe(
        theta: Double, every: TrainingLength = .epochs(1), times: Double = 2, last: LastBatch = .keep,
        model: LayerList = layers(Dense(7), Tanh(), Dense(.classes))
    ) -> Recipe {
        Recipe(
            model: model,
            batch: Batch(
                size: 16, last: last,
                grow: BatchGrowth(
                    .byNoise(.init(.normTest(theta: theta), every: every, times: times, sample: 64)), limit: 150,
                    momentum: .scale
                )),
            optimizer: .sgd(momentum: 0.5), learningRate: .constant(0.1), epochs: 4, seed: 7)
    }

    /// tr(S) and |g|^2 of a sample, from gradients in Double of one chunk after the other.
    private func expected(_ recipe: Recipe, _ data: Dataset, _ model: Model, epoch: Int, chunk: Int, chunks: Int) throws
        -> (trace: Double, squaredNorm: Double)
    {
        let graph = try Graph(
            recipe.model, input: data.featureShape, outputs: 5, loss: .softmaxCrossEntropy, withGradients: true)
        let parameters = model.values.map { $0.map { Double($0) } }
        let order = Array(EpochOrder(count: data.count, seed: recipe.seed, epoch: epoch))
        var gradients: [[Double]] = []
        let mean = data.weights.map { $0.reduce(0) { $0 + Double($1) } / Double($0.count) }
        for index in 0..<chunks {
            let examples = Array(order[index * chunk..<(index + 1) * chunk])
            let rows = data.rows(examples)
            var inputs = [Float](repeating: 0, count: chunk * data.featureCount)
            try inputs.withUnsafeMutableBufferPointer { try rows.fill($0, rows: 0..<chunk) }
            guard case .classes(let classes, _) = rows.targets else { continue }
            let values = Interpreter<Double>(graph: graph, parameters: parameters).run(
                .init(
                    inputs: inputs.map { Double($0) }, targets: classes.map { Double($0) },
                    weights: rows.weights.map { $0.map { Double($0) } }, meanWeight: mean,
                    examples: examples.map { UInt64($0) },
                    dropoutKey: CounterRandom.key(seed: recipe.seed, purpose: .dropout, epoch: epoch)), rows: chunk)
            gradients.append(graph.gradients.flatMap { values.gradient(of: $0.parameter) ?? [] })
        }
        let whole = gradients[0].indices.map { place in
            gradients.reduce(0) { $0 + $1[place] } / Double(chunks)
        }
        let spread = gradients.reduce(0) { sum, gradient in
            sum + zip(gradient, whole).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        return (Double(chunk) * spread / Double(chunks - 1), whole.reduce(0) { $0 + $1 * $1 })
    }

    @Test(arguments: [false, true], [false, true])
    func noiseIsThatOfThePlainLoops(isWeighted: Bool, hasImages: Bool) throws {
        let data = try SmallData.classes(200, shape: hasImages ? [6, 5, 2] : [12], weighted: isWeighted)
        let model =
            hasImages
            ? layers(
                Conv2D(filters: 5, kernel: 3, padding: .same), BatchNorm(ghost: 8), SiLU(), MaxPool2D(2),
                Dense(.classes))
            : layers(Dense(7), Tanh(), Dropout(0.2), Dense(.classes))
        let recipe = Self.recipe(theta: 1e-3, model: model)
        var bits: [ChunkNoise] = []
        for machine in [Machine(threads: 1), Machine(threads: 3), Machine(threads: 2, microBatch: 1)] {
            var trainer = try Trainer(recipe, data: data, machine: machine)
            for _ in 0..<3 { _ = try trainer.update() }
            let before = trainer.model()
            let noise = try #require(try trainer.gradientNoise(sample: 64))
            #expect(trainer.model().parametersSHA256 == before.parametersSHA256)
            let plain = try expected(recipe, data, before, epoch: 1, chunk: 8, chunks: 8)
            #expect(abs(noise.trace / plain.trace - 1) < 1e-4)
            #expect(abs(noise.squaredNorm / plain.squaredNorm - 1) < 1e-4)
            bits.append(noise)
        }
        #expect(Set(bits.map(\.trace.bitPattern)).count == 1 && Set(bits.map(\.squaredNorm.bitPattern)).count == 1)
    }

    /// Sparse rows are read as they are.
    @Test func sparseRowsHaveTheSameNoise() throws {
        let (rows, width) = (200, 400)
        var numbers = TestNumbers("sparse noise")
        var dense = [Float](repeating: 0, count: rows * width)
        for row in 0..<rows { for _ in 0..<5 { dense[row * width + numbers.below(width)] = Float(numbers.normal()) } }
        let classes = (0..<rows).map { Int32($0 % 5) }
        func noise(_ features: Dataset.Features, _ machine: Machine) throws -> ChunkNoise {
            let data = try Dataset(
                count: rows, featureShape: [width], features: features,
                targets: .classes(classes, names: ["a", "b", "c", "d", "e"]))
            var trainer = try Trainer(Self.recipe(theta: 1), data: data, machine: machine)
            for _ in 0..<3 { _ = try trainer.update() }
            return try #require(try trainer.gradientNoise(sample: 64))
        }
        let sparse = Dataset.Features.sparse(try SparseRows(dense: dense, width: width))
        let plain = try noise(.floats(dense), Machine(threads: 1))
        for threads in 1...3 {
            let found = try noise(sparse, Machine(threads: threads))
            #expect(abs(found.trace / plain.trace - 1) < 1e-4)
            #expect(abs(found.squaredNorm / plain.squaredNorm - 1) < 1e-4)
        }
    }

    /// The batch grows to the size that passes, in whole grains, at most to twice the size and to the limit.
    @Test(
        arguments: [
            (0.1, nil), (15.9, nil), (16.1, 24), (17, 24), (24.5, 32), (31.9, 32), (32, 32), (1e9, 32), (.infinity, 32),
        ] as [(Double, Int?)])
    func growsToTheSizeThatPasses(asked: Double, size: Int?) {
        let rule = BatchGrowth.NoiseRule(.normTest(theta: 0.5))
        let noise = ChunkNoise(trace: asked.isFinite ? asked * 0.25 * 3 : 1, squaredNorm: asked.isFinite ? 3 : 0)
        func next(after size: Int) -> Int {
            rule.batch(after: size, asked: rule.asked(by: noise, rate: 0), grain: 8, limit: 40).size
        }
        #expect(next(after: 16) == size ?? 16)
        #expect(next(after: 40) == 40)
        #expect([39, 40].contains(next(after: 39)))
    }

    @Test(arguments: [TrainingLength.epochs(1), .updates(5), .examples(70), .epochs(0.4)], LastBatch.allCases)
    func decisionsAreStateOfTheRun(every: TrainingLength, last: LastBatch) throws {
        try requireStateOfTheRun(Self.recipe(theta: 0.6, every: every, last: last))
    }

    /// A batch that grows to the measured size, and not to twice the size before, is state of the run too.
    @Test(arguments: [0.8, 1, 1.2]) func measuredSizesAreStateOfTheRun(theta: Double) throws {
        try requireStateOfTheRun(Self.recipe(theta: theta, every: .updates(2), times: 50))
    }

    private func requireStateOfTheRun(_ recipe: Recipe) throws {
        let data = try SmallData.classes(203, weighted: true)
        var whole = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        var sizes: [Int] = []
        var ends: [Int] = []
        while !whole.isFinished {
            let report = try whole.update()
            sizes.append(report.batch)
            if report.endsEpoch { ends.append(report.epoch) }
        }
        #expect(ends == [1, 2, 3, 4])
        let decisions = try #require(whole.progress.growth)
        #expect(decisions.map(\.size) == decisions.map(\.size).sorted() && Set(sizes).count > 2)
        let hash = whole.model().parametersSHA256

        for machine in [Machine(threads: 2), Machine(threads: 3, microBatch: 16)] {
            #expect(try Trainer.fingerprint(recipe, data, machine) == hash)
        }
        let streamed = try Dataset(
            count: data.count, shape: data.featureShape, targets: data.targets, weights: data.weights
        ) { try data.fill($0, rows: $1) }
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(recipe, data: streamed, machine: Machine(threads: 2, loadingThreads: 2))
        for stop in sizes.indices {
            try first.checkpoint().write(to: path)
            var second = try Trainer(recipe, data: streamed, machine: Machine(loadingThreads: stop % 2))
            try second.restore(Checkpoint(contentsOf: path))
            #expect(try second.run().parametersSHA256 == hash, "after \(stop) updates")
            _ = try first.update()
        }
        #expect(first.model().parametersSHA256 == hash)
    }

    /// A checkpoint may hold only what a run of this recipe can decide.
    @Test(arguments: [
        [BatchDecision(examples: 203, size: 151)], [BatchDecision(examples: 203, size: 16)],
        [BatchDecision(examples: 406, size: 32)], [BatchDecision(examples: .max, size: 32)],
        [BatchDecision(examples: -1, size: 32)],
        [BatchDecision(examples: 203, size: 32), BatchDecision(examples: 202, size: 64)],
    ])
    func otherDecisionsAreRefused(decisions: [BatchDecision]) throws {
        let data = try SmallData.classes(203)
        let recipe = Self.recipe(theta: 1e-3)
        var first = try Trainer(recipe, data: data)
        for _ in 0..<15 { _ = try first.update() }
        var checkpoint = first.checkpoint()
        #expect(checkpoint.progress.growth == [BatchDecision(examples: 203, size: 32)])
        var second = try Trainer(recipe, data: data)
        try second.restore(checkpoint)
        checkpoint.progress.growth = decisions
        #expect(throws: CheckpointError.self) { try second.restore(checkpoint) }
    }

    /// The negative control: a test that everything passes changes nothing, and one that nothing passes doubles.
    @Test func thetaDecides() throws {
        let data = try SmallData.classes(203)
        var plain = Self.recipe(theta: 1)
        plain.batch.grow = nil
        let hash = try Trainer.fingerprint(plain, data, Machine())
        #expect(try Trainer.fingerprint(Self.recipe(theta: 100), data, Machine()) == hash)
        var trainer = try Trainer(Self.recipe(theta: 1e-3), data: data)
        #expect(try trainer.run().parametersSHA256 != hash)
        #expect(
            trainer.progress.growth == [
                BatchDecision(examples: 203, size: 32), BatchDecision(examples: 406, size: 64),
                BatchDecision(examples: 609, size: 128),
            ])
    }

    @Test func wholeBatchesNeedTwoChunks() throws {
        let model = layers(Dense(7), BatchNorm(ghost: 1000), Dense(.classes))
        let error = #expect(throws: PlanError.self) {
            _ = try Trainer(Self.recipe(theta: 1, model: model), data: SmallData.classes(203)).plan
        }
        #expect(error?.description.contains("norm-test") == true)
        #expect(try Trainer(Self.recipe(theta: 1, model: model), data: SmallData.classes(300)).totalUpdates == 4 * 19)
    }

    /// Room for the gradients of the test is planned.
    @Test func thePlanCountsTheTest() throws {
        let data = try SmallData.classes(203)
        let tested = try Trainer(Self.recipe(theta: 1), data: data, machine: Machine(threads: 1)).plan
        var plain = Self.recipe(theta: 1)
        plain.batch = Batch(size: 150)
        let without = try Trainer(plain, data: data, machine: Machine(threads: 1)).plan
        #expect(tested.bytes.gradients - without.bytes.gradients == 12 * (without.bytes.parameters / 4))
        #expect(tested.growth?.contains("norm test") == true)
    }
}

extension ChunkNoise {
    /// An estimate with these two numbers.
    fileprivate init(trace: Double, squaredNorm: Double) {
        let root = squaredNorm.squareRoot()
        // two chunks of one example: tr(S) = spread
        self = [2 * root].withUnsafeBufferPointer {
            ChunkNoise(chunk: 1, chunks: 2, squares: trace + 2 * (root * root), sum: $0)
        }
    }
}
