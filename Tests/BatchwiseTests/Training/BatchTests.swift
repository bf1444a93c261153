import CAllocations
import Foundation
import Testing

@testable import Batchwise

/// The promise: micro-batches, threads and interruptions never change a bit; a batch is an exact weighted mean.
@Suite struct BatchTests {
    /// The first layer is wide enough that a batch of one updates it without writing its gradient down.
    static let dense = layers(
        Dense(80), BatchNorm(ghost: 16), ReLU(), Dropout(0.25), Dense(24), LayerNorm(), Tanh(), Dense(.classes))
    static let convolutional = layers(
        Conv2D(filters: 6, kernel: 3, padding: .same), BatchNorm(ghost: 16), ReLU(), MaxPool2D(2), Dropout(0.25),
        Conv2D(filters: 8, kernel: 3, padding: .same), GroupNorm(groups: 2), SiLU(), Dense(.classes))

    struct Size: Sendable, CustomTestStringConvertible {
        var batch: Int
        var examples: Int
        var grain: Int?
        var isConvolutional = false
        var testDescription: String {
            "B=\(batch) of \(examples), grain \(grain.map(String.init) ?? "by default")\(isConvolutional ? ", images" : "")"
        }
    }

    /// Batches of 1 to 600 with last batches of 1 and 17 examples, grains named and not.
    static let sizes: [Size] =
        [1, 32, 100, 128, 600].flatMap { batch in
            [1, 17].flatMap { tail in
                [nil, 16].map { Size(batch: batch, examples: (batch == 1 ? 20 : 2 * batch) + tail, grain: $0) }
            }
        } + [
            Size(batch: 32, examples: 81, isConvolutional: true),
            Size(batch: 100, examples: 201, grain: 16, isConvolutional: true),
        ]

    @Test(arguments: sizes)
    func sameBitsForAnyThreadsAndMicroBatch(size: Size) throws {
        let shape = size.isConvolutional ? [6, 6, 2] : [12]
        let data = try SmallData.classes(size.examples, shape: shape, weighted: true)
        var recipe = Recipe(
            model: size.isConvolutional ? Self.convolutional : Self.dense,
            batch: Batch(size: size.batch, grain: size.grain), optimizer: .sgd(momentum: 0.9, weightDecay: 1e-4),
            learningRate: .constant(0.05), epochs: 2, seed: 3)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for threads in [1, 2, 3] {
            for microBatch in [nil, 16, 32, 64] {
                let found = try Trainer.fingerprint(recipe, data, Machine(threads: threads, microBatch: microBatch))
                #expect(found == expected, "\(threads) threads, micro-batch \(microBatch ?? 0)")
            }
        }
        recipe.seed = 4
        #expect(try Trainer.fingerprint(recipe, data, Machine(threads: 1)) != expected)
    }

    /// Every optimizer, by itself and with every way of clipping, groups and averages.
    static let updates: [(Optimizer, Clipping?, WeightAverage?)] =
        [
            .sgd, .sgd(momentum: 0.9, dampening: 0.2), .adam(amsgrad: true), .adamW(), .nadam(),
            .rmsprop(momentum: 0.9, centered: true), .adagrad(), .lars(), .lamb(), .lion(), .muon(),
        ].enumerated().flatMap { index, optimizer in
            [
                (optimizer, nil, index % 2 == 0 ? nil : .exponential(decay: 0.9)),
                (
                    optimizer, [.norm(0.5), .parameterNorm(0.2), .value(0.01)][index % 3],
                    .equal(from: .epochs(1), every: .updates(2))
                ),
            ]
        }

    @Test(arguments: updates, [false, true])
    func sameBitsForAnyThreadsAndMicroBatch(
        update: (optimizer: Optimizer, clip: Clipping?, average: WeightAverage?), isConvolutional: Bool
    ) throws {
        let data = try SmallData.classes(81, shape: isConvolutional ? [6, 6, 2] : [12], weighted: true)
        let recipe = Recipe(
            model: isConvolutional ? Self.convolutional : Self.dense, batch: Batch(size: 40, grain: 16),
            optimizer: update.optimizer, learningRate: .constant(0.01), epochs: 2, seed: 3, clip: update.clip,
            groups: [ParameterGroup(match: "0", rate: 0.5), ParameterGroup(match: "*.bias", weightDecay: 0.01)],
            average: update.average)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for (threads, microBatch) in [(1, 16), (2, nil), (3, nil), (2, 16), (3, 16)] {
            let machine = Machine(threads: threads, microBatch: microBatch)
            #expect(try Trainer.fingerprint(recipe, data, machine) == expected, "\(threads), \(microBatch ?? 0)")
            var measured = try Trainer(
                recipe, data: data, machine: machine, quantities: [GradientNorm(), UpdateRatio()])
            #expect(try measured.run().parametersSHA256 == expected, "with norms")
        }
    }

