import Foundation

/// A network between machines of one worker each: a message of n bytes takes latency + n / bandwidth, and every machine
/// sends and receives at the same time [Hockney 1994; Thakur, Rabenseifner and Gropp 2005].
package struct Network: Sendable, Hashable {
    /// The algorithm of a collective operation: the number of its messages one after the other.
    package enum Algorithm: String, Sendable, Hashable, CaseIterable {
        /// Each worker sends to its neighbour only: K - 1 messages.
        case ring
        /// Distances double: log2 K messages, rounded up.
        case doubling
        /// Doubling below 512 KiB, a ring from there on: the rule of MPICH for an all-gather.
        case bySize = "by-size"

        fileprivate func messages(_ bytes: Double, _ workers: Int) -> Double {
            let isRing = self == .ring || self == .bySize && bytes >= 524_288
            return isRing ? Double(workers - 1) : log2(Double(workers)).rounded(.up)
        }
    }

    /// Seconds.
    package var latency: Double
    /// Bytes a second.
    package var bandwidth: Double
    package var algorithm = Algorithm.bySize

    /// A network that takes no time.
    package static let none = Network(latency: 0, bandwidth: .infinity)

    package init(latency: Double, bandwidth: Double, algorithm: Algorithm = .bySize) {
        (self.latency, self.bandwidth, self.algorithm) = (latency, bandwidth, algorithm)
    }

    package func message(_ bytes: Double) -> Double { latency + bytes / bandwidth }

    /// Every worker receives the parts of all others; `bytes` is the sum of all parts: (K - 1) / K bytes / bandwidth, and
    /// the latencies of the algorithm.
    package func allGather(_ bytes: Double, workers: Int) -> Double {
        guard workers > 1 else { return 0 }
        let share = Double(workers - 1) / Double(workers)
        return algorithm.messages(bytes, workers) * latency + share * bytes / bandwidth
    }

    /// Every worker receives the sum of all vectors of `bytes`: 2 (K - 1) / K bytes / bandwidth, a reduce-scatter and an
    /// all-gather [Patarasuk and Yuan 2009].
    package func allReduce(_ bytes: Double, workers: Int) -> Double { 2 * allGather(bytes, workers: workers) }

    /// Each worker sends `bytes` to the next, in pieces of at most 32 KiB: the last has the first piece after K - 1
    /// messages, and the others follow.
    package func chain(_ bytes: Double, workers: Int) -> Double {
        let piece = min(bytes, 32_768)
        return Double(workers - 1) * message(piece) + (bytes - piece) / bandwidth
    }
}
