import Synchronization
import Testing

@testable import Batchwise

/// Several ranks come to the same bits as one process, from exchanged numbers alone.
@Suite struct RanksTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var data: @Sendable () throws -> Dataset
        var recipe: Recipe
        var testDescription: String { name }

        init(
            _ name: String, _ model: LayerList, shape: [Int] = [12], change: (inout Recipe) -> Void = { _ in }
        ) {
            self.name = name
            data = { try SmallData.classes(90, shape: shape, weighted: true) }
            recipe = Recipe(
                model: model, batch: Batch(size: 40, grain: 4, lanes: 3), optimizer: .sgd(momentum: 0.9),
                learningRate: .constant(0.05), epochs: 2, seed: 3)
            change(&recipe)
        }

        init(_ example: PartNormsTests.Case) {
            self.init(example.name, example.model)
            data = { try PartNormsTests.data(example) }
        }
    }

    static let mlp = layers(Dense(90), Tanh(), Dropout(0.2), Dense(20), SiLU(), Dense(.classes))
    /// Rows that are sent while passes go on, where processes are apart, and sums that are handed over.
    static let wide = layers(Dense(2000), ReLU(), Dense(300), Tanh(), Dense(.classes))
    static let images = layers(
        Conv2D(filters: 4, kernel: 3, padding: .same), BatchNorm(ghost: 8), ReLU(), MaxPool2D(2), Flatten(),
        Dense(.classes))

    static let cases: [Case] =
        PartNormsTests.cases.map { Case($0) } + [
            Case("ghost batches", images, shape: [6, 6, 2]) {
                $0.augmentation = Augmentation([.flip, .mixup(alpha: 0.4)])
            },
            Case("whole batches", layers(Dense(20), BatchNorm(over: .batch), ReLU(), Dense(.classes))),
            Case("wide", wide),
            Case("wide, narrow numbers", wide) { $0.precision = .bfloat16 },
            Case("clipped", mlp) { $0.clip = .norm(0.1) },
            Case("uphill", mlp) { $0.sam = SAM(rho: 0.2) },
            Case("uphill, whole batches", layers(Dense(20), BatchNorm(over: .batch), ReLU(), Dense(.classes))) {
                $0.sam = SAM(rho: 0.2, adaptive: true)
            },
            Case("uphill, ghost batches, muon", images, shape: [6, 6, 2]) { recipe in
                (recipe.sam, recipe.optimizer) = (SAM(rho: 0.1), .muon())
                recipe.average = .exponential(decay: 0.9)
            },
            Case("lamb", mlp) { $0.optimizer = .lamb() },
            Case("muon", mlp) { $0.optimizer = .muon() },
            Case("adam, averaged", mlp) { recipe in
                recipe.optimizer = .adam()
                recipe.average = .exponential(decay: 0.9)
            },
            Case("an optimizer of the program's own", mlp) { $0.optimizer = .custom(LongestStep()) },
            Case("growing", mlp) { $0.batch.grow = BatchGrowth(.times(2, at: [.epochs(1)])) },
            Case("norm test", mlp) { recipe in
                recipe.batch.size = 8
                recipe.batch.grow = BatchGrowth(.byNoise(.init(.normTest(), every: .updates(2), sample: 16)), limit: 40)
            },
            Case("goodput", mlp) { recipe in
                recipe.batch.size = 8
                recipe.batch.grow = BatchGrowth(
                    .byNoise(.init(.goodput(overhead: 30), every: .updates(2), sample: 16)), limit: 40)
            },
            Case("adascale", mlp) { recipe in
                recipe.learningRate = .base(0.05, atBatch: max(recipe.batch.size / 4, 1), scaling: .adaScale)
            },
            Case("adascale, by lanes", images, shape: [6, 6, 2]) { recipe in
                recipe.batch.lanes = 2
                recipe.learningRate = .base(0.05, atBatch: max(recipe.batch.size / 4, 1), scaling: .adaScale)
            },
        ]

    /// A step of the gradient divided by its largest number in a block: the blocks must not depend on ranks.
    struct LongestStep: CustomOptimizer {
        var name: String { "longest-step" }
        var defaultRate: Double { 0.01 }
        func step(
            _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
            states: inout StateVectors
        ) {
            var largest: Float = 1e-3
            for place in gradient.indices { largest = max(largest, abs(gradient[place])) }
            for place in gradient.indices { parameters[place] -= Float(settings.rate) * gradient[place] / largest }
        }
    }

    @Test(
        arguments: cases,
        [(2, 1, nil, 1), (3, 2, nil, 1), (2, 2, 4, 1), (3, 2, nil, 3), (2, 2, 4, 2), (4, 1, 4, 2)]
            as [(Int, Int, Int?, Int)])
    func ranksTrainTheSameParameters(
        example: Case, split: (ranks: Int, threads: Int, microBatch: Int?, ranksPerMachine: Int)
    ) throws {
        if !example.recipe.precision.isAvailable { try Test.cancel("this processor has no AVX512-BF16") }
        let data = try example.data()
        var alone = try Trainer(example.recipe, data: data, machine: Machine(threads: 1))
        try alone.run()
        let expected = alone.checkpoint()
        let ranks = RanksInMemory(split.ranks)
        ranks.ranksPerMachine = split.ranksPerMachine
        let machine = Machine(threads: split.threads, microBatch: split.microBatch)
        let found = try ranks.train(example.recipe, data, machine, validation: data) { trainer in
            try trainer.run()
            return trainer.checkpoint()
        }
        #expect(ranks.bytes.load(ordering: .relaxed) > 0)
        for checkpoint in found {
            #expect(checkpoint.model.parametersSHA256 == expected.model.parametersSHA256)
            #expect(checkpoint.optimizerState == expected.optimizerState)
            #expect(checkpoint.vectors == expected.vectors)
        }
    }

    /// A wide model goes all ways between machines: rows while passes go on and after them, and sums.
    @Test func aWideModelGoesAllWays() throws {
        let example = Case("wide", Self.wide)
        var machine = Machine(threads: 1)
        (machine.ranks, machine.machines) = (2, 2)
        let apart = try Trainer.prepare(example.recipe, data: example.data(), machine: machine).execution.joining
        #expect(apart.handed == [true, false, true])
        #expect(apart.early.map { $0.tensors.map(\.width) } == [[2000]])
        #expect(apart.exchanged.map(\.width).sorted() == [2, 300] && apart.knowsFeatures && !apart.readsFeatures)
        machine.machines = 1
        let near = try Trainer.prepare(example.recipe, data: example.data(), machine: machine).execution.joining
        #expect(near.handed == [false, false, false] && near.early.isEmpty && near.kept.isEmpty)
    }

    /// Every rank measures the same losses, the same norms of gradients, of single examples and of lanes, and the same
    /// products of the Hessian.
    @Test(arguments: [PartNormsTests.cases[1], PartNormsTests.cases[4]], [nil, SAM(rho: 0.1)])
    func ranksMeasureTheSameQuantities(example: PartNormsTests.Case, sam: SAM?) throws {
        let quantities: [any Quantity] = [
            GradientNorm(), UpdateRatio(), ExampleNorms(), LaneNorms(), HessianProductTests.AlongGradient(),
        ]
        var recipe = PartNormsTests.recipe(example)
        recipe.sam = sam
        let data = try PartNormsTests.data(example)
        @Sendable func reports(_ trainer: inout Trainer) throws -> [UpdateReport] {
            var all: [UpdateReport] = []
            try trainer.run(updates: 4) { all.append($0) }
            return all
        }
        var alone = try Trainer(recipe, data: data, machine: Machine(threads: 2), quantities: quantities)
        let expected = try reports(&alone)
        let found = try RanksInMemory(3).train(
            recipe, data, Machine(threads: 1), quantities: quantities, body: reports)
        for rank in found {
            #expect(rank.map(\.loss) == expected.map(\.loss))
            for (a, b) in zip(rank, expected) {
                #expect(a.measurements[GradientNorm()] == b.measurements[GradientNorm()])
                #expect(a.measurements[UpdateRatio()] == b.measurements[UpdateRatio()])
                #expect(a.measurements[ExampleNorms()] == b.measurements[ExampleNorms()])
                #expect(a.measurements[LaneNorms()] == b.measurements[LaneNorms()])
                let product = HessianProductTests.AlongGradient()
                #expect(a.measurements[product] != nil && a.measurements[product] == b.measurements[product])
            }
        }
    }

    /// A batch of fewer examples than ranks leaves some ranks without examples.
    @Test func ranksWithoutExamplesGoOn() throws {
        var recipe = Self.cases[1].recipe
        recipe.batch = Batch(size: 2, grain: 1)
        let data = try SmallData.classes(9)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        let found = try RanksInMemory(4).train(recipe, data, Machine(threads: 1)) { try $0.run().parametersSHA256 }
        #expect(found == Array(repeating: expected, count: 4))
    }

    /// A gradient that overflows is refused by all ranks, whichever rank has found it.
    @Test func ranksRefuseAnUpdateTogether() throws {
        var recipe = Self.cases[1].recipe
        recipe.learningRate = .constant(1e30)
        let data = try SmallData.classes(90)
        func error(_ run: () throws -> Void) -> String {
            do { try run() } catch { return "\(error)" }
            return ""
        }
        let expected = error { _ = try Trainer.fingerprint(recipe, data, Machine(threads: 1)) }
        #expect(expected.contains("stopped being finite"))
        let found = try RanksInMemory(3).train(recipe, data, Machine(threads: 1)) { trainer in
            do { _ = try trainer.run() } catch { return "\(error)" }
            return ""
        }
        #expect(found == Array(repeating: expected, count: 3))
    }

    /// As a negative control, ranks that exchange nothing train other parameters.
    @Test func ranksThatExchangeNothingTrainOtherParameters() throws {
        let recipe = Self.cases[1].recipe
        let data = try SmallData.classes(90)
        let ranks = RanksInMemory(2)
        ranks.keepsApart = true
        let found = try ranks.train(recipe, data, Machine(threads: 1)) { try $0.run().parametersSHA256 }
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        #expect(!found.contains(expected))
    }
}
