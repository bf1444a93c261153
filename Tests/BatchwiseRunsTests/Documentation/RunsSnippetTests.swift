import Batchwise
import BatchwiseRuns
import Foundation
import TestSupport
import Testing

/// The examples in the comments of `BatchwiseRuns`.
@Suite struct RunsSnippetTests {
    @Test func aRunIsTrainedAndResumed() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                let recipe = Recipes.digits(epochs: 2)
                let stopped = try {
                    let stop = Interruption()
                    var run = try Run(recipe, in: "runs/digits")
                    return try run.train(until: stop) { if case .epoch = $0 { stop.request() } }.updates
                }()
                let resumed = try {
                    var run = try Run(resuming: "runs/digits")
                    let summary = try run.train()
                    return summary
                }()
                try FileManager.default.removeItem(atPath: folder.at("runs/digits"))
                var run = try Run(recipe, in: "runs/digits")
                let summary = try run.train()
                #expect(stopped < resumed.updates && resumed.updates == resumed.totalUpdates)
                #expect(summary.updates == resumed.updates && summary.epochs == 2)
                #expect(summary.parametersSHA256 == resumed.parametersSHA256)
            }
        }
    }

    /// SIGTERM comes once the log says that the run has begun.
    @Test func aSignalStopsARun() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                var run = try Run(Recipes.digits(epochs: 100_000), in: "runs/digits")
                let log = folder.at("runs/digits/events.jsonl")
                Thread.detachNewThread {
                    while (try? RunLog(of: "runs/digits").events.isEmpty) != false { usleep(1_000) }
                    kill(getpid(), SIGTERM)
                }
                let interruption = Interruption.catchingSignals()
                try run.train(until: interruption)
                let (updates, isFinished) = (run.progress.updates, run.isFinished)
                #expect(interruption.isRequested && updates > 0 && !isFinished)
                #expect(FileManager.default.fileExists(atPath: log))
                #expect(try RunLog(of: "runs/digits").end?.status == .interrupted)
            }
        }
    }

    @Test func theLogOfARun() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { _ in
                var run = try Run(Recipes.digits(epochs: 3), in: "runs/digits")
                let summary = try run.train()
                for case .epoch(let epoch) in try RunLog(of: "runs/digits").events {
                    print(epoch.epoch, epoch.trainLoss ?? .nan)
                }
                let epochs = try RunLog(of: "runs/digits").events.compactMap { event in
                    if case .epoch(let epoch) = event { epoch } else { nil }
                }
                #expect(epochs.map(\.epoch) == [1, 2, 3])
                #expect(epochs.last?.trainLoss == summary.trainLoss)
            }
        }
    }
}