    /// A batch of one, whose first layer takes its step without a gradient: looking at norms changes no bit of it.
    @Test(arguments: [LayerList([Dense(.classes)]), dense])
    func measuringNormsChangesNoBit(model: LayerList) throws {
        let data = try SmallData.classes(30)
        let recipe = Recipe(
            model: model, batch: Batch(size: 1), optimizer: .sgd(momentum: 0.9, weightDecay: 1e-3),
            learningRate: .constant(0.01), epochs: 2)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        var measured = try Trainer(
            recipe, data: data, machine: Machine(threads: 2), quantities: [GradientNorm(), UpdateRatio()])
        // the last layer begins at 0
        #expect(try measured.update().measurements[UpdateRatio()] != .infinity)
        let before = measured.model().values.joined().map { Double($0) }
        let report = try measured.update()
        let after = measured.model().values.joined().map { Double($0) }
        let change = zip(after, before).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        if !model.layers.contains(where: { $0 is BatchNorm }) {
            let length = before.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let ratio = try #require(report.measurements[UpdateRatio()])
            #expect(abs(ratio - change / length) <= 1e-5 * ratio, "\(ratio) instead of \(change / length)")
        }
        #expect(try #require(report.measurements[GradientNorm()]) > 0)
        #expect(try measured.run().parametersSHA256 == expected)
    }

    /// Layers wide enough to be shared by columns, images of one example by lines, whole ghost batches by channels.
    @Test(arguments: [1, 2, 5, 33, 70], [false, true])
    func sameBitsHoweverWorkersShareLayers(batch: Int, hasImages: Bool) throws {
        let wide = layers(
            Dense(200), GELU(), Dropout(0.2), Dense(70), ReLU(), Dense(130), Tanh(),
            Dense(.classes, initialisation: .lecun))
        let images = layers(
            Conv2D(filters: 20, kernel: 3, stride: 2, padding: .pixels(1), bias: false), BatchNorm(ghost: 70), ReLU(),
            Residual(layers(Conv2D(filters: 20, kernel: 3, padding: .same), BatchNorm(ghost: 70), SiLU())), ReLU(),
            MaxPool2D(2), Conv2D(filters: 33, kernel: 2), AveragePool2D(2), Dense(90), ReLU(),
            Dense(.classes, initialisation: .lecun))
        let data = try SmallData.classes(75, shape: hasImages ? [14, 13, 3] : [40], weighted: true)
        let recipe = Recipe(
            model: hasImages ? images : wide, batch: Batch(size: batch), optimizer: .sgd(momentum: 0.9),
            learningRate: .constant(0.02), epochs: 1, seed: 5)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for threads in [2, 3, 5] {
            #expect(try Trainer.fingerprint(recipe, data, Machine(threads: threads)) == expected, "\(threads) threads")
        }
    }

