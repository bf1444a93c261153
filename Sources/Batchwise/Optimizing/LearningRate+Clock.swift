extension LearningRate {
    /// The one clock of a run, which counts examples, and what updates and epochs are on it.
    struct Clock: Hashable, Sendable {
        let examplesPerEpoch: Double
        let batch: Double
        let updatesPerEpoch: Double
        let epochs: Int

        init(examplesPerEpoch: Int, batch: Int, epochs: Int) {
            self.examplesPerEpoch = Double(examplesPerEpoch)
            self.batch = Double(batch)
            updatesPerEpoch = (Double(examplesPerEpoch) / Double(batch)).rounded(.up)
            self.epochs = epochs
        }

        /// Examples of the whole run.
        var total: Double { examplesPerEpoch * Double(epochs) }

        /// Where on the clock a mark is. So many updates end where the last of them does, be it a smaller one.
        func examples(_ mark: Duration) -> Double {
            switch mark {
            case .epochs(let count): return count * examplesPerEpoch
            case .examples(let count): return Double(count)
            case .updates(let count):
                let (epochs, rest) = split(Double(count), by: updatesPerEpoch)
                return epochs * examplesPerEpoch + min(rest * batch, examplesPerEpoch)
            }
        }

        /// How many updates have been made there: a whole number wherever an update begins.
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

        /// A length in the unit that it is counted in: of updates those that are made, of all else examples.
        func length(_ duration: Duration) -> Length {
            if case .updates(let count) = duration { return Length(count: Double(count), isOfUpdates: true) }
            return Length(count: examples(duration), isOfUpdates: false)
        }

        /// How many such lengths have gone by between two places.
        func count(_ length: Length, from start: Double, to end: Double) -> Double {
            length.isOfUpdates
                ? (updates(end) - updates(start)) / length.count : (end - start) / length.count
        }
    }

    struct Length: Hashable, Sendable {
        let count: Double
        let isOfUpdates: Bool
    }
}
