import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseRuns

/// Runs whose batch or rate follows the gradient's noise: their logs, wherever they are resumed.
@Suite struct AdaptiveRunTests {
    private static let recipes: [Recipe] = {
        var growing = Recipes.digits(epochs: 2, validation: nil)
        growing.batch.grow = BatchGrowth(
            .byNoise(.init(.noiseScale(share: 0.1), every: .updates(10), times: 1.5, sample: 64)), limit: 200)
        var scaled = Recipes.digits(epochs: 1, validation: nil)
        scaled.batch.size = 64
        scaled.learningRate = .base(0.02, atBatch: 16, scaling: .adaScale)
        return [growing, scaled]
    }()

    @Test(arguments: recipes) func aResumedRunHasTheLogOfTheWhole(recipe: Recipe) throws {
        let folder = try TemporaryFolder()
        let options = RunOptions(machine: Machine(threads: 1), checkpoints: .updates(7), keptCheckpoints: 1000)
        var whole = try Run(recipe, in: folder.at("whole"), options: options)
        var told: [GrowthDecision] = []
        let summary = try whole.train { if case .growth(let decision) = $0 { told.append(decision) } }
        let course = try folder.course("whole")
        let logged = course.compactMap { event in if case .growth(let line) = event { line.decision } else { nil } }
        #expect(told == logged && logged.isEmpty == (recipe.batch.grow == nil))
        #expect(Set(logged.map(\.update)).count == logged.count)

        // all checkpoints after update 14 are lost, and their lines of the log are not
        try folder.copy("whole", to: "cut")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.at("cut/checkpoints")) {
            let number = Int(name.filter(\.isNumber)) ?? 0
            if number > 14 { try FileManager.default.removeItem(atPath: folder.at("cut/checkpoints/\(name)")) }
        }
        var cut = try Run(resuming: folder.at("cut"), options: RunOptions(machine: Machine(threads: 2)))
        let found = try cut.train()
        #expect(found.parametersSHA256 == summary.parametersSHA256 && found.updates == summary.updates)
        #expect(try folder.course("cut") == course)
    }

    @Test func gainsAreInTheLog() throws {
        let folder = try TemporaryFolder()
        var run = try Run(Self.recipes[1], in: folder.at("run"), options: RunOptions(machine: Machine(threads: 1)))
        let summary = try run.train()
        var (sum, updates) = (0.0, 0)
        for case .update(let line) in try folder.course("run") {
            sum += try #require(line.gain)
            updates += 1
            // the last batch of an epoch holds less than four batches of 16
            #expect(try #require(line.baseUpdates) <= sum + 1)
        }
        #expect(updates == summary.updates && summary.epochs > 1)
        for case .epoch(let line) in try folder.course("run") { #expect(line.gain != nil && line.baseUpdates != nil) }
    }
}
