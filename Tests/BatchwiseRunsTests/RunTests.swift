import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import BatchwiseRuns

@Suite struct RunTests {
    private static let often = RunOptions(machine: Machine(threads: 1), checkpoints: .updates(7))

    @Test func aRunLeavesWhatItSays() throws {
        let folder = try TemporaryFolder()
        var run = try Run(Recipes.digits(), in: folder.at("run"), options: Self.often)
        let (isFinished, path) = (run.isFinished, run.path)
        #expect(!isFinished && path == folder.at("run"))
        var epochs: [Int] = []
        let summary = try run.train { if case .epoch(let epoch) = $0 { epochs.append(epoch.epoch) } }
        let isDone = run.isFinished
        #expect(isDone && epochs == [1, 2, 3, 4, 5, 6])
        #expect(summary.epochs == 6 && summary.updates == summary.totalUpdates)
        // the run has the same result as the trainer alone
        let data = try #require(Recipes.digits().data).load(seed: Recipes.digits().seed)
        var trainer = try Trainer(Recipes.digits(), data: data.train, validation: data.validation)
        #expect(try trainer.run().parametersSHA256 == summary.parametersSHA256)
        let saved = try SavedModel(folder.at("run"))
        #expect(saved.model.parametersSHA256 == summary.parametersSHA256 && saved.notices.isEmpty)
        let evaluation = try saved.model.evaluate(#require(data.test), scores: .all)
        #expect(evaluation == summary.test)
        #expect(try saved.predictor().predictions(for: #require(data.test)).count == evaluation.examples)

        let log = try RunLog(of: folder.at("run"))
        #expect(log.skippedLines == 0 && log.supersededEvents == 0)
        guard case .start(let start)? = log.events.first, let end = log.end else {
            Issue.record("\(log.events)")
            return
        }
        #expect(start.version == 1 && start.classes?.count == 10 && start.recipe == summary.recipe.sha256)
        #expect(
            start.host.batchwise == "0.4.0" && !start.host.instructionSet.isEmpty
                && start.host.plan["batch"] == .int(32))
        #expect(end.status == .finished && end.update == summary.updates)
        // every update up to 128, and every second or fourth behind it
        let updates = log.events.compactMap { if case .update(let update) = $0 { update.update } else { nil } }
        #expect(updates == (1...summary.updates).filter { $0 <= 128 || $0 < 256 && $0 % 2 == 0 || $0 % 4 == 0 })
        // test examples are looked at once, by the model that is kept
        let evaluations = log.events.compactMap { if case .evaluation(let event) = $0 { event } else { nil } }
        #expect(evaluations.filter { $0.part == .validation }.count == 6)
        #expect(evaluations.filter { $0.part == .test }.map(\.result) == [evaluation])
        let counts = try #require(evaluation.classCounts)
        #expect(counts.reduce(0) { $0 + $1.total } == evaluation.examples && counts.count == 10)
        #expect(counts.reduce(0) { $0 + $1.predicted } == evaluation.examples)
        let right = counts.reduce(0) { $0 + $1.right }
        #expect(Double(right) / Double(evaluation.examples) == evaluation.accuracy)
    }

    @Test func resumeEqualsUninterrupted() throws {
        let folder = try TemporaryFolder()
        var whole = try Run(Recipes.digits(), in: folder.at("whole"), options: Self.often)
        let expected = try whole.train()
        // the run is interrupted twice, and resumed once by the same Run and once by another
        let interruption = Interruption()
        do {
            var cut = try Run(Recipes.digits(), in: folder.at("cut"), options: RunOptions(checkpoints: .updates(1)))
            try cut.train(until: interruption) {
                if case .epoch(let epoch) = $0, epoch.epoch == 2 { interruption.request() }
            }
            let (isFinished, epoch) = (cut.isFinished, cut.progress.epoch)
            #expect(!isFinished && epoch == 3)
            #expect(try RunLog(of: folder.at("cut")).end?.status == .interrupted)
            let again = Interruption()
            try cut.train(until: again) { if case .epoch(let epoch) = $0, epoch.epoch == 4 { again.request() } }
            let later = cut.progress.epoch
            #expect(later == 5)
        }
        var resumed = try Run(resuming: folder.at("cut"), options: RunOptions(machine: Machine(threads: 2)))
        let summary = try resumed.train()
        #expect(summary.parametersSHA256 == expected.parametersSHA256 && summary.trainLoss == expected.trainLoss)
        #expect(try folder.course("cut") == folder.course("whole"))
        #expect(try folder.bytes("cut/model.safetensors") == folder.bytes("whole/model.safetensors"))
        let log = try RunLog(of: folder.at("cut"))
        let resumes = log.events.compactMap { if case .resume(let event) = $0 { event.update } else { nil } }
        #expect(resumes == [82, 164].map { $0 / 41 * (expected.updates / 6) } && log.supersededEvents == 0)
    }

