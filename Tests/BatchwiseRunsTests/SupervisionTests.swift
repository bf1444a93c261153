import TestSupport
import Testing

@testable import BatchwiseRuns

/// The decisions of a supervisor after the end of a run's processes.
@Suite struct SupervisionTests {
    private typealias End = Supervision.End

    private func begin(workers: Int = 4, fewest: Int = 4, limit: Int = 3) -> Supervision {
        Supervision(workers: workers, fewest: fewest, limit: limit, checkpoint: nil)
    }

    private func end(
        _ status: Int?, at checkpoint: Int? = 0, isFinished: Bool = false, isStopping: Bool = false
    ) -> End {
        End(status: status, isFinished: isFinished, checkpoint: checkpoint, isStopping: isStopping)
    }

    @Test func aFinishedRunIsTheEnd() {
        var supervision = begin()
        #expect(supervision.step(after: end(0, isFinished: true)) == .stop(status: 0))
    }

    /// An exit status of 0 is no success without the result in the directory, and the result alone is none while nobody has
    /// told of it: the next start looks at the finished run, and tells.
    @Test(arguments: [(0, false), (nil, true)] as [(Int?, Bool)])
    func statusAndResultMustAgree(status: Int?, isFinished: Bool) {
        var supervision = begin()
        #expect(
            supervision.step(after: end(status, isFinished: isFinished))
                == .restart(number: 1, workers: 4, afterSeconds: 1))
        var last = begin(limit: 0)
        #expect(
            last.step(after: end(status, isFinished: isFinished))
                == (isFinished ? .stop(status: 0) : .giveUp(status: Supervision.lost)))
    }

    @Test(arguments: [64, 65, 66]) func errorsThatWouldComeAgainAreNotTriedAgain(status: Int) {
        var supervision = begin()
        #expect(supervision.step(after: end(status)) == .stop(status: status))
        // also where somebody asks to stop at the same time
        #expect(supervision.step(after: end(status, isStopping: true)) == .stop(status: status))
    }

    @Test(arguments: [nil, 3, 70, 74] as [Int?]) func otherEndsAreTriedAgain(status: Int?) {
        var supervision = begin()
        #expect(supervision.step(after: end(status)) == .restart(number: 1, workers: 4, afterSeconds: 1))
    }

    /// A directory in use is somebody else's at first, and later may be that of a process that is still ending.
    @Test func aLockedDirectoryIsTriedAgainOnlyLater() {
        var supervision = begin()
        #expect(supervision.step(after: end(73)) == .stop(status: 73))
        #expect(supervision.step(after: end(nil)) == .restart(number: 1, workers: 4, afterSeconds: 1))
        #expect(supervision.step(after: end(73)) == .restart(number: 2, workers: 4, afterSeconds: 2))
    }

    @Test func anInterruptionStops() {
        var supervision = begin()
        #expect(supervision.step(after: end(75)) == .stop(status: 75))
        #expect(supervision.step(after: end(nil, isStopping: true)) == .stop(status: 75))
    }

    @Test func pausesDoubleUntilThereIsProgress() {
        var supervision = begin(limit: 100)
        var pauses: [Double] = []
        for checkpoint in [0, 0, 0, 0, 0, 0, 0, 0, 50, 50, 40] {
            guard case .restart(_, _, let seconds) = supervision.step(after: end(nil, at: checkpoint)) else { break }
            pauses.append(seconds)
        }
        // the checkpoint of update 40 is older than that of 50, and no progress
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 1, 2, 4])
    }

    @Test func itGivesUpWithoutProgressAndOnlyThen() {
        var supervision = begin(limit: 3)
        for checkpoint in 1...50 {
            #expect(
                supervision.step(after: end(nil, at: checkpoint)) == .restart(number: 1, workers: 4, afterSeconds: 1))
        }
        for number in 2...3 {
            #expect(
                supervision.step(after: end(nil, at: 50))
                    == .restart(number: number, workers: 4, afterSeconds: number == 2 ? 2 : 4))
        }
        #expect(supervision.step(after: end(nil, at: 50)) == .giveUp(status: Supervision.lost))
        #expect(supervision.step(after: end(74, at: 50)) == .giveUp(status: 74))
    }

    @Test func repeatedLossesTakeAWorkerEach() {
        var supervision = begin(workers: 4, fewest: 2, limit: 10)
        var workers: [Int] = []
        for checkpoint in [5, 5, 5, 5, 5, 9, 9] {
            guard case .restart(_, let count, _) = supervision.step(after: end(nil, at: checkpoint)) else { break }
            workers.append(count)
        }
        // one loss is an accident, also after progress; workers that were left out stay so
        #expect(workers == [4, 3, 2, 2, 2, 2, 2])
    }
}

extension SupervisionTests {
    /// Machines that answer no more take their workers with them, at once.
    @Test func lostMachinesTakeTheirWorkers() {
        var supervision = Supervision(workers: 8, fewest: 4, limit: 3, checkpoint: nil)
        var end = Supervision.End(status: nil, isFinished: false, checkpoint: 0, isStopping: false, room: 4)
        #expect(supervision.step(after: end) == .restart(number: 1, workers: 4, afterSeconds: 1))
        end.room = 3
        #expect(supervision.step(after: end) == .giveUp(status: Supervision.lost))
    }
}

