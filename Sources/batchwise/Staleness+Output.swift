import Batchwise
import BatchwiseRuns
import Foundations

extension Staleness {
    var json: JSON {
        .object([
            ("mean", .number(mean)), ("max", .int(largest)), ("counts", .array(counts.map { .int($0) })),
            ("overlaps", .int(overlaps)),
        ])
    }

    /// The staleness for people, and the share of the updates of each.
    var text: String {
        let shares = zip(0..., counts).filter { $0.1 > 0 }
            .map { "\($0.0): \(percent(Double($0.1) / Double(max(1, updates))))" }
        let lines =
            wrapped(sentence, width: 80)
            + wrapped("updates of each staleness: " + shares.joined(separator: ", "), width: 80)
        return lines.joined(separator: "\n")
    }
}
