/// Parameters averaged over updates, which evaluate and are saved in place of the last ones; running statistics likewise.
public enum WeightAverage: Hashable, Sendable {
    /// a <- decay a + (1 - decay) w after every update, as torch.optim.swa_utils with get_ema_avg_fn.
    ///
    /// It begins as the parameters after the first update, so there is no bias to correct. The decay is one an update,
    /// whatever the batch.
    case exponential(decay: Float)
    /// The equal mean of the parameters at marks of the run: `from`, and `every` so long after it [Izmailov 2018].
    ///
    /// A mark counts at the end of the update that reaches it. Running statistics are averaged too, where
    /// torch.optim.swa_utils.update_bn would compute them anew from the training set.
    case equal(from: LearningRate.Duration, every: LearningRate.Duration)

    /// Reads `{ema: 0.999}` or `{swa: {from: 15 epochs, every: 1 epochs}}`.
    package init(notation: RecipeValue, at path: String = "average") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path)
        let limit = OptimizerForm.Limit.fraction
        let decay = try reader.double("ema", limit.text, where: { limit.holds(Float($0)) })
        let marks = reader.value("swa")
        try reader.finish()
        switch (decay, marks) {
        case (let decay?, nil): self = .exponential(decay: Float(decay))
        case (nil, let marks?):
            var reader = try RecipeReader(marks, at: "\(path).swa", shorthand: "from")
            guard let from = reader.value("from") else {
                throw reader.missing("from", "where it begins, such as 15 epochs")
            }
            let every = reader.value("every")
            self = .equal(
                from: try .init(notation: from, at: "\(path).swa.from"),
                every: try every.map { value throws(RecipeError) in
                    try .init(notation: value, at: "\(path).swa.every")
                } ?? .epochs(1))
            try reader.finish()
        default:
            throw .value(
                at: path, expected: "{ema: 0.999} or {swa: {from: 15 epochs, every: 1 epochs}}", found: notation.text)
        }
    }

    /// How a recipe writes it.
    package var notation: RecipeValue {
        switch self {
        case .exponential(let decay): .map([.init("ema", .decimal(decay))])
        case .equal(let from, let every):
            .map([
                .init(
                    "swa",
                    .map([.init("from", .string(from.description)), .init("every", .string(every.description))]))
            ])
        }
    }

    func check() throws(RecipeError) {
        guard case .exponential(let decay) = self, !(0..<1).contains(decay) else { return }
        throw .value(at: "average.ema", expected: "a number from 0 to below 1", found: "\(decay)")
    }

    /// When updates are averaged, by the examples seen: all of them, or those that reach a mark.
    struct Schedule: Sendable {
        private let decay: Float?
        private let from: Double
        private let every: Double

        /// Throws where the marks make no sense in a run.
        init(_ average: WeightAverage, examplesPerEpoch: Int, batch: Int, epochs: Int) throws(RecipeError) {
            let clock = LearningRate.Clock(examplesPerEpoch: examplesPerEpoch, batch: batch, epochs: epochs)
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

        /// What the parameters count in the average after an update that begins at `before` and ends at `after` examples,
        /// where `count` updates have been averaged before; 0 leaves it as it is, 1 begins it.
        func share(before: Int, after: Int, count: Int) -> Float {
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
