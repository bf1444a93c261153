/// The clock of a run, which counts examples, and the places of updates and epochs on it.
struct ExampleClock: Hashable, Sendable {
    let examplesPerEpoch: Double
    let batch: Double
    let updatesPerEpoch: Double
    let epochs: Int
    /// Examples that are seen before the last update of the run.
    let lastUpdate: Double

    /// The clock of a run. `lastUpdate` is given where batches grow.
    init(examplesPerEpoch: Int, batch: Int, epochs: Int, lastUpdate: Int? = nil) {
        self.examplesPerEpoch = Double(examplesPerEpoch)
        self.batch = Double(batch)
        updatesPerEpoch = (Double(examplesPerEpoch) / Double(batch)).rounded(.up)
        self.epochs = epochs
        let lastBatch = self.examplesPerEpoch - max(updatesPerEpoch - 1, 0) * self.batch
        self.lastUpdate = lastUpdate.map(Double.init) ?? self.examplesPerEpoch * Double(epochs) - lastBatch
    }

    /// Examples of the whole run.
    var total: Double { examplesPerEpoch * Double(epochs) }

    /// The place of a mark on the clock. A mark in updates is at the end of its last update, also where that update's
    /// batch is smaller.
    func examples(_ mark: TrainingLength) -> Double {
        switch mark {
        case .epochs(let count): return count * examplesPerEpoch
        case .examples(let count): return Double(count)
        case .updates(let count):
            let (epochs, rest) = split(Double(count), by: updatesPerEpoch)
            return epochs * examplesPerEpoch + min(rest * batch, examplesPerEpoch)
        }
    }

    /// The number of updates that have been made after so many examples: a whole number wherever an update begins.
    func updates(_ examples: Double) -> Double {
        let (epochs, rest) = split(examples, by: examplesPerEpoch)
        let before = (updatesPerEpoch - 1) * batch
        let updates =
            rest <= before ? rest / batch : updatesPerEpoch - 1 + (rest - before) / (examplesPerEpoch - before)
        return epochs * updatesPerEpoch + updates
    }

    private func split(_ count: Double, by length: Double) -> (whole: Double, rest: Double) {
        let whole = (count / length).rounded(.down)
        return (whole, count - whole * length)
    }

    /// A length in its unit of counting: updates where it was written in updates, else examples.
    struct Length: Hashable, Sendable {
        let count: Double
        let isOfUpdates: Bool
    }

    func length(_ length: TrainingLength) -> Length {
        if case .updates(let count) = length { return Length(count: Double(count), isOfUpdates: true) }
        return Length(count: examples(length), isOfUpdates: false)
    }

    /// The number of such lengths between two places on the clock.
    func count(_ length: Length, from start: Double, to end: Double) -> Double {
        length.isOfUpdates
            ? (updates(end) - updates(start)) / length.count : (end - start) / length.count
    }
}
