/// The staleness of a run's gradients: the number of changes of the parameters, by other processes, between the reading
/// of the parameters of a gradient and its own change.
public struct Staleness: Sendable, Hashable, Codable {
    /// The number of updates of each staleness, from 0.
    public private(set) var counts: [Int] = []
    /// The number of updates whose parameters were read while another process was adding a change: some of these numbers
    /// may be of before that change and some of after it.
    public private(set) var overlaps = 0

    /// The updates that have been counted.
    public var updates: Int { counts.reduce(0, +) }
    /// The mean staleness, in updates; 0 without any.
    public var mean: Double {
        let sum = zip(0..., counts).reduce(0) { $0 + $1.0 * $1.1 }
        return updates > 0 ? Double(sum) / Double(updates) : 0
    }
    /// The largest staleness, in updates.
    public var largest: Int { counts.lastIndex { $0 > 0 } ?? 0 }

    /// The staleness in one sentence for people.
    package var sentence: String {
        func rounded(_ value: Double) -> String { "\((100 * value).rounded() / 100)" }
        let share = updates > 0 ? 100 * Double(overlaps) / Double(updates) : 0
        return "staleness: mean \(rounded(mean)), largest \(largest) updates; \(rounded(share))% of gradients are of "
            + "parameters that were read while another process changed them"
    }

    /// Whether so many updates can have been counted like this.
    func isPossible(in updates: Int) -> Bool {
        var left = updates
        for count in counts {
            guard (0...left).contains(count) else { return false }
            left -= count
        }
        return counts.count <= Asynchronous.longestDelay + 1 && (0...updates).contains(overlaps)
    }

    mutating func add(_ staleness: Int, overlaps: Bool) {
        while counts.count <= staleness { counts.append(0) }
        counts[staleness] += 1
        if overlaps { self.overlaps += 1 }
    }
}
