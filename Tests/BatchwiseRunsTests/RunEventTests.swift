import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseRuns

@Suite struct RunEventTests {
    private static let host = RunEvent.Host(
        batchwise: "0.4.0", build: "release", instructionSet: "AVX2", processor: "a \"fast\" one", cores: 2, threads: 1,
        plan: .map([.init("batch", .int(32)), .init("notices", .list([.string("ä")]))]))
    private static let evaluation = Evaluation(
        examples: 3, loss: 0.25, accuracy: 2 / 3,
        classCounts: [.init(total: 2, right: 1, predicted: 1), .init(total: 1, right: 1, predicted: 2)])
    static let events: [RunEvent] = [
        .start(
            .init(
                time: "2026-01-31T12:00:00Z", version: 1, host: host, recipe: "ab", classes: ["a", "b"], notices: ["n"])
        ),
        .resume(.init(time: "t", update: 7, host: host, notices: [])),
        .update(
            .init(
                time: "t", update: 9, epoch: 1, batch: 32, examples: 288, loss: 0.1, accuracy: 0.5, learningRate: 0.01,
                gradientNorm: 3, updateRatio: nil, seconds: 0.5)),
        .epoch(
            .init(
                time: "t", epoch: 1, updates: 9, examples: 288, trainLoss: 0.2, trainAccuracy: 0.75,
                validation: Evaluation(examples: 0, loss: 0.3, accuracy: 0.5), test: nil, isClassification: true,
                learningRate: 0.01, batch: 32, seconds: 1, stall: 0, examplesPerSecond: 288, gradientNorm: nil,
                updateRatio: 0.001)),
        .evaluation(.init(time: "t", update: 9, epoch: 1, part: .validation, result: evaluation)),
        .evaluation(
            .init(time: "t", update: 9, epoch: 1, part: .train, result: evaluation, trained: 288, seconds: 0.5)),
        .checkpoint(.init(time: "t", update: 9, file: "checkpoints/update-00000009.safetensors")),
        .notice(.init(time: "t", update: 9, text: "a\nb")),
        .growth(.init(time: "t", decision: decision)),
        .update(
            .init(
                time: "t", update: 10, epoch: 2, batch: 32, examples: 320, loss: 0.1, accuracy: nil, learningRate: 0.01,
                gradientNorm: nil, updateRatio: nil, gain: 1.75, baseUpdates: 12.5, seconds: 0.5)),
        .end(.init(time: "t", update: 9, status: .failed, reason: "why")),
    ]
    private static let decision = GrowthDecision(
        by: "noise-scale", update: 10, epoch: 2, examples: 288, sample: 1024, variance: 1.5, gradientNormSquared: -0.25,
        noiseScale: nil, theta: 0.5, loss: 0.75, learningRate: 0.01, asked: nil, before: 32, batch: 32, reason: .unclear
    )

    @Test(arguments: events) func everyEventComesBackFromItsLine(event: RunEvent) throws {
        let line = event.json.text
        #expect(!line.contains("\n"))
        #expect(try JSONDecoder().decode(RunEvent.self, from: Data(line.utf8)) == event)
        #expect(try JSONDecoder().decode(RunEvent.self, from: JSONEncoder().encode(event)) == event)
    }

    @Test func numbersThatAreNotFiniteAreNull() throws {
        guard case .update(var update) = Self.events[2] else { return }
        update.loss = .nan
        update.gradientNorm = .infinity
        let line = RunEvent.update(update).json.text
        #expect(line.contains("\"loss\": null") && line.contains("\"gradient_norm\": null"))
        (update.loss, update.gradientNorm) = (nil, nil)
        #expect(try JSONDecoder().decode(RunEvent.self, from: Data(line.utf8)) == .update(update))
    }

    @Test func updatesAreThinnedByTheirNumberAlone() {
        let rule = RunEvent.Update.isLogged
        #expect((1...128).allSatisfy(rule) && !rule(0) && !rule(-4))
        for power in 7...16 {
            let range = (1 << power)..<(2 << power)
            #expect(range.count(where: rule) == 64, "2^\(power)")
            #expect(rule(1 << power))
        }
        #expect((1...1_000_000).count(where: rule) < 1000)
        #expect(!rule(129) && rule(130) && !rule(258) && rule(260))
    }

    /// Events of later updates before a resume do not count; events of the checkpoint's own update do.
    @Test func whatAResumeTakesBackIsLeftOut() {
        func notice(_ update: Int, _ text: String) -> RunEvent { .notice(.init(time: "t", update: update, text: text)) }
        func resume(_ update: Int) -> RunEvent {
            .resume(.init(time: "t", update: update, host: Self.host, notices: []))
        }
        let events = [
            notice(1, "a"), notice(2, "b"), notice(3, "late"), resume(2), notice(3, "c"), notice(4, "late"),
            notice(5, "late"), resume(3), notice(4, "d"),
        ]
        let text = events.map { $0.json.text + "\n" }.joined()
        let log = RunLog(text.utf8)
        #expect(log.events == [notice(1, "a"), notice(2, "b"), resume(2), notice(3, "c"), resume(3), notice(4, "d")])
        #expect(log.supersededEvents == 3 && log.skippedLines == 0 && log.end == nil)
    }

    /// A decision for the update after a checkpoint is made again by the run that is resumed from it, and stands once.
    @Test func aDecisionThatIsMadeAgainStandsOnce() {
        let resume = RunEvent.resume(.init(time: "t", update: 9, host: Self.host, notices: []))
        let decision = RunEvent.growth(.init(time: "t", decision: Self.decision))
        let log = RunLog([decision, resume, decision].map { $0.json.text + "\n" }.joined().utf8)
        #expect(log.events == [resume, decision])
        let later = RunEvent.resume(.init(time: "t", update: 10, host: Self.host, notices: []))
        #expect(RunLog([decision, later].map { $0.json.text + "\n" }.joined().utf8).events == [decision, later])
    }

    /// However much of the last line is missing, all lines before it are read.
    @Test func aTornTailHidesNothingBeforeIt() {
        let lines = Self.events.map { $0.json.text + "\n" }
        let text = Array(lines.joined().utf8)
        let last = lines.last?.utf8.count ?? 0
        for missing in 1...last {
            let log = RunLog(text.dropLast(missing))
            // a line that lacks its end alone is whole
            let isWhole = missing == 1
            #expect(log.events.count == lines.count - (isWhole ? 0 : 1), "\(missing) bytes")
            #expect(log.skippedLines == (isWhole || missing == last ? 0 : 1))
        }
        let later = #"{"event": "tangent", "time": "t", "update": 9}"# + "\n"
        let log = RunLog((lines.joined() + later).utf8)
        #expect(log.events.count == lines.count && log.skippedLines == 1)
    }

    @Test func aTornLineDoesNotSwallowTheNext() throws {
        let folder = try TemporaryFolder()
        try Data((Self.events[6].json.text + "\n{\"event\": \"no").utf8)
            .write(to: URL(fileURLWithPath: folder.at("events.jsonl")))
        var file = EventFile(path: folder.at("events.jsonl"))
        file.add(Self.events[7])
        try file.write()
        file.add(Self.events[5])
        try file.flush()
        let log = try RunLog(of: folder.path)
        #expect(log.events == [Self.events[6], Self.events[7], Self.events[5]] && log.skippedLines == 1)
    }

    @Test func withoutALogThereAreNoEvents() throws {
        #expect(try RunLog(of: TemporaryFolder().path).events.isEmpty)
    }
}
