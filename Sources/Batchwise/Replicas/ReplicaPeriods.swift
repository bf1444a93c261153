/// The updates after which replicas are averaged, counted from the first that they make apart.
struct ReplicaPeriods: Sendable {
    /// The updates between two averages of a fragment.
    let length: Int
    let fragments: Int

    init(_ replicas: Replicas) { (length, fragments) = (replicas.updates, replicas.fragments) }

    /// The first average of a fragment; those of several fragments are spread over a period.
    private func first(_ fragment: Int) -> Int { (fragment + 1) * length / fragments }

    /// The fragments that are averaged after so many updates.
    func fragmentsDue(after updates: Int) -> [Int] {
        (0..<fragments).filter { updates >= first($0) && (updates - first($0)) % length == 0 }
    }

    /// The updates until the next average.
    func updatesLeft(after updates: Int) -> Int {
        (0..<fragments).map { fragment in
            let first = first(fragment)
            return updates < first ? first - updates : length - (updates - first) % length
        }.min() ?? length
    }

    /// The updates that had been made at the last average of a fragment before `updates`; 0 where there was none.
    func lastAverage(of fragment: Int, before updates: Int) -> Int {
        let first = first(fragment)
        return updates <= first ? 0 : updates - 1 - (updates - 1 - first) % length
    }
}

/// The examples of a batch that each replica takes.
enum LocalBatch {
    /// The places of a replica's examples among those of the batch, as even as can be.
    static func rows(ofReplica replica: Int, of count: Int, in batch: Int) -> Range<Int> {
        batch * replica / count..<batch * (replica + 1) / count
    }
}
