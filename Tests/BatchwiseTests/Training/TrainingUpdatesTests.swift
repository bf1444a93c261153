import Foundation
import Testing

@testable import Batchwise

/// Reports as an asynchronous sequence: the same run, read by a loop.
@Suite struct TrainingUpdatesTests {
    private static let recipe = Recipe(
        model: LayerList {
            Dense(6)
            ReLU()
            Dense(.classes)
        }, batch: Batch(size: 16), learningRate: .constant(0.05), epochs: 4)

    private static func trainer(_ recipe: Recipe = recipe) throws -> Trainer {
        try Trainer(recipe, data: SmallData.classes(88), machine: Machine(threads: 1))
    }

    private static func reports() throws -> (all: [UpdateReport], sha256: String) {
        var trainer = try trainer()
        var all: [UpdateReport] = []
        let model = try trainer.run {
            all.append($0)
            return .proceed
        }
        return (all, model.parametersSHA256)
    }

    @Test(arguments: [0, 1, 3, 100])
    func theLoopSeesEveryUpdateAndEndsWithTheModel(ahead: Int) async throws {
        let expected = try Self.reports()
        let updates = try Self.trainer().updates(ahead: ahead)
        var found: [UpdateReport] = []
        for try await report in updates { found.append(report) }
        #expect(found == expected.all && found.count == 24)
        #expect(await updates.model().parametersSHA256 == expected.sha256)
        for try await report in updates { Issue.record("update \(report.index) after the end") }
    }

    /// Without updates ahead, the trainer is where its last report says; otherwise it is at most that many updates
    /// further.
    @Test(arguments: [0, 2])
    func trainingIsNoFurtherAheadThanItMay(ahead: Int) async throws {
        let updates = try Self.trainer().updates(ahead: ahead)
        for try await report in updates {
            let made = await updates.withTrainer { $0.progress.updates }
            #expect((report.index...report.index + ahead).contains(made))
        }
    }

    @Test func aLoopThatIsLeftGoesOnLater() async throws {
        let expected = try Self.reports()
        let updates = try Self.trainer().updates()
        var found: [UpdateReport] = []
        for try await report in updates {
            found.append(report)
            if report.index == 5 { break }
        }
        #expect(await updates.withTrainer { $0.progress.updates } == 5)
        for try await report in updates { found.append(report) }
        #expect(found == expected.all)
        #expect(await updates.model().parametersSHA256 == expected.sha256)
    }

    /// A cancelled task ends the loop after the update that is being made; a checkpoint taken then resumes to the same
    /// bits.
    @Test(arguments: [0, 4])
    func aCancelledTaskLeavesACheckpoint(ahead: Int) async throws {
        let expected = try Self.reports()
        let path = FileManager.default.temporaryDirectory.appending(path: "cancelled-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let updates = try Self.trainer().updates(ahead: ahead)
        let task = Task {
            var seen = 0
            for try await report in updates {
                seen = report.index
                if seen == 7 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return seen
        }
        let seen = try await task.value
        #expect(seen >= 7 && seen < 24)
        #expect(seen <= 7 + ahead + 1)
        let made = try await updates.withTrainer { trainer throws in
            try trainer.saveCheckpoint(path)
            return trainer.progress.updates
        }
        #expect(made == seen)
        var resumed = try Self.trainer()
        try resumed.resume(from: path)
        #expect(resumed.progress.updates == made)
        #expect(try resumed.run().parametersSHA256 == expected.sha256)
    }

    @Test func aTaskThatIsCancelledFromOutsideEnds() async throws {
        var recipe = Self.recipe
        recipe.epochs = 1_000_000
        let updates = try Self.trainer(recipe).updates()
        let task = Task {
            var seen = 0
            for try await report in updates { seen = report.index }
            return seen
        }
        while await updates.withTrainer({ $0.progress.updates }) < 3 { await Task.yield() }
        task.cancel()
        let seen = try await task.value
        #expect(await updates.withTrainer { $0.progress.updates } == seen)
        // a task that is cancelled before its loop makes no update
        let late = Task { () throws -> Int in
            withUnsafeCurrentTask { $0?.cancel() }
            var count = 0
            for try await _ in updates { count += 1 }
            return count
        }
        #expect(try await late.value == 0)
        #expect(await updates.withTrainer { $0.progress.updates } == seen)
    }

    @Test func theErrorOfAnUpdateEndsTheLoop() async throws {
        var recipe = Self.recipe
        recipe.learningRate = .constant(1e30)
        let updates = try Self.trainer(recipe).updates(ahead: 2)
        var seen = 0
        let error = await #expect(throws: TrainingError.self) {
            for try await report in updates { seen = report.index }
        }
        guard case .notFinite(let update, _, _, _) = error else {
            Issue.record("the loop ended by \(String(describing: error))")
            return
        }
        #expect(update == seen + 1)
    }

    @Test func aSecondLoopBesideTheFirstEndsAtOnce() async throws {
        let updates = try Self.trainer().updates()
        var count = 0
        for try await _ in updates {
            count += 1
            if count == 2 { for try await _ in updates { Issue.record("a report for the second loop") } }
        }
        #expect(count == 24)
    }

    /// More runs than the cooperative pool has threads, in lock step: none of them could end if training occupied it.
    @Test func runsDoNotOccupyTheCooperativePool() async throws {
        let expected = try Self.reports().sha256
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount + 6 {
                let updates = try Self.trainer().updates()
                group.addTask {
                    for try await _ in updates {}
                    return await updates.model().parametersSHA256
                }
            }
            for try await sha256 in group { #expect(sha256 == expected) }
        }
    }
}
