extension WeightAverage {
    /// The updates that are averaged, as a function of the examples seen: all of them, or those that reach a mark.
    struct Schedule: Hashable, Sendable {
        private let decay: Float?
        private let from: Double
        private let every: Double

        /// Resolves the marks for a run. Throws where they make no sense there.
        init(_ average: WeightAverage, examplesPerEpoch: Int, batch: Int, epochs: Int) throws(RecipeError) {
            let clock = ExampleClock(examplesPerEpoch: examplesPerEpoch, batch: batch, epochs: epochs)
            switch average {
            case .exponential(let decay): (self.decay, from, every) = (decay, 0, 1)
            case .equal(let start, let step):
                decay = nil
                from = clock.examples(start)
                every = clock.examples(step)
                guard from <= Double(examplesPerEpoch) * Double(epochs) else {
                    throw .value(
                        at: "average.swa.from", expected: "at most the \(epochs) epochs of the run",
                        found: start.description)
                }
                guard every >= 1 else {
                    throw .value(
                        at: "average.swa.every", expected: "a length of at least one example", found: step.description)
                }
            }
        }

        /// The weight of the new parameters in the average after an update that begins at `before` and ends at `after`
        /// examples, where `count` updates have been averaged before; 0 leaves the average as it is, 1 begins it.
        func weight(before: Int, after: Int, count: Int) -> Float {
            if let decay { return count == 0 ? 1 : 1 - decay }
            return marks(after) > marks(before) ? 1 / Float(count + 1) : 0
        }

        /// The marks up to here; one at 0 is reached by the first update.
        private func marks(_ examples: Int) -> Double {
            let passed = Double(examples) - from
            return examples == 0 || passed < 0 ? 0 : (passed / every).rounded(.down) + 1
        }
    }
}
