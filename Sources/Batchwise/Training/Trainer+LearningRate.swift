extension Trainer {
    /// The learning rate of this run, a function of the examples seen; cuts on a plateau are in `progress`, and the
    /// factor of `batch.grow.rate: scale` shows in the reports of updates.
    public var learningRate: LearningRate.Resolved { schedule.rate }

    /// The learning rate of the next update.
    package var nextLearningRate: Double { schedule.update(after: progress).rate }

    /// Tells a learning rate that falls on plateaus how the model does on validation examples.
    ///
    /// Call it between the last update of an epoch and the first one of the next, after every epoch or after none.
    /// Where it is not called, the mean training loss of the epoch is judged instead, unless the recipe asks for a
    /// metric of validation examples. It does nothing for other learning rates, and for one that goes by the training
    /// loss.
    ///
    /// ```swift
    /// while !trainer.isFinished {
    ///     if try trainer.update().endsEpoch { trainer.reportValidation(try trainer.model().evaluate(held)) }
    /// }
    /// ```
    public mutating func reportValidation(_ evaluation: Evaluation) {
        _ = judge.judgeRate(by: evaluation, &progress)
    }
}
