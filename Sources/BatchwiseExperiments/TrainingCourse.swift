import Batchwise
import Foundations

/// A place of a training.
package struct TrainingPlace: Sendable, Hashable {
    /// The updates and examples before it.
    package var (updates, examples): (Int, Int)
    /// The passes over the training set before it.
    package var epochs: Double
    /// The learning rate of the next update, or of the last at the end.
    package var learningRate: Double

    /// The entries of a JSON object.
    package var entries: [(key: String, value: JSON)] {
        [
            ("updates", .int(updates)), ("examples", .int(examples)), ("epochs", .number(epochs)),
            ("learning_rate", .number(learningRate)),
        ]
    }
}

extension Subject {
    /// Trains from these parameters to the end of the recipe, and looks at the parameters before the first update, after
    /// every such length, and at the end.
    ///
    /// - Parameters:
    ///   - progress: Is told the number of updates that are done, and of all.
    ///   - look: Is called with each place and the model there.
    func trainAlong(
        every length: TrainingLength, progress: (Int, Int) -> Void, _ look: (TrainingPlace, Model) throws -> Void
    ) throws {
        var trainer = try Trainer(
            recipe, data: data.train, validation: data.validation, startingFrom: model, machine: machine)
        var (marks, rate) = (0.0, trainer.nextLearningRate)
        var isFirst = true
        while true {
            let passed = length.count(trainer.progress, examplesPerEpoch: trainer.examplesPerEpoch)
            if isFirst || passed >= marks + 1 || trainer.isFinished {
                (isFirst, marks) = (false, passed.rounded(.down))
                if !trainer.isFinished { rate = trainer.nextLearningRate }
                let place = TrainingPlace(
                    updates: trainer.progress.updates, examples: trainer.progress.examples,
                    epochs: Double(trainer.progress.examples) / Double(trainer.examplesPerEpoch), learningRate: rate)
                try look(place, trainer.model())
                progress(place.updates, trainer.totalUpdates)
            }
            guard !trainer.isFinished else { return }
            try trainer.run(updates: 1) { rate = $0.learningRate }
        }
    }
}
