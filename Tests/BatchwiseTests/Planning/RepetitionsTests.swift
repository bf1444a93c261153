import Testing

@testable import Batchwise

/// Measurements against a clock that only the measured work moves.
@Suite struct RepetitionsTests {
    /// A machine whose work takes as long as a script says.
    private final class Script {
        var now = 0.0
        var runs = 0
        var counters = SystemCounters()
        /// The seconds of a run, by its number.
        let seconds: (Int) -> Double
        /// The part of the machine that others take meanwhile.
        let disturb: (inout SystemCounters) -> Void

        init(_ seconds: @escaping (Int) -> Double, disturb: @escaping (inout SystemCounters) -> Void = { _ in }) {
            self.seconds = seconds
            self.disturb = disturb
        }

        func measured(_ limit: Double = 0.1) -> Repetitions {
            Repetitions(
                seconds: limit,
                [
                    {
                        self.now += self.seconds(self.runs)
                        self.counters.ticks += 1
                        self.disturb(&self.counters)
                        self.runs += 1
                    }
                ],
                by: .init(clock: { self.now }, counters: { self.counters }), total: { $0[0] })
        }
    }

    private static let unit = 1.0 / 1024

    @Test func aQuietMachineIsMeasuredOnce() {
        let script = Script { _ in Self.unit }
        let found = script.measured()
        #expect(!found.isRough && found.seconds.count == 5 && found.runs == script.runs)
        #expect(found.spread { $0[0] } == .init(median: Self.unit, low: Self.unit, high: Self.unit))
        #expect(script.now < 0.11)
    }

    /// The first attempt has one repetition at half the speed; the second is the result.
    @Test func whatWasDisturbedIsMeasuredAgain() {
        let script = Script { $0 < 15 ? 2 * Self.unit : Self.unit }
        let found = script.measured()
        #expect(!found.isRough && found.seconds.count == 5)
        #expect(found.spread { $0[0] } == .init(median: Self.unit, low: Self.unit, high: Self.unit))
        #expect(script.now > 0.19 && script.now < 0.25)
    }

    @Test(arguments: [1, 2, 3])
    func aBusyMachineGivesRoughTimes(kind: Int) {
        let script = Script(
            { kind == 1 && $0 % 40 < 20 ? 3 * Self.unit : Self.unit },
            disturb: {
                if kind == 2 { $0.switches += 1 }
                if kind == 3 { $0.stolen += $0.ticks % 10 == 0 ? 1 : 0 }
            })
        let found = script.measured()
        #expect(found.isRough && found.seconds.count == 15 && found.runs == script.runs)
        #expect(script.now <= 0.42)
        let spread = found.spread { $0[0] }
        #expect(spread.low == Self.unit && spread.high == (kind == 1 ? 3 : 1) * Self.unit)
    }

    /// A thread is moved now and then on any machine.
    @Test func fewSwitchesAreQuiet() {
        let script = Script({ _ in Self.unit }, disturb: { $0.switches = $0.ticks / 20 })
        #expect(!script.measured().isRough)
    }

    @Test(arguments: [(1.0, 1), (0.06, 3), (0.03, 4)])
    func longWorkIsRepeatedSeldom(seconds: Double, repetitions: Int) {
        let script = Script { _ in seconds }
        let found = script.measured()
        #expect(found.seconds.count == repetitions && script.runs == repetitions && !found.isRough)
    }

    @Test func theSystemsLineIsRead() throws {
        let found = try #require(SystemCounters.times("cpu  10 20 30 400 5 6 7 8 90 9\n"))
        #expect(found == (8, 486))
        #expect(SystemCounters.times("cpu 1 2 3") == nil && SystemCounters.times("intr 1 2 3 4 5 6 7 8 9") == nil)
        #expect(SystemCounters.times("") == nil)
    }
}
