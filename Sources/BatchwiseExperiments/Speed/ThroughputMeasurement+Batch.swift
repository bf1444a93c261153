// The time of an update of any batch, from those that were measured.
extension ThroughputMeasurement {
    /// The seconds of an update: on a line between the sizes on either side, and in proportion beyond the largest.
    ///
    /// No update takes longer than one of more examples: a size that another program slowed takes the time of a larger.
    package func secondsPerUpdate(batch: Int) -> Double {
        guard let above = rows.firstIndex(where: { $0.batch >= batch }) else {
            guard let last = rows.last else { return .infinity }
            return last.speed.secondsPerUpdate * Double(batch) / Double(last.batch)
        }
        func seconds(_ row: Int) -> Double { rows[row...].map(\.speed.secondsPerUpdate).min() ?? .infinity }
        let (size, high) = (rows[above].batch, seconds(above))
        guard above > 0, size > batch else { return high }
        let (before, low) = (rows[above - 1].batch, seconds(above - 1))
        return low + Double(batch - before) / Double(size - before) * (high - low)
    }

    /// The seconds that such an update takes on one thread, if its workers share it evenly.
    package func secondsOnOneThread(batch: Int) -> Double {
        let workers = (rows.last { $0.batch <= batch } ?? rows.first)?.workers ?? 1
        return secondsPerUpdate(batch: batch) * Double(workers)
    }
}
