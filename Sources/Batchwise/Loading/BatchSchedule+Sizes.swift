extension BatchSchedule {
    /// A number of examples that batches of a run have.
    struct Size: Hashable {
        /// The examples of such a batch.
        var rows: Int
        /// The examples of a full batch of its phase.
        var full: Int
        /// Whether the batch ends an epoch and is not full.
        var isShort: Bool { rows < full }
    }

    /// The sizes of the batches of a run of so many epochs, as far as its phases are known, each once.
    func sizes(epochs: Int) -> [Size] {
        var sizes: [Size] = []
        func add(_ rows: Int, of phase: Phase) {
            let size = Size(rows: rows, full: min(phase.size, examples))
            if rows > 0, !sizes.contains(size) { sizes.append(size) }
        }
        for (index, phase) in phases.enumerated() {
            let next = index + 1 < phases.count ? phases[index + 1] : nil
            let end = next?.epoch ?? epochs + 1
            // the rest of the first epoch, then whole epochs
            let first = (end == phase.epoch ? next?.position ?? examples : examples) - phase.position
            let hasWholeEpochs = end > phase.epoch + 1
            if first >= phase.size || hasWholeEpochs { add(min(phase.size, examples), of: phase) }
            guard last != .drop, end > phase.epoch else { continue }
            add(first % phase.size, of: phase)
            if hasWholeEpochs { add(examples % phase.size, of: phase) }
        }
        return sizes
    }
}
