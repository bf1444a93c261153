extension Trainer {
    /// The learning rate of this run, a function of the examples seen; cuts on a plateau are in `progress`, and
    /// what `batch.grow.rate: scale` multiplies it by in the reports of updates.
    public var learningRate: LearningRate.Resolved { rate }

    /// Tells a learning rate that falls on plateaus how the model does on validation examples.
    ///
    /// Call it between the last update of an epoch and the first one of the next, after every epoch or after none. Where
    /// it is not called, the mean training loss of the epoch is judged instead, unless the recipe asks for a metric of
    /// validation examples. It does nothing for other learning rates, and for one that goes by the training loss.
    ///
    /// ```swift
    /// while !trainer.isFinished {
    ///     if try trainer.update().endsEpoch { trainer.reportValidation(try trainer.model().evaluate(held)) }
    /// }
    /// ```
    public mutating func reportValidation(_ evaluation: Evaluation) {
        guard let plateau = unjudged else { return }
        switch plateau.metric {
        case .trainLoss: return
        case .validationAccuracy: progress.plateau?.judge(evaluation.accuracy ?? 0, plateau)
        case .validationLoss, nil: progress.plateau?.judge(evaluation.loss, plateau)
        }
    }

    /// Judges the epoch that has ended by its training loss, if nothing has judged it before.
    mutating func judgeEpoch() throws(TrainingError) {
        guard let plateau = unjudged, let state = progress.plateau else { return }
        if let metric = plateau.metric, metric != .trainLoss {
            throw .noValidation(epoch: progress.epoch - 1, metric: metric.rawValue)
        }
        progress.plateau?.judge(state.lossSum / state.weight, plateau)
    }

    /// The rule for an epoch that has ended and not been judged.
    private var unjudged: LearningRate.Plateau? {
        guard case .plateau(let plateau) = recipe.learningRate.decay, let state = progress.plateau,
            progress.batch == 0, state.epochs < progress.epoch - 1
        else { return nil }
        return plateau
    }
}
