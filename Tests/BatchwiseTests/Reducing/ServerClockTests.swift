import Testing

@testable import Batchwise

/// The versions of a parameter server: bounded staleness, and nobody who waits for ever.
@Suite struct ServerClockTests {
    /// Plays processes that go on in a random order, each as far as the clock lets it. Returns the staleness of every
    /// change in turn, and how often a process had to wait.
    private func play(_ processes: Int, bound: Int, updates: Int, slow: Int? = nil) throws -> (found: [Int], waits: Int)
    {
        enum Step { case idle, computing, adding, done }
        var clock = ServerClock(processes: processes)
        clock.updates = updates
        var steps = Array(repeating: Step.idle, count: processes)
        var versions = Array(repeating: 0, count: processes)
        var numbers = TestNumbers("clock \(processes) \(bound)")
        var (found, taken, waits, turns) = ([Int](), Set<Int>(), 0, 0)
        while steps.contains(where: { $0 != .done }) {
            turns += 1
            try #require(turns < 1_000_000, "processes wait for ever")
            let process = numbers.below(processes)
            if process == slow, numbers.below(50) != 0 { continue }
            switch steps[process] {
            case .done: continue
            case .idle:
                versions[process] = clock.finished
                switch clock.takeUpdate(process, bound: bound) {
                case .none: steps[process] = .done
                case .wait: waits += 1
                case .number(let number):
                    #expect(taken.insert(number).inserted)
                    steps[process] = .computing
                }
            case .computing:
                let staleness = clock.begun - versions[process]
                switch clock.takeVersion(process, bound: bound) {
                case .number(let number):
                    #expect(number == staleness)
                    found.append(number)
                    steps[process] = .adding
                default: waits += 1
                }
            case .adding:
                clock.finishChange()
                steps[process] = .idle
            }
        }
        #expect(taken == Set(0..<updates) && clock.finished == updates)
        return (found, waits)
    }

    @Test(arguments: [(1, 0), (2, 1), (2, 8), (3, 2), (4, 3), (4, 8), (8, 7), (8, 20)], [nil, 0])
    func stalenessStaysWithinTheBound(size: (processes: Int, bound: Int), slow: Int?) throws {
        let (found, _) = try play(size.processes, bound: size.bound, updates: 3000, slow: slow)
        #expect(found.count == 3000 && found.max()! <= size.bound)
        // some gradients are stale, or the bound has not been tried
        if size.processes > 1 { #expect(found.max()! > 0) }
    }

    /// As a negative control, a slow process among fast ones is far staler where nothing bounds it, and somebody waits
    /// where something does.
    @Test func aSlowProcessIsStalerWithoutABound() throws {
        let (free, waitsOfFree) = try play(4, bound: 1000, updates: 3000, slow: 0)
        let (bounded, waits) = try play(4, bound: 4, updates: 3000, slow: 0)
        #expect(free.max()! > 20 && waitsOfFree == 0)
        #expect(bounded.max()! <= 4 && waits > 0)
    }

    @Test func aStopHandsOutNoMore() {
        var clock = ServerClock(processes: 2)
        clock.updates = 10
        #expect(clock.takeUpdate(0, bound: 4) == .number(0) && clock.takeUpdate(1, bound: 4) == .number(1))
        clock.stop(1)
        #expect(clock.takeVersion(0, bound: 4) == .number(0))
        clock.finishChange()
        #expect(clock.takeUpdate(0, bound: 4) == .none && clock.takeUpdate(1, bound: 4) == .none)
    }

    @Test func aChangeDuringAReadIsSeen() {
        var clock = ServerClock(processes: 2)
        clock.updates = 10
        _ = clock.takeUpdate(0, bound: 4)
        #expect(!clock.hasMoved(since: 0))
        _ = clock.takeVersion(0, bound: 4)
        _ = clock.takeUpdate(1, bound: 4)
        // the change of the first process is not in place yet
        #expect(clock.hasMoved(since: 1))
    }
}
