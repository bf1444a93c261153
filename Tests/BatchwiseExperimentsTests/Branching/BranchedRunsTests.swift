import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import BatchwiseExperiments

@Suite struct BranchedRunsTests {
    /// Examples that are all the same, so that every batch has the same gradient.
    private static let x = [0.5, -1, 2.0]

    private func subject(_ optimizer: Optimizer, rate: Double) throws -> Subject {
        let train = try Dataset(
            features: (0..<64).flatMap { _ in Self.x.map { Float($0) } }, shape: [3],
            classes: [Int](repeating: 0, count: 64), names: ["a", "b"])
        let data = LoadedData(
            train: train, test: nil,
            preprocessing: Preprocessing(
                featureShape: [3], features: .uniform(scale: 1, shift: 0), target: .classes(names: ["a", "b"])))
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, batch: Batch(size: 4), optimizer: optimizer,
            learningRate: .constant(rate), epochs: 2)
        return try Subject(recipe, data: data)
    }

    /// Descent in Double: the mean loss of the last quarter of the updates.
    private func oracle(_ model: Model, rate: Double, updates: Int) throws -> Double {
        var w = try #require(model.parameter("0.weight")?.values).map { Double($0) }
        var b = try #require(model.parameter("0.bias")?.values).map { Double($0) }
        var sum = 0.0
        let last = updates - max(updates / 4, 1)
        for update in 0..<updates {
            let z = (0..<2).map { k in (0..<3).reduce(b[k]) { $0 + w[3 * k + $1] * Self.x[$1] } }
            let p = 1 / (1 + exp(z[1] - z[0]))
            if update >= last { sum -= log(p) }
            for (k, gradient) in [p - 1, 1 - p].enumerated() {
                b[k] -= rate * gradient
                for j in 0..<3 { w[3 * k + j] -= rate * gradient * Self.x[j] }
            }
        }
        return sum / Double(updates - last)
    }

    @Test func lossesAreThoseOfDescentInDouble() throws {
        let subject = try subject(.sgd, rate: 0.03).trained(for: .updates(3))
        let found = try BranchedRuns(subject, examples: 320, seeds: 2)
        let model = try #require(subject.model)
        for branch in found.branches {
            let expected = try oracle(model, rate: branch.rate, updates: 320 / branch.batch)
            for loss in branch.losses { #expect(abs(loss / expected - 1) < 1e-4, "\(branch.batch)") }
        }
        #expect(found.branches.map(\.batch) == [4, 8, 16] && found.examples == 320)
        #expect(found.branches.map { Float($0.rate) } == [0.03, 0.06, 0.12])
    }

    @Test func ratesOfAdaptiveOptimizersGrowWithTheRoot() throws {
        let found = try BranchedRuns(subject(.adam(), rate: 0.01), factors: [1, 4], examples: 64, seeds: 1)
        #expect(abs(found.branches[1].rate - 0.02) < 1e-9)
        // one seed settles nothing
        #expect(!found.isSettled(found.branches[1]) && found.isSettled(found.branches[0]))
    }

    /// A small rate may be multiplied by four; one near the largest stable rate may not.
    @Test func theAnswerTellsGoodBatchesFromWasteful() throws {
        let problem = SoftmaxCase(examples: 512, seed: 4)
        func branches(_ rate: Double) throws -> BranchedRuns {
            var recipe = try problem.subject(batch: 64).recipe
            recipe.learningRate = .constant(rate)
            let subject = try Subject(recipe, data: problem.data).trained(for: .updates(40))
            return try BranchedRuns(subject, factors: [1, 2, 4, 8], examples: 16_384)
        }
        let slow = try branches(0.002)
        #expect(slow.firstWorse == nil && slow.largestAsGood.batch == 512)
        let fast = try branches(4)
        #expect(fast.firstWorse != nil && fast.largestAsGood.batch < 512)
        for branch in fast.branches { #expect(branch.loss.map { $0.isFinite } ?? true) }
    }

    @Test func batchesBeyondTheDataAreRefused() throws {
        let subject = try subject(.sgd, rate: 0.1)
        #expect(throws: MeasurementError.batchBeyondData(batch: 128, examples: 64)) {
            try BranchedRuns(subject, factors: [1, 32])
        }
    }

    @Test(arguments: [1e5, 1e30]) func aRateThatDivergesIsRefused(rate: Double) throws {
        let problem = SoftmaxCase(examples: 512, seed: 4)
        var recipe = try problem.subject(batch: 64).recipe
        recipe.learningRate = .constant(rate)
        let subject = try Subject(recipe, data: problem.data)
        #expect(throws: MeasurementError.branchDiverged(batch: 64, rate: rate)) {
            try BranchedRuns(subject, factors: [1, 2], examples: 2048)
        }
    }
}