    /// 100 examples as 32 + 32 + 32 + 4 with random weights, against the interpreter's one pass in Double.
    @Test func accumulatingMicroBatchesEqualsOneBatch() throws {
        let example = GradientCase(
            name: "accumulation", input: [9], outputs: 4, rows: 100, model: layers(Dense(16), Tanh(), Dense(.classes)))
        var (data, recipe) = try example.training()
        recipe.batch = Batch(size: 100, grain: 32)
        let expected = try example.interpreted(recipe, data)
        let accumulated = try Trainer.gradient(recipe, data, machine: Machine(threads: 1, microBatch: 32))
        #expect(
            try Trainer(recipe, data: data, machine: Machine(threads: 1, microBatch: 32)).plan.accumulationSteps == 4)
        #expect(differences(accumulated.gradients, expected.gradients, tolerance: 1e-5) == [])
        // the cheat that this must tell apart: the mean of the micro-batches' means
        var meanOfMeans: NamedGradients = [:]
        for start in stride(from: 0, to: 100, by: 32) {
            let part = try Trainer.gradient(
                recipe, data, machine: Machine(threads: 1), positions: start..<min(start + 32, 100))
            meanOfMeans.merge(part.gradients.mapValues { $0.map { $0 / 4 } }) { zip($0, $1).map(+) }
        }
        #expect(differences(meanOfMeans, expected.gradients, tolerance: 1e-3) != [])
    }

    @Test func accumulationTailIsNotDropped() throws {
        let data = try SmallData.classes(36, weighted: true)
        let recipe = Recipe(model: Self.dense.prefix(1), batch: Batch(size: 36, grain: 16), epochs: 1)
        let machine = Machine(threads: 1, microBatch: 16)
        let whole = try Trainer.gradient(recipe, data, machine: machine)
        let withoutTail = try Trainer.gradient(recipe, data, machine: machine, positions: 0..<32)
        #expect(try Trainer.gradient(recipe, data, machine: Machine(threads: 2)).gradients == whole.gradients)
        #expect(differences(withoutTail.gradients, whole.gradients, tolerance: 1e-3) != [])
    }

    /// Three workers share 16 examples as 5, 5 and 6: each example counts the same.
    @Test func unequalSharesAreWeightedByExamples() throws {
        let example = GradientCase(
            name: "shares", input: [5], outputs: 3, rows: 16, isWeighted: false,
            model: layers(Dense(8), Tanh(), Dense(.classes)))
        let (data, recipe) = try example.training()
        let found = try Trainer.gradient(recipe, data, machine: Machine(threads: 3))
        #expect(differences(found.gradients, try example.interpreted(recipe, data).gradients, tolerance: 1e-5) == [])
    }

    /// 20 examples in batches of 16: the last 4 alone, with padding, and as a data set of their own.
    @Test func padKeepAndOneBatchGiveTheSameGradient() throws {
        let data = try SmallData.classes(20, weighted: true)
        var fingerprints: [LastBatch: String] = [:]
        for last in LastBatch.allCases {
            let recipe = Recipe(model: Self.dense, batch: Batch(size: 16, last: last), epochs: 3)
            fingerprints[last] = try Trainer.fingerprint(recipe, data, Machine(threads: 2))
        }
        #expect(fingerprints[.pad] == fingerprints[.keep])
        #expect(fingerprints[.drop] != fingerprints[.keep])

        let recipe = Recipe(model: layers(Dense(.classes)), batch: Batch(size: 16, lanes: 1), epochs: 1)
        let last = try Trainer.gradient(recipe, data, machine: Machine(threads: 1), positions: 16..<20)
        let order = EpochOrder(count: 20, seed: recipe.seed, epoch: 1)
        let four = data.rows((16..<20).map { order[$0] })
        // alone, the four are divided by their own mean weight
        let factor = four.meanWeight / data.meanWeight
        let alone = try Trainer.gradient(recipe, four, machine: Machine(threads: 1))
        let expected = alone.gradients.mapValues { $0.map { $0 * factor } }
        #expect(differences(last.gradients, expected, tolerance: 1e-6) == [])
    }

    @Test(
        arguments: [0, 1, 5, 8, 9],
        [
            (Optimizer.adam(weightDecay: 0.01), nil), (.adam(amsgrad: true), WeightAverage.exponential(decay: 0.8)),
            (.muon(), .equal(from: .updates(3), every: .updates(2))), (.nadam(), nil),
            (.rmsprop(momentum: 0.9, centered: true), .exponential(decay: 0.99)),
        ])
    func resumeEqualsUninterrupted(stop: Int, update: (optimizer: Optimizer, average: WeightAverage?)) throws {
        let data = try SmallData.classes(70)
        let recipe = Recipe(
            model: Self.dense, batch: Batch(size: 16), optimizer: update.optimizer,
            learningRate: .base(0.01, atBatch: 8, scaling: .linear).warmup(.updates(4)).cosine(), epochs: 2,
            average: update.average)
        let whole = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        var first = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        for _ in 0..<stop { _ = try first.update() }
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try first.checkpoint().write(to: path)

        var second = try Trainer(recipe, data: data, machine: Machine(threads: 2, microBatch: 16))
        try second.restore(Checkpoint(contentsOf: path))
        #expect(try second.run().parametersSHA256 == whole)
    }

    /// Unoptimised iterators allocate, so only an optimised build can tell.
    @Test(
        .enabled(if: isOptimized && allocations_are_counted() == 1, "needs an optimised build with the GNU C library"),
        arguments: [1, 50],
        [(Optimizer.sgd(momentum: 0.9), nil, nil), (.custom(SignSGD()), .norm(1), nil)] + updates)
    func steadyStateUpdateAllocatesNothing(
        batch: Int, update: (optimizer: Optimizer, clip: Clipping?, average: WeightAverage?)
    ) throws {
        try expectNoAllocations(batch: batch, update, sam: nil)
    }

    @Test(
        .enabled(if: isOptimized && allocations_are_counted() == 1, "needs an optimised build with the GNU C library"),
        arguments: [1, 50], [SAM(), SAM(adaptive: true)])
    func updatesOfTwoGradientsAllocateNothing(batch: Int, sam: SAM) throws {
        try expectNoAllocations(batch: batch, (.adam(), .norm(1), .exponential(decay: 0.9)), sam: sam)
    }

    private func expectNoAllocations(
        batch: Int, _ update: (optimizer: Optimizer, clip: Clipping?, average: WeightAverage?), sam: SAM?
    ) throws {
        let data = try SmallData.classes(201, shape: [6, 6, 2], weighted: true)
        let recipe = Recipe(
            model: LayerList([Self.convolutional.layers[0], Dense(80), ReLU(), Dense(.classes)]),
            batch: Batch(size: batch), optimizer: update.optimizer, epochs: 100, clip: update.clip,
            average: update.average, sam: sam)
        var trainer = try Trainer(
            recipe, data: data, machine: Machine(threads: 2, microBatch: 16),
            quantities: update.clip != nil ? [GradientNorm(), UpdateRatio()] : [])
        for _ in 0..<3 { _ = try trainer.update() }
        // other tests may run beside this one: the least of many updates is what an update itself needs
        var least = Int.max
        for _ in 0..<200 {
            let before = allocation_count()
            _ = try trainer.update()
            least = min(least, Int(allocation_count() - before))
        }
        #expect(least == 0)
    }

    @Test(arguments: [
        (Optimizer.sgd(momentum: 0.9), nil), (.sgd, Clipping.norm(1)), (.lamb(), nil), (.muon(), .value(1)),
        (.custom(SignSGD()), nil),
    ])
    func notFiniteStopsBeforeTheUpdateAndNamesTheLayer(update: (optimizer: Optimizer, clip: Clipping?)) throws {
        var features = [Float](repeating: 1, count: 8 * 3)
        features[13] = 3e38
        let data = try Dataset(features: features, shape: [3], classes: [0, 1, 0, 1, 0, 1, 0, 1])
        let recipe = Recipe(
            model: layers(Dense(4), Dense(4).named("second"), Dense(.classes)), batch: Batch(size: 4),
            optimizer: update.optimizer, learningRate: .constant(0.1), epochs: 1, clip: update.clip)
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 2))
        var before = trainer.model()
        var failure: TrainingError?
        while failure == nil && !trainer.isFinished {
            before = trainer.model()
            do { _ = try trainer.update() } catch { failure = error }
        }
        guard case .notFinite(_, _, let layer, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(["0 (dense)", "second (dense)", "2 (dense)", "loss"].contains(layer))
        #expect(trainer.model().parametersSHA256 == before.parametersSHA256)
    }

    /// Losses and activations that are finite, and slopes times features that may not be.
    @Test(arguments: [(Float(1), true), (10, false)])
    func gradientsBeyondFloatsAreRefused(target: Float, isFinite: Bool) throws {
        let data = try Dataset(
            features: [Float](repeating: 1e38, count: 8), shape: [1], values: [Float](repeating: target, count: 8),
            mean: 0, deviation: 1)
        let recipe = Recipe(
            model: layers(Dense(.classes, bias: false)), loss: .meanSquaredError(), batch: Batch(size: 4),
            optimizer: .sgd(), learningRate: .constant(1e-39), epochs: 1)
        for threads in 1...2 {
            var trainer = try Trainer(recipe, data: data, machine: Machine(threads: threads))
            let before = trainer.model().parametersSHA256
            if isFinite {
                _ = try trainer.update()
                #expect(trainer.model().parametersSHA256 != before)
            } else {
                #expect(throws: TrainingError.self) { _ = try trainer.update() }
                #expect(trainer.model().parametersSHA256 == before)
            }
        }
    }
}

extension LayerList {
    /// The first layers, and a last one for the classes.
    func prefix(_ count: Int) -> LayerList { LayerList(Array(layers.prefix(count)) + [Dense(.classes)]) }
}

/// Whether this build is optimised: `scripts/test` makes one.
private let isOptimized: Bool = {
    var isOptimized = true
    assert(
        {
            isOptimized = false
            return true
        }())
    return isOptimized
}()
