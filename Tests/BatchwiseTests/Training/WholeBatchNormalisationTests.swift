import TestSupport
import Testing

@testable import Batchwise

/// Batch normalisation over the whole batch: one pass, however many micro-batches and workers.
@Suite struct WholeBatchNormalisationTests {
    private static func dense(_ norm: BatchNorm) -> LayerList {
        layers(Dense(40), norm, ReLU(), Dropout(0.2), Dense(19), norm, Tanh(), Dense(.classes))
    }
    private static func residual(_ norm: BatchNorm) -> LayerList {
        layers(
            Conv2D(filters: 20, kernel: 3, padding: .same, bias: false), norm, ReLU(),
            Residual(layers(Conv2D(filters: 20, kernel: 3, padding: .same, bias: false), norm, SiLU())),
            MaxPool2D(2), Conv2D(filters: 6, kernel: 2, bias: false), norm, ReLU(), Dense(.classes))
    }

    /// Eight micro-batches against the interpreter's one pass in Double, every gradient to 1e-6 of its largest number.
    @Test(arguments: [false, true])
    func eightMicroBatchesEqualOnePass(hasImages: Bool) throws {
        let norm = BatchNorm(over: .batch)
        let example = GradientCase(
            name: "whole batch", input: hasImages ? [6, 6, 2] : [12], outputs: 5, rows: 128,
            model: hasImages ? Self.residual(norm) : Self.dense(norm).without(Dropout.self))
        var (data, recipe) = try example.training()
        recipe.batch = Batch(size: 128, grain: 16)
        let machine = Machine(threads: 1, microBatch: 16)
        #expect(try Trainer(recipe, data: data, machine: machine).plan.accumulationSteps == 8)
        let found = try Trainer.gradient(recipe, data, machine: machine)
        let expected = try example.interpreted(in: Double.self, recipe, data).gradients
        #expect(largestError(found.gradients, expected) < 1e-6)
        #expect(found.gradients == (try Trainer.gradient(recipe, data, machine: Machine(threads: 1))).gradients)

        // the control, which must differ: each micro-batch normalises by itself
        let ghost = BatchNorm(ghost: 16)
        recipe.model = LayerList([hasImages ? Self.residual(ghost) : Self.dense(ghost).without(Dropout.self)])
        let naive = try Trainer.gradient(recipe, data, machine: machine)
        #expect(largestError(naive.gradients, expected) > 1e-2)
    }

    /// A ghost batch is a batch of its own: the statistics of 16 examples are those of a batch of 16.
    @Test func ghostBatchesAreNormalisedByThemselves() throws {
        let example = GradientCase(
            name: "ghosts", input: [12], outputs: 5, rows: 48, isWeighted: false,
            model: Self.dense(BatchNorm(ghost: 16)).without(Dropout.self))
        let (data, recipe) = try example.training()
        let whole = try Trainer.gradient(recipe, data, machine: Machine(threads: 2, microBatch: 16)).gradients
        let order = EpochOrder(count: 48, seed: recipe.seed, epoch: 1)
        var mean: NamedGradients = [:]
        for first in stride(from: 0, to: 48, by: 16) {
            let chunk = data.rows((first..<first + 16).map { order[$0] })
            var alone = recipe
            alone.model = LayerList([Self.dense(BatchNorm(over: .batch)).without(Dropout.self)])
            alone.batch = Batch(size: 16, lanes: 1)
            let part = try Trainer.gradient(alone, chunk, machine: Machine(threads: 1)).gradients
            mean.merge(part.mapValues { $0.map { $0 / 3 } }) { zip($0, $1).map(+) }
        }
        #expect(largestError(whole, mean) < 1e-5)
    }

