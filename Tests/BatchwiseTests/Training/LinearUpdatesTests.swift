import TestSupport
import Testing

@testable import Batchwise

/// Updates of single examples in runs, against those of the general path.
@Suite struct LinearUpdatesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var loss: Loss
        var outputs: Int
        var optimizer = Optimizer.sgd()
        var features = "floats"
        var bias = true
        var isWeighted = false
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "one number", loss: .meanSquaredError(), outputs: 1),
        Case(name: "halved, no bias", loss: .meanSquaredError(half: true), outputs: 1, bias: false),
        Case(name: "three numbers", loss: .meanSquaredError(), outputs: 3),
        Case(name: "two classes", loss: .binaryCrossEntropy, outputs: 2, features: "sparse"),
        Case(name: "weighted", loss: .binaryCrossEntropy, outputs: 2, features: "bytes", isWeighted: true),
        Case(name: "seven classes", loss: .softmaxCrossEntropy(labelSmoothing: 0.1), outputs: 7, features: "sparse"),
        Case(
            name: "momentum and decay", loss: .softmaxCrossEntropy(), outputs: 7,
            optimizer: .sgd(momentum: 0.9, nesterov: true, weightDecay: 0.01), features: "sparse"),
        Case(
            name: "decoupled decay", loss: .meanSquaredError(), outputs: 1,
            optimizer: .sgd(weightDecay: 0.01, decoupled: true)),
    ]

    @Test(arguments: cases)
    func runsAreTheUpdatesOfTheGeneralPath(example: Case) throws {
        let recipe = Recipe(
            model: LayerList { Dense(.classes, bias: example.bias) }, loss: example.loss, batch: Batch(size: 1),
            optimizer: example.optimizer, learningRate: .constant(0.02), epochs: 3)
        let data = try data(example)
        var fast = try Trainer(recipe, data: data)
        var general = try Trainer(recipe, data: data)
        #expect(fast.linear != nil)
        general.linear = nil
        var (seen, expected) = ([UpdateReport](), [UpdateReport]())
        try fast.run(updates: 200) { seen.append($0) }
        try general.run(updates: 200) { expected.append($0) }
        #expect(seen == expected)
        #expect(try fast.run().parametersSHA256 == general.run().parametersSHA256)
    }

    /// Where few reports are asked for, the findings of the other updates come in their place.
    @Test func everyUpdateIsReportedOrFound() throws {
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, loss: .binaryCrossEntropy, batch: Batch(size: 1),
            learningRate: .constant(0.02), epochs: 3)
        let data = try data(Self.cases[3])
        var whole = try Trainer(recipe, data: data)
        var brief = try Trainer(recipe, data: data)
        var (all, asked) = ([UpdateReport](), [UpdateReport]())
        var (losses, accuracies, examples) = ([Double](), [Double?](), 0)
        try whole.run(updates: 200) { all.append($0) }
        func isAsked(_ update: Int) -> Bool { update % 10 == 0 }
        func add(_ findings: UpdateFindings) {
            losses.append(findings.loss)
            accuracies.append(findings.accuracy)
            examples += findings.examples
        }
        try brief.run(updates: 200, reporting: isAsked, others: add) {
            asked.append($0)
            add(UpdateFindings($0))
        }
        #expect(losses == all.map(\.loss) && accuracies == all.map(\.accuracy) && examples == 200)
        #expect(asked.allSatisfy { all[$0.index - 1] == $0 } && asked.count < 40)
        #expect(Set(asked.map(\.index)).isSuperset(of: stride(from: 10, through: 200, by: 10)))
    }

    /// Updates whose numbers cannot be proved finite go to the general path, which refuses them where it should.
    @Test func anOverflowStopsBeforeItsUpdate() throws {
        let features = (0..<130).map { Float($0 % 7) }
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, loss: .meanSquaredError(), batch: Batch(size: 1),
            learningRate: .constant(1e10), epochs: 9)
        let data = try Dataset(features: features, shape: [1], values: features.map { 2 * $0 }, mean: 0, deviation: 1)
        var failures: [String] = []
        for isGeneral in [false, true] {
            var trainer = try Trainer(recipe, data: data)
            if isGeneral { trainer.linear = nil }
            do {
                try trainer.run()
                Issue.record("a rate of 1e10 went well")
            } catch { failures.append("\(error) \(trainer.progress.updates) \(trainer.model().parametersSHA256)") }
        }
        #expect(failures.count == 2 && failures[0] == failures[1])
    }

    @Test func otherModelsAndBatchesAreLeftAlone() throws {
        let data = try data(Self.cases[0])
        for (model, batch) in [
            (LayerList { Dense(.classes) }, 2),
            (
                LayerList {
                    Dense(4)
                    Dense(.classes)
                }, 1
            ),
        ] {
            let recipe = Recipe(model: model, loss: .meanSquaredError(), batch: Batch(size: batch), epochs: 1)
            #expect(try Trainer(recipe, data: data).linear == nil)
        }
    }

    /// Runs with settings that this path does not support go to the general path.
    @Test func clippingGroupsAndAveragesAreLeftToTheGeneralPath() throws {
        let example = Self.cases[0]
        let plain = Recipe(
            model: LayerList { Dense(.classes) }, loss: example.loss, batch: Batch(size: 1), optimizer: .sgd,
            learningRate: .constant(0.02), epochs: 1)
        let changes: [(inout Recipe) -> Void] = [
            { $0.clip = .norm(1) }, { $0.groups = [ParameterGroup(match: "*.bias", rate: 2)] },
            { $0.average = .exponential(decay: 0.9) }, { $0.optimizer = .sgd(momentum: 0.9, dampening: 0.1) },
            { $0.optimizer = .adam() },
        ]
        #expect(try Trainer(plain, data: data(example)).linear != nil)
        #expect(try Trainer(plain, data: data(example), quantities: [GradientNorm(), UpdateRatio()]).linear == nil)
        for change in changes {
            var recipe = plain
            change(&recipe)
            #expect(try Trainer(recipe, data: data(example)).linear == nil)
        }
    }

    /// 333 examples of 37 features, of which four in five are zero.
    private func data(_ example: Case) throws -> Dataset {
        let (count, width) = (333, 37)
        var random = SplitMix(seed: 5)
        let bytes = (0..<count * width).map { _ in random.next() % 5 == 0 ? UInt8(random.next() % 9) : 0 }
        let floats = bytes.map { Float($0) / 3 }
        let features: Dataset.Features
        switch example.features {
        case "bytes": features = .bytes(bytes, scale: 0.25, shift: -0.5)
        case "sparse": features = .sparse(try SparseRows(dense: floats, width: width))
        default: features = .floats(floats)
        }
        let targets: Dataset.Targets =
            switch example.loss {
            case .meanSquaredError, .huber:
                .values(
                    (0..<count * example.outputs).map { _ in Float(random.next() % 100) / 50 - 1 },
                    width: example.outputs,
                    mean: 0, deviation: 1)
            default:
                .classes(
                    (0..<count).map { _ in Int32(random.next() % UInt64(example.outputs)) },
                    names: (0..<example.outputs).map(String.init))
            }
        let weights = example.isWeighted ? (0..<count).map { Float($0 % 4) + 0.5 } : nil
        return try Dataset(count: count, featureShape: [width], features: features, targets: targets, weights: weights)
    }
}

private struct SplitMix {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return CounterRandom.mix(state) >> 11
    }
}
