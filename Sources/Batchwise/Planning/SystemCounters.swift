import Foundation

/// Counts of the system that tell whether other programs took the cores while something was measured.
struct SystemCounters: Equatable {
    /// How often a thread of this process has had to leave a core to others.
    var switches = 0
    /// Time of all cores that a virtual machine's host has given to others, and all of their time, in ticks.
    var stolen = 0
    var ticks = 0

    /// The counts so far.
    static func now() -> SystemCounters {
        var usage = rusage()
        var counters = SystemCounters()
        if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 { counters.switches = Int(usage.ru_nivcsw) }
        guard let file = fopen("/proc/stat", "r") else { return counters }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return counters }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        (counters.stolen, counters.ticks) = times(text) ?? (0, 0)
        return counters
    }

    /// The stolen ticks and all ticks of the first line of /proc/stat; nil where it is no such line.
    static func times(_ line: String) -> (stolen: Int, all: Int)? {
        let words = line.split(separator: " ")
        // cpu user nice system idle iowait irq softirq steal; times of guests are within those of users
        guard words.first == "cpu", words.count >= 9 else { return nil }
        let times = words[1...8].compactMap { Int($0.filter(\.isNumber)) }
        guard times.count == 8 else { return nil }
        return (times[7], times.reduce(0) { $0 &+ $1 })
    }

    /// Whether others took so much of the time since `start`, which is so many seconds, that speeds tell little.
    func isDisturbed(since start: SystemCounters, seconds: Double) -> Bool {
        // a quiet machine moves a thread now and then
        let isPushedAside = Double(switches - start.switches) > 2 + 50 * seconds
        return isPushedAside || Double(stolen - start.stolen) > 0.05 * Double(ticks - start.ticks)
    }
}