    /// A ghost batch that holds the whole batch is not cut where another layer lets the batch be cut.
    @Test func aWideGhostBatchBesideTheWholeBatchIsNotCut() throws {
        let data = try SmallData.classes(90)
        let recipe = Recipe(
            model: layers(
                Dense(16), BatchNorm(over: .batch), ReLU(), Dense(12), BatchNorm(ghost: 64), Tanh(), Dense(.classes)),
            batch: Batch(size: 32), learningRate: .constant(0.05), epochs: 2)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1, microBatch: 32))
        for (threads, microBatch) in [(1, 16), (2, 16), (3, 8), (2, 32)] {
            let machine = Machine(threads: threads, microBatch: microBatch)
            #expect(try Trainer.fingerprint(recipe, data, machine) == expected, "\(threads), \(microBatch)")
        }
    }

    @Test(arguments: [(1, 5), (8, 30), (50, 117), (96, 200)], [false, true])
    func sameBitsForAnyThreadsAndMicroBatch(size: (batch: Int, examples: Int), hasImages: Bool) throws {
        let norm = BatchNorm(over: .batch)
        let data = try SmallData.classes(size.examples, shape: hasImages ? [6, 6, 2] : [12], weighted: true)
        let recipe = Recipe(
            model: hasImages ? Self.residual(norm) : Self.dense(norm), batch: Batch(size: size.batch),
            optimizer: .sgd(momentum: 0.9, weightDecay: 1e-4), learningRate: .constant(0.05), epochs: 2, seed: 3)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for threads in [1, 2, 3] {
            for microBatch in [nil, 1, 16, 40] {
                let found = try Trainer.fingerprint(recipe, data, Machine(threads: threads, microBatch: microBatch))
                #expect(found == expected, "\(threads) threads, micro-batch \(microBatch ?? 0)")
            }
        }
        var ghost = recipe
        ghost.model = hasImages ? Self.residual(BatchNorm(ghost: 4)) : Self.dense(BatchNorm(ghost: 4))
        let other = try Trainer.fingerprint(ghost, data, Machine(threads: 2))
        #expect(size.batch < 5 || other != expected)
    }

    /// A limit to memory makes rounds of one, says what they cost, and changes no bit.
    @Test func lessMemoryGivesTheSameBits() throws {
        let data = try SmallData.classes(512, shape: [12, 12, 2])
        let recipe = Recipe(
            model: Self.residual(BatchNorm(over: .batch)), batch: Batch(size: 256), epochs: 1, seed: 3)
        let free = try Trainer(recipe, data: data, machine: Machine(threads: 2))
        #expect(free.plan.accumulationSteps == 1 && free.plan.notices.isEmpty)
        let machine = Machine(threads: 2, memory: (free.plan.bytes.total - free.plan.bytes.data) / 4)
        let limited = try Trainer(recipe, data: data, machine: machine)
        #expect(limited.plan.accumulationSteps > 1)
        #expect(limited.plan.notices.contains { $0.contains("batch-norm over the whole batch") })
        #expect(
            try Trainer.fingerprint(recipe, data, machine) == Trainer.fingerprint(recipe, data, Machine(threads: 1)))
    }

    /// Running statistics after one update from mean 0 and variance 1, against sums in Double.
    @Test func runningStatisticsAreThoseOfTheBatch() throws {
        let data = try SmallData.classes(40, shape: [3])
        let recipe = Recipe(
            model: layers(BatchNorm(over: .batch, momentum: 0.25), Dense(.classes)), batch: Batch(size: 40), epochs: 1)
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 2, microBatch: 16))
        _ = try trainer.update()
        let model = trainer.model()
        var rows = [Float](repeating: 0, count: 120)
        try rows.withUnsafeMutableBufferPointer { try data.fill($0, rows: 0..<40) }
        for channel in 0..<3 {
            let numbers = stride(from: channel, to: 120, by: 3).map { Double(rows[$0]) }
            let mean = numbers.reduce(0, +) / 40
            let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 39
            func value(_ name: String) throws -> Double {
                Double(model.values[try #require(model.parameters.firstIndex { $0.name == "0.\(name)" })][channel])
            }
            #expect(abs(try value("running_mean") - 0.25 * mean) < 1e-6)
            #expect(abs(try value("running_var") - (0.75 + 0.25 * variance)) < 1e-6)
        }
    }

    /// The mean of numbers near a million, whose squares a sum in Float could not tell apart.
    @Test func largeMeansLoseNothing() throws {
        var numbers = TestNumbers("large means")
        let features = (0..<64).map { _ in Float(1e6 + numbers.normal()) }
        let data = try Dataset(features: features, shape: [1], classes: (0..<64).map { $0 % 2 })
        let recipe = Recipe(model: layers(BatchNorm(over: .batch), Dense(.classes)), batch: Batch(size: 64), epochs: 1)
        var trainer = try Trainer(recipe, data: data)
        _ = try trainer.update()
        let mean = features.reduce(0) { $0 + Double($1) } / 64
        let variance = features.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 63
        let model = trainer.model()
        let place = try #require(model.parameters.firstIndex { $0.name == "0.running_var" })
        #expect(abs(Double(model.values[place][0]) / (0.9 + 0.1 * variance) - 1) < 1e-5)
    }
}

extension LayerList {
    fileprivate func without<Kind: Layer>(_ kind: Kind.Type) -> LayerList { LayerList(layers.filter { !($0 is Kind) }) }
}

/// The largest difference, as a part of the largest number of the same gradient.
private func largestError(_ found: NamedGradients, _ expected: NamedGradients) -> Double {
    var worst = found.keys.sorted() == expected.keys.sorted() ? 0.0 : .infinity
    for (name, numbers) in expected {
        let scale = numbers.reduce(1e-30) { max($0, abs($1)) }
        // a bias before a normalisation has no gradient but roundings
        guard scale > 1e-7 else { continue }
        for (one, other) in zip(numbers, found[name] ?? []) { worst = max(worst, abs(one - other) / scale) }
    }
    return worst
}
