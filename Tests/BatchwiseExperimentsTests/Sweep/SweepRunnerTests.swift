import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseExperiments
@testable import BatchwiseRuns

@Suite struct SweepRunnerTests {
    private static let recipe = RecipeValue.map([
        .init("data", .string("digits")), .init("model", .string("linear")), .init("epochs", .int(3)),
    ])

    private func sweep(
        goal: String? = nil, tunesRate: Bool = false, measures: Set<SweepMeasure> = []
    ) throws -> Sweep {
        try Sweep(
            Self.recipe, over: [SweepAxis("batch.size=16,64")], seeds: 2, goal: goal.map { try SweepGoal($0) },
            tunesRate: tunesRate, measures: measures)
    }

    /// The results without what a clock and a place say of them.
    private func plain(_ result: SweepResult?) throws -> [String] {
        try #require(result).cells.map { cell in
            var outcome = cell.outcome
            outcome.seconds = 0
            outcome.goal?.seconds = 0
            return "\(cell.cell.folder) \(outcome)"
        }
    }

    @Test(arguments: [false, true]) func theResultDependsNeitherOnJobsNorOnStops(tunesRate: Bool) throws {
        let folder = try TemporaryFolder()
        let sweep = try sweep(
            goal: "test_accuracy=0.9", tunesRate: tunesRate, measures: tunesRate ? [] : Set(SweepMeasure.allCases))
        let alone = try SweepRunner(sweep, jobs: 1)
        let whole = try plain(alone.run(in: SweepDirectory(sweep, at: folder.at("whole"), source: "")))
        #expect(whole.count >= 4)
        // stopped again and again, each time a little later
        var result: SweepResult?
        var rounds = 0
        while result == nil {
            try #require(rounds < 400)
            rounds += 1
            let stop = Interruption()
            if rounds == 1 { stop.request() }
            let directory = try SweepDirectory(sweep, at: folder.at("cut"), source: "")
            var looks = 0
            result = try SweepRunner(sweep, jobs: 3).run(
                in: directory, checkpoints: .updates(10), until: stop
            ) { _, _ in
                looks += 1
                if looks > rounds / 2 { stop.request() }
            }
        }
        #expect(rounds > 1)
        #expect(try plain(result) == whole)
        // all has ended: nothing is trained again
        let again = try SweepRunner(sweep).run(in: SweepDirectory(existing: folder.at("cut")))
        #expect(try plain(again) == whole)
    }

    /// The place of the goal is that which a trainer finds by itself.
    @Test func theGoalIsWhereATrainerReachesIt() throws {
        let folder = try TemporaryFolder()
        let sweep = try sweep(goal: "test_accuracy=0.9")
        let runner = try SweepRunner(sweep)
        let result = try #require(try runner.run(in: SweepDirectory(sweep, at: folder.at("sweep"), source: "")))
        for cell in result.cells {
            let (recipe, data) = try cell.cell.recipe.withData { _ in }
            var trainer = try Trainer(recipe, data: data.train)
            var found: [(updates: Int, isReached: Bool)] = []
            while !trainer.isFinished {
                let report = try trainer.update()
                let updates = trainer.progress.updates
                // the marks, written out again
                var mark = 1
                while mark < updates { mark += mark < 40 ? 1 : mark / 20 }
                guard report.endsEpoch || mark == updates else { continue }
                let test = try #require(data.test)
                let accuracy = try #require(try trainer.model().evaluate(test).accuracy)
                found.append((updates, accuracy >= 0.9))
            }
            let pairs = zip(found, found.dropFirst())
            let expected = pairs.first { $0.isReached && $1.isReached }
            #expect(cell.outcome.status == .goal && cell.outcome.goal?.updates == expected?.0.updates)
            #expect(cell.outcome.updates == expected?.1.updates)
        }
        #expect(result.frontier.map(\.batch) == [16, 64])
        #expect(try #require(result.criticalBatchNote).contains("2 of 2"))
        #expect(FileManager.default.fileExists(atPath: folder.at("sweep/sweep.json")))
    }

    /// A batch larger than the data set is the data set, whatever its number.
    @Test func batchesBeyondTheDataAreOneSize() throws {
        let folder = try TemporaryFolder()
        let sweep = try Sweep(
            Self.recipe, over: [SweepAxis("batch.size=256,2000,4000"), SweepAxis("learning-rate.base=0.01,0.1,0.3")],
            goal: SweepGoal("train_loss=2"))
        let directory = try SweepDirectory(sweep, at: folder.at("sweep"), source: "")
        let result = try #require(try SweepRunner(sweep).run(in: directory))
        #expect(result.batches == [256, 1438] && result.frontier.map(\.batch) == [256, 1438])
        #expect(result.criticalBatch == nil)
        #expect(try #require(result.rateNote).contains("the best learning-rate.base is the lowest or highest"))
    }

    @Test func aDirectoryHoldsOneSweep() throws {
        let folder = try TemporaryFolder()
        let one = try sweep()
        func occupy() throws { _ = try SweepDirectory(one, at: folder.at("sweep"), source: "") }
        try occupy()
        try occupy()
        #expect(throws: SweepError.otherSweep(folder.at("sweep"))) {
            _ = try SweepDirectory(sweep(goal: "train_loss=1"), at: folder.at("sweep"), source: "")
        }
        let held = try SweepDirectory(existing: folder.at("sweep"))
        #expect(held.sweep == one)
        let error = #expect(throws: RunError.self) { try SweepDirectory(existing: folder.at("sweep")) }
        #expect(error?.exitCode == 73)
        try folder.write(Array("over: 3".utf8), to: "damaged/sweep.yaml")
        let damage = #expect(throws: SweepError.self) { try SweepDirectory(existing: folder.at("damaged")) }
        #expect(damage?.exitCode == 65)
        #expect(throws: SweepError.self) { try SweepDirectory(existing: folder.at("none")) }
    }
}
