import Testing

@testable import Batchwise

/// The number of active threads follows the rate of examples, on machines that are made up.
@Suite struct PaceTests {
    /// A machine on which an update takes a time, part of which is waiting, by the threads that are active and the clock.
    struct Machine {
        var time = 0.0
        var examples = 0
        /// Updates by the number of threads that made them.
        var updates: [Int: Int] = [:]

        mutating func run(
            _ pace: inout Pace, for seconds: Double, _ cost: (Int, Double) -> (seconds: Double, waited: Double)
        ) {
            let end = time + seconds
            while time < end {
                let (took, waited) = cost(pace.active, time)
                time += took
                examples += 32
                updates[pace.active, default: 0] += 1
                pace.note(examples: 32, seconds: took, waited: waited, now: time)
            }
        }
    }

    /// Two threads are 1.7 times as fast as one.
    private static func free(_ active: Int, _ now: Double) -> (seconds: Double, waited: Double) {
        active == 1 ? (200e-6, 0) : (118e-6, 5e-6)
    }

    /// Another program has half of each core, in slices of 4 ms: one thread stops every other slice, and two threads stop
    /// whenever one does.
    private static func busy(_ active: Int, _ now: Double) -> (seconds: Double, waited: Double) {
        let slice = 0.004
        let place = now.truncatingRemainder(dividingBy: 2 * slice)
        if active == 1 { return place < slice ? (200e-6, 0) : (2 * slice - place + 200e-6, 0) }
        // the slices of the cores follow each other, so that one of two threads is always stopped for most of it
        return place < 0.1 * slice ? (118e-6, 5e-6) : (2 * slice - place + 118e-6, 2 * slice - place)
    }

    @Test func nothingChangesWhereNobodyWaits() {
        var pace = Pace(workers: 2, cores: 2)
        var machine = Machine()
        machine.run(&pace, for: 5, Self.free)
        #expect(pace.active == 2)
        #expect(machine.updates[1] == nil)
    }

    @Test func oneThreadWorksWhereTwoWaitForEachOther() {
        var pace = Pace(workers: 2, cores: 2)
        var machine = Machine()
        machine.run(&pace, for: 10, Self.busy)
        var alone = Machine()
        var one = Pace(workers: 1, cores: 2)
        alone.run(&one, for: 10, Self.busy)
        #expect(Double(machine.examples) >= 0.9 * Double(alone.examples))
        // the control: two threads all the time
        var both = Machine()
        while both.time < 10 {
            both.time += Self.busy(2, both.time).seconds
            both.examples += 32
        }
        #expect(Double(both.examples) < 0.5 * Double(alone.examples))
    }

    @Test(arguments: [0.0, 0.05, 0.31, 1.7]) func twoThreadsWorkAgainWithinASecond(delay: Double) {
        var pace = Pace(workers: 2, cores: 2)
        var machine = Machine()
        machine.run(&pace, for: 3 + delay, Self.busy)
        machine.run(&pace, for: 0.9, Self.free)
        #expect(pace.active == 2)
        machine.updates = [:]
        machine.run(&pace, for: 3, Self.free)
        #expect(machine.updates[1] == nil)
    }

    /// A rate that two threads reach although they wait is not given up: long updates lose little to slices.
    @Test func twoThreadsStayWhereTheyAreFaster() {
        var pace = Pace(workers: 2, cores: 2)
        var machine = Machine()
        machine.run(&pace, for: 20) { active, _ in active == 1 ? (0.08, 0) : (0.05, 0.02) }
        let (one, two) = (machine.updates[1] ?? 0, machine.updates[2] ?? 0)
        #expect(two > 8 * one, "\(one) updates of one thread, \(two) of two")
    }

    @Test func noMoreThreadsBeginThanThereAreCores() {
        let pace = Pace(workers: 64, cores: 2)
        #expect(pace.active == 2)
        #expect(pace.levels == [64, 32, 16, 8, 4, 2, 1])
        #expect(Pace(workers: 5, cores: 3).active == 3)
        #expect(Pace(workers: 1, cores: 8).levels == [1])
    }

    /// Threads beyond the cores wait for each other, and are not kept.
    @Test func moreThreadsThanCoresAreTriedAndLeft() {
        var pace = Pace(workers: 8, cores: 2)
        var machine = Machine()
        machine.run(&pace, for: 10) { active, _ in
            active == 1 ? (200e-6, 0) : active == 2 ? (118e-6, 5e-6) : (0.004, 0.0038)
        }
        #expect(pace.active == 2)
        #expect(machine.time * 0.9 < Double(machine.updates[2] ?? 0) * 118e-6)
    }

    /// Long updates are not spent on trials: at most one in nine is tried with more threads where these wait.
    @Test func longUpdatesAreNotSpentOnTrials() {
        var pace = Pace(workers: 2, cores: 2)
        var machine = Machine()
        machine.run(&pace, for: 60) { active, _ in active == 1 ? (0.2, 0) : (0.6, 0.4) }
        let (one, two) = (machine.updates[1] ?? 0, machine.updates[2] ?? 0)
        #expect(two >= 2 && one >= 7 * (two - 2), "\(one) updates of one thread, \(two) of two")
    }

    @Test func aSlowFirstUpdateChangesNothing() {
        var pace = Pace(workers: 4, cores: 4)
        pace.note(examples: 32, seconds: 0.05, waited: 0.04, now: 0.05)
        #expect(pace.active == 4)
        // the control: the second counts
        pace.note(examples: 32, seconds: 0.05, waited: 0.04, now: 0.1)
        #expect(pace.active == 2)
    }
}
