// The notice about batch normalisation that finds one example alone, which its mean takes away.

extension Graph {
    /// One notice for all layers and epochs; nil where every example is normalised with others.
    func singleExampleNotice(_ schedule: BatchSchedule, epochs: Int) -> String? {
        let sizes = schedule.sizes(epochs: epochs)
        let found = sizes.filter { !$0.isShort } + sizes.filter(\.isShort)
        let isGrowing = schedule.phases.count > 1
        for size in found {
            for group in statistics.map(\.normalisation) where group.leavesOne(of: size.rows) {
                return "\(group.effectOnOne): \(group.cause(size, isGrowing: isGrowing))"
            }
        }
        return nil
    }

    /// The same for replicas that train apart, each of which normalises by its share of a batch.
    func singleExampleNotice(_ schedule: BatchSchedule, epochs: Int, replicas: Replicas) -> String? {
        for size in schedule.sizes(epochs: epochs) {
            let shares = [size.rows / replicas.count, (size.rows + replicas.count - 1) / replicas.count]
            for group in statistics.map(\.normalisation) {
                guard let share = shares.first(where: { $0 > 0 && group.leavesOne(of: $0) }) else { continue }
                let batch = size.isShort ? "the last batch of an epoch" : "a batch"
                let remedy = size.isShort ? "batch.last: drop, fewer replicas or another batch.size" : "fewer replicas"
                return
                    "\(group.effectOnOne): \(batch) has \(size.rows) examples, and the share of a replica is \(share): use "
                    + "\(remedy), or group-norm"
            }
        }
        return nil
    }
}

extension Normalisation {
    /// Whether a batch of so many examples has one that is normalised alone.
    fileprivate func leavesOne(of rows: Int) -> Bool {
        switch self {
        case .group: false
        case .batch: rows == 1
        case .ghost(let size, _, _, _): rows % size == 1
        }
    }

    fileprivate var effectOnOne: String {
        switch self {
        case .group: ""
        case .batch(let positions, _, _), .ghost(_, let positions, _, _):
            positions == 1
                ? "batch normalisation of one example gives nothing but its shift"
                : "batch normalisation of one example knows that example alone"
        }
    }

    /// The batch that leaves an example alone, and what to do about it.
    fileprivate func cause(_ batch: BatchSchedule.Size, isGrowing: Bool) -> String {
        let phase = isGrowing ? ", where batches have \(batch.full)" : ""
        switch (self, batch.isShort) {
        case (_, false) where batch.rows == 1:
            return "use a larger batch, or group-norm"
        case (.ghost(let size, _, _, _), false):
            return "a batch of \(batch.rows) leaves 1 for its last ghost batch of \(size): "
                + "use another ghost batch or batch.size"
        case (_, true) where batch.rows == 1:
            return "the last batch of an epoch has 1 example\(phase): use batch.last: drop, or another batch.size"
        case (.ghost(let size, _, _, _), true):
            return
                "the last batch of an epoch has \(batch.rows) examples\(phase), which leave 1 for its last ghost batch "
                + "of \(size): use batch.last: drop, or another ghost batch or batch.size"
        case (.batch, _), (.group, _):
            return ""
        }
    }
}
