import Testing

@testable import Batchwise

/// Schedules of batches that grow, against a run that is walked batch by batch.
@Suite struct GrowingScheduleTests {
    typealias Mark = TrainingLength

    struct Case: Sendable, CustomTestStringConvertible {
        var examples: Int
        var batch: Int
        var steps: [(Mark, Int)]
        var testDescription: String {
            "\(examples) by \(batch), then " + steps.map { "\($1) at \($0)" }.joined(separator: ", ")
        }
    }

    struct Walked: Equatable {
        var epoch: Int
        var batch: Int
        var rows: Range<Int>
        var phase: Int
        var seen: Int
    }

    static let cases = [
        Case(examples: 100, batch: 32, steps: []),
        Case(examples: 100, batch: 32, steps: [(.epochs(2), 64)]),
        Case(examples: 100, batch: 10, steps: [(.epochs(0.5), 20), (.epochs(0.75), 30), (.epochs(2.25), 100)]),
        Case(examples: 100, batch: 7, steps: [(.updates(1), 8), (.updates(2), 9), (.updates(20), 64)]),
        Case(examples: 97, batch: 1, steps: [(.examples(1), 2), (.examples(96), 50), (.examples(97 * 3), 97)]),
        Case(examples: 97, batch: 16, steps: [(.examples(17), 32), (.epochs(1.9), 33), (.updates(9), 40)]),
        Case(examples: 64, batch: 8, steps: [(.updates(8), 16), (.epochs(2), 32), (.examples(64 * 3), 64)]),
        Case(examples: 1000, batch: 3, steps: [(.examples(500), 17), (.examples(1500), 400), (.epochs(3.3), 999)]),
        Case(examples: 50, batch: 20, steps: [(.examples(40), 30), (.epochs(2.5), 45)]),
        Case(examples: 50, batch: 20, steps: [(.epochs(0.9), 45)]),
    ]

    /// The oracle follows the rule directly: the first batch of the new size that begins at or after the mark.
    static func walk(_ example: Case, _ last: LastBatch, epochs: Int) -> [Walked] {
        var (size, phase, seen, updates) = (example.batch, 0, 0, 0)
        var found: [Walked] = []
        for epoch in 1...epochs {
            var (position, batch) = (0, 0)
            while position < example.examples {
                if phase < example.steps.count {
                    let (mark, next) = example.steps[phase]
                    let isReached =
                        switch mark {
                        case .updates(let count): updates >= count
                        case .examples(let count): seen >= count
                        case .epochs(let count):
                            Double(epoch - 1) + Double(position) / Double(example.examples) >= count - 1e-9
                        }
                    if isReached, last != .drop || example.examples - position >= next {
                        (size, phase) = (next, phase + 1)
                    }
                }
                if last == .drop, example.examples - position < size { break }
                let rows = position..<min(position + size, example.examples)
                found.append(Walked(epoch: epoch, batch: batch, rows: rows, phase: phase, seen: seen))
                (position, batch, seen, updates) = (rows.upperBound, batch + 1, seen + rows.count, updates + 1)
            }
        }
        return found
    }

    @Test(arguments: cases, LastBatch.allCases)
    func isTheRunThatIsWalked(example: Case, last: LastBatch) throws {
        let epochs = 6
        var schedule = BatchSchedule(examples: example.examples, batch: example.batch, last: last)
        schedule.grow(example.steps)
        let walked = Self.walk(example, last, epochs: epochs)
        #expect(Set(walked.map(\.phase)) == Set(0...example.steps.count))
        for (update, expected) in walked.enumerated() {
            let (epoch, batch) = schedule.place(ofUpdate: update)
            let found = Walked(
                epoch: epoch, batch: batch, rows: schedule.rows(ofBatch: batch, inEpoch: epoch),
                phase: schedule.phase(ofBatch: batch, inEpoch: epoch),
                seen: schedule.examplesSeen(beforeBatch: batch, ofEpoch: epoch))
            #expect(found == expected)
            #expect(schedule.updates(beforeBatch: batch, ofEpoch: epoch) == update)
        }
        for epoch in 1...epochs {
            let own = walked.filter { $0.epoch == epoch }
            #expect(schedule.batches(inEpoch: epoch) == own.count)
            #expect(schedule.examples(inEpoch: epoch) == own.reduce(0) { $0 + $1.rows.count })
            // the batches partition the positions
            var end = 0
            for rows in own.map(\.rows) {
                #expect(rows.lowerBound == end)
                end = rows.upperBound
            }
            #expect(last == .drop ? end <= example.examples : end == example.examples)
        }
        #expect(schedule.updates(beforeBatch: 0, ofEpoch: epochs + 1) == walked.count)
        var progress = TrainingProgress()
        for _ in walked { progress.advance(schedule) }
        #expect(progress.epoch == epochs + 1 && progress.batch == 0 && progress.updates == walked.count)
        #expect(progress.examples == walked.reduce(0) { $0 + $1.rows.count })
    }