/// Silence that is too long.
@Suite struct HangDetectorTests {
    private func record(_ phase: LaunchRecord.Phase, _ count: Int, start: Int = 1) -> LaunchRecord {
        var record = LaunchRecord(start: start)
        (record.phase, record.count) = (phase, count)
        return record
    }

    private func detector(limit: Double) -> HangDetector {
        var detector = HangDetector(limit: limit, at: 0)
        detector.begin(record(.starting, 0), at: 0)
        return detector
    }

    @Test func signsOfLifeCount() {
        var detector = detector(limit: 10)
        for second in 1...100 {
            #expect(detector.silence(record(.training, second), at: Double(second)) == nil)
        }
        #expect(detector.silence(record(.training, 100), at: 110) == nil)
        #expect(detector.silence(record(.training, 100), at: 110.5) == 10.5)
    }

    @Test func otherWorkMayTakeTenTimesAsLong() {
        for phase in LaunchRecord.Phase.allCases where phase != .training {
            var detector = detector(limit: 10)
            _ = detector.silence(record(phase, 1), at: 1)
            #expect(detector.silence(record(phase, 1), at: 101) == nil)
            #expect(detector.silence(record(phase, 1), at: 102) == 101)
        }
    }

    /// Updates of 8 seconds each: a silence of 11 is none of them being lost.
    @Test func slowUpdatesLengthenTheLimit() {
        var detector = detector(limit: 10)
        _ = detector.silence(record(.training, 1), at: 1)
        _ = detector.silence(record(.training, 2), at: 9)
        #expect(detector.allowed(.training) == 80)
        #expect(detector.silence(record(.training, 2), at: 60) == nil)
        #expect(detector.silence(record(.training, 2), at: 90) == 81)
    }

    @Test func aHangDoublesTheLimit() {
        var detector = detector(limit: 10)
        _ = detector.silence(record(.training, 1), at: 0)
        #expect(detector.silence(record(.training, 1), at: 11) == 11)
        detector.begin(record(.starting, 0, start: 2), at: 11)
        _ = detector.silence(record(.training, 1, start: 2), at: 11)
        #expect(detector.silence(record(.training, 1, start: 2), at: 31) == nil)
        #expect(detector.silence(record(.training, 1, start: 2), at: 32) == 21)
    }

    /// A process of the start before, or a line that is half written, is no sign of life.
    @Test func foreignRecordsDoNotCount() {
        var detector = detector(limit: 10)
        _ = detector.silence(record(.training, 1), at: 0)
        #expect(detector.silence(record(.training, 7, start: 0), at: 9) == nil)
        #expect(detector.silence(nil, at: 11) == 11)
    }

    @Test func zeroIsNoLimit() {
        var detector = detector(limit: 0)
        #expect(detector.silence(record(.starting, 0), at: 1e9) == nil)
    }
}

/// The file by which processes tell how far they are.
@Suite struct LaunchRecordTests {
    @Test func recordsAreReadAsWritten() throws {
        for phase in LaunchRecord.Phase.allCases {
            var record = LaunchRecord(start: .max)
            (record.phase, record.update, record.count) = (phase, .max, .max)
            for status in [nil, 0, 255] {
                record.status = status
                #expect(record.line.count == LaunchRecord.length)
                #expect(LaunchRecord(line: record.line) == record)
            }
        }
    }

    @Test func tornRecordsAreNone() {
        var record = LaunchRecord(start: 3)
        record.update = 12345
        for length in 0..<LaunchRecord.length {
            #expect(LaunchRecord(line: Array(record.line.prefix(length))) == nil)
        }
        #expect(LaunchRecord(line: Array(repeating: 0, count: LaunchRecord.length)) == nil)
    }

    @Test func aFileHasOneSupervisor() throws {
        let folder = try TemporaryFolder()
        let file = try LaunchFile(creatingIn: folder.path)
        #expect(throws: RunError.self) { try LaunchFile(creatingIn: folder.path) }
        #expect(file.read() == nil)
        file.write(LaunchRecord(start: 2))
        let heartbeat = try #require(Heartbeat("2:\(file.path)"))
        heartbeat.beat(.training, update: 7)
        heartbeat.end(65)
        let record = try #require(file.read())
        #expect(record.start == 2 && record.phase == .training && record.update == 7 && record.status == 65)
        // the end may be told by another heartbeat of the same start; what an earlier start has told is no part of it
        try #require(Heartbeat("2:\(file.path)")).end(0)
        #expect(file.read()?.update == 7 && file.read()?.status == 0)
        try #require(Heartbeat("3:\(file.path)")).end(74)
        #expect(file.read()?.start == 3 && file.read()?.update == 0 && file.read()?.status == 74)
        #expect(Heartbeat(nil) == nil && Heartbeat("2:\(folder.at("none"))") == nil && Heartbeat("x") == nil)
        folder.keep()
    }

    @Test func injectionsAreRead() {
        #expect(Injection("1:200:disk-full") == Injection(rank: 1, update: 200, kind: .diskFull))
        for text in ["", "1:2", "1:2:explode", "-1:2:kill", "1:-2:kill", "a:2:kill", "1:2:kill:3"] {
            #expect(Injection(text) == nil, "\(text)")
        }
    }
}
