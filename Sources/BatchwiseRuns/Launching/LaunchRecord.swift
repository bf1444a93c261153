import Foundations

/// How far a launched run is, as its processes tell the program that supervises them.
package struct LaunchRecord: Equatable, Sendable {
    /// The work that the first process does.
    package enum Phase: String, Sendable, CaseIterable { case starting, loading, training, evaluating, writing }

    /// Which start of the run this is about, from 1.
    package var start: Int
    package var phase = Phase.starting
    /// The updates of the run so far.
    package var update = 0
    /// How often this start has told of itself.
    package var count = 0
    /// The exit status of the run's processes; nil while they run, and where they were killed.
    package var status: Int?

    package init(start: Int) { self.start = start }

    /// The bytes of every record: each is written over the one before.
    static let length = 160

    /// One line of JSON, filled up with spaces.
    var line: [UInt8] {
        let entries: [(String, JSON)] = [
            ("start", .int(start)), ("phase", .string(phase.rawValue)), ("update", .int(update)),
            ("count", .int(count)),
        ]
        let text = JSON.object((entries + (status.map { [("status", .int($0))] } ?? [])).map { ($0, $1) }).text
        return Array(text.utf8) + Array(repeating: UInt8(ascii: " "), count: Self.length - 1 - text.utf8.count) + [10]
    }

    /// Reads a line; nil where it is none, as while another process writes it.
    init?(line: [UInt8]) {
        guard line.count == Self.length, line.last == 10 else { return nil }
        var reader = StrictJSON(line, range: 0..<line.count - 1)
        var numbers: [String: Int] = [:]
        var phase: Phase?
        do {
            try reader.object { (value, key) throws(StrictJSON.Fault) in
                if key == "phase" {
                    phase = Phase(rawValue: try value.string())
                } else {
                    numbers[key] = try value.naturalNumber()
                }
            }
            try reader.finish()
        } catch { return nil }
        guard let phase, let start = numbers["start"], let update = numbers["update"], let count = numbers["count"]
        else { return nil }
        (self.start, self.phase, self.update, self.count) = (start, phase, update, count)
        status = numbers["status"]
    }
}