    /// The rate's clock gives every epoch the same length, and is the examples seen where none are dropped.
    @Test(arguments: cases, LastBatch.allCases)
    func theClockOfRatesNeverRunsBack(example: Case, last: LastBatch) throws {
        var schedule = BatchSchedule(examples: example.examples, batch: example.batch, last: last)
        schedule.grow(example.steps)
        var before = -1
        for batch in Self.walk(example, last, epochs: 6) {
            let clock = schedule.rateClock(beforeBatch: batch.batch, ofEpoch: batch.epoch)
            #expect(last == .drop ? clock >= before : clock == batch.seen)
            #expect((batch.epoch - 1) * schedule.examplesPerEpoch <= clock)
            #expect(clock <= batch.epoch * schedule.examplesPerEpoch)
            before = clock
        }
    }

    /// A schedule made from the decisions of a norm test is the schedule in which the test made them.
    @Test(arguments: LastBatch.allCases)
    func decisionsGiveTheScheduleAgain(last: LastBatch) throws {
        var batch = Batch(size: 10, last: last)
        batch.grow = BatchGrowth(.byNoise(.init(.normTest())), limit: 80)
        var grown = BatchSchedule(examples: 101, batch: 10, last: last)
        var decisions: [BatchDecision] = []
        for (update, size) in [(3, 15), (12, 29), (19, 80)] {
            let place = grown.place(ofUpdate: update)
            let seen = grown.examplesSeen(beforeBatch: place.batch, ofEpoch: place.epoch)
            decisions.append(BatchDecision(examples: seen, size: size))
            grown.grow([(.examples(seen), size)])
        }
        #expect(try BatchSchedule(batch, examples: 101, epochs: 20, decisions: decisions) == grown)
        decisions[2].size = 81
        #expect(throws: RecipeError.self) {
            try BatchSchedule(batch, examples: 101, epochs: 20, decisions: decisions)
        }
        #expect(throws: RecipeError.self) {
            try BatchSchedule(batch, examples: 101, epochs: 20, decisions: [decisions[1], decisions[0]])
        }
        decisions[0].examples = .max
        #expect(throws: RecipeError.self) {
            try BatchSchedule(batch, examples: 101, epochs: 20, decisions: [decisions[0]])
        }
    }

    @Test func marksComeAtEqualDistances() throws {
        var schedule = BatchSchedule(examples: 100, batch: 10, last: .keep)
        schedule.grow([(.epochs(2), 25)])
        func count(_ length: Mark, _ batch: Int, _ epoch: Int) -> Int {
            schedule.marks(every: length, beforeBatch: batch, ofEpoch: epoch)
        }
        #expect((0..<10).map { count(.epochs(0.3), $0, 1) } == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3])
        #expect((0..<4).map { count(.epochs(0.25), $0, 3) } == [8, 9, 10, 11])
        #expect((0..<4).map { count(.updates(7), $0, 3) } == [2, 3, 3, 3])
        #expect((0..<4).map { count(.examples(50), $0, 3) } == [4, 4, 5, 5])
    }
}

extension BatchSchedule {
    fileprivate mutating func grow(_ steps: [(TrainingLength, Int)]) {
        for (mark, size) in steps {
            let isGrown = grow(to: size, at: mark)
            #expect(isGrown, "\(size) at \(mark)")
        }
    }
}