    /// A copy of the directory is what a kill at that moment leaves. The newest checkpoint is within an epoch.
    @Test func aKilledRunWritesTheSameLinesAndBits() throws {
        let folder = try TemporaryFolder()
        var whole = try Run(Recipes.digits(), in: folder.at("whole"), options: Self.often)
        var copies = 0
        try whole.train { report in
            guard case .epoch(let epoch) = report else { return }
            try? folder.copy("whole", to: "killed-\(epoch.epoch)")
            copies += 1
        }
        #expect(copies == 6)
        for (number, tail) in ["", "{\"event\": \"upd", "\u{0}\u{0}\u{0}", "nonsense\n{}\n"].enumerated() {
            let name = "killed-\(number + 1)"
            let before = try folder.bytes("\(name)/events.jsonl")
            try folder.append(tail, to: "\(name)/events.jsonl")
            let plan = try folder.bytes("\(name)/plan.json")
            // the lock of the run that is alive is not on its copy
            var resumed = try Run(
                resuming: folder.at(name), options: RunOptions(machine: Machine(threads: 2, microBatch: 16)))
            try resumed.train()
            #expect(try folder.course(name) == folder.course("whole"), "\(name)")
            #expect(try folder.bytes("\(name)/model.safetensors") == folder.bytes("whole/model.safetensors"))
            let log = try RunLog(of: folder.at(name))
            #expect(log.skippedLines == [0, 1, 1, 2][number])
            // the epoch had ended, and its checkpoint was not there yet
            #expect(log.supersededEvents > 0)
            // the files that were written stay as they were
            #expect(try folder.bytes("\(name)/events.jsonl").starts(with: before + Data(tail.utf8)))
            #expect(try folder.bytes("\(name)/plan.json") == plan)
            let hosts = log.events.compactMap {
                if case .resume(let event) = $0 { event.host.plan["micro_batch"] } else { nil }
            }
            #expect(hosts == [.int(16)])
        }
    }

    @Test func oneRunAtATimeTrainsInADirectory() throws {
        let folder = try TemporaryFolder()
        func code(_ work: () throws -> Void) -> (Int32?, String) {
            do { try work() } catch { return ((error as? RunError)?.exitCode, "\(error)") }
            return (nil, "")
        }
        do {
            var run = try Run(Recipes.digits(epochs: 1), in: folder.at("run"))
            try run.train()
            let second = code { _ = try Run(resuming: folder.at("run")) }
            #expect(second.0 == 73 && second.1.contains("another process"))
        }
        var again = try Run(resuming: folder.at("run"))
        let isFinished = again.isFinished
        #expect(isFinished)
        let events = try folder.bytes("run/events.jsonl")
        try again.train()
        #expect(try folder.bytes("run/events.jsonl") == events)
    }

    @Test func refusalsNameTheirReason() throws {
        let folder = try TemporaryFolder()
        func refusal(_ work: () throws -> Void) -> RunError? {
            do { try work() } catch { return error as? RunError }
            return nil
        }
        do {
            var run = try Run(Recipes.digits(epochs: 1), in: folder.at("run"))
            try run.train()
        }
        let occupied = refusal { _ = try Run(Recipes.digits(), in: folder.at("run")) }
        #expect(occupied?.exitCode == 73 && occupied?.description.contains("already holds a run") == true)
        let nowhere = refusal { _ = try Run(resuming: folder.at("nowhere")) }
        #expect(nowhere?.exitCode == 66 && nowhere?.description.contains("no such run") == true)
        let empty = refusal { _ = try Run(resuming: folder.path) }
        #expect(empty?.exitCode == 66 && empty?.description.contains("recipe.yaml") == true)
        let other = try String(decoding: folder.bytes("run/recipe.yaml"), as: UTF8.self)
        try Data(other.replacingOccurrences(of: "seed: 42", with: "seed: 7").utf8)
            .write(to: URL(fileURLWithPath: folder.at("run/recipe.yaml")))
        let changed = refusal { _ = try Run(resuming: folder.at("run")) }
        #expect(changed?.exitCode == 65 && changed?.description.contains("recipe.yaml is not the recipe") == true)
        try Data(other.utf8).write(to: URL(fileURLWithPath: folder.at("run/recipe.yaml")))
        try FileManager.default.removeItem(atPath: folder.at("run/checkpoints"))
        let lost = refusal { _ = try Run(resuming: folder.at("run")) }
        #expect(lost?.exitCode == 65 && lost?.description.contains("there is no checkpoint") == true)
    }

    /// Numbers that overflow end the run, and its log says so.
    @Test func aRunThatFailsSaysWhyInItsLog() throws {
        let folder = try TemporaryFolder()
        var recipe = Recipes.digits(validation: nil)
        recipe.learningRate = .constant(1e30)
        var run = try Run(recipe, in: folder.at("run"))
        var failure: RunError?
        do { try run.train() } catch { failure = error as? RunError }
        #expect(failure?.exitCode == 65)
        let end = try #require(try RunLog(of: folder.at("run")).end)
        #expect(end.status == .failed && end.reason?.contains("finite") == true)
    }

    /// A program's own arrays, which no recipe names.
    @Test func ownDataTrainsAndGoesOn() throws {
        let folder = try TemporaryFolder()
        let digits = Dataset.digits()
        let data = LoadedData(
            train: digits.train, test: digits.test,
            preprocessing: Preprocessing(
                featureShape: [64], features: .uniform(scale: 1, shift: 0),
                target: .classes(names: (0...9).map(String.init))))
        var recipe = Recipes.digits(epochs: 2)
        recipe.data = nil
        let expected: String
        do {
            var run = try Run(recipe, data: data, in: folder.at("run"))
            expected = try run.train().parametersSHA256
        }
        var again = try Run(resuming: folder.at("run"), data: data)
        #expect(try again.train().parametersSHA256 == expected)
        #expect(throws: (any Error).self) { _ = try Run(resuming: folder.at("run")) }
    }
}
