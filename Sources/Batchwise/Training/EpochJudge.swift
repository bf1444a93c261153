/// The decisions at the end of an epoch.
struct EpochVerdict: Equatable {
    /// Whether the parameters are the best so far, to be kept.
    var keeps = false
    /// Whether the learning rate was cut.
    var cuts = false
    /// Whether the run ends.
    var stops = false
}

/// Judges epochs by the recipe's early stopping, kept model and rate that falls on plateaus. From evaluations it
/// decides whether to keep the parameters, cut the rate, or stop.
///
/// Everything that it remembers is in ``TrainingProgress``, and so in checkpoints.
struct EpochJudge {
    let stopping: EarlyStopping?
    let keptMetric: EpochMetric?
    let plateau: LearningRate.Plateau?

    init(_ recipe: Recipe) {
        stopping = recipe.earlyStopping
        keptMetric = recipe.keptMetric
        plateau = if case .plateau(let plateau) = recipe.learningRate.decay { plateau } else { nil }
    }

    /// The scores of validation examples that epochs are judged by.
    var parts: ScoreParts {
        [stopping?.metric, keptMetric, plateau?.metric].reduce(into: []) { $0.formUnion($1?.parts ?? []) }
    }

    /// The state of a run that begins.
    var begun: TrainingProgress {
        var progress = TrainingProgress()
        if plateau != nil { progress.plateau = PlateauState() }
        if stopping != nil || keptMetric != nil { progress.selection = EpochSelection() }
        return progress
    }

    /// Adds an update to the training loss of the epoch that is going on.
    func add(_ result: UpdateResult, to progress: inout TrainingProgress) {
        progress.selection?.lossSum += result.lossSum
        progress.selection?.weight += result.weight
        progress.plateau?.lossSum += result.lossSum
        progress.plateau?.weight += result.weight
    }

    /// Judges the epoch that has just ended.
    func finish(epoch: Int, validation: Evaluation?, _ progress: inout TrainingProgress) -> EpochVerdict {
        var verdict = EpochVerdict()
        if let validation { verdict.cuts = judgeRate(by: validation, &progress) }
        guard var selection = progress.selection else { return verdict }
        let trainLoss = selection.weight > 0 ? selection.lossSum / selection.weight : nil
        (selection.lossSum, selection.weight) = (0, 0)
        /// The metric, if it is a finite number: anything else is no improvement.
        func found(_ metric: EpochMetric) -> Double? {
            let value = metric == .trainLoss ? trainLoss : validation?.value(of: metric)
            return value?.isFinite == true ? value : nil
        }
        func better(_ metric: EpochMetric, than best: BestEpoch?) -> BestEpoch? {
            guard let value = found(metric) else { return nil }
            if let best, !metric.isBetter(value, than: best.value) { return nil }
            return BestEpoch(epoch: epoch, updates: progress.updates, value: value)
        }
        if let stopping {
            selection.stopping = better(stopping.metric, than: selection.stopping) ?? selection.stopping
            let value = found(stopping.metric)
            if let value,
                selection.reference.map({ stopping.metric.isBetter(value, than: $0, by: stopping.minDelta) }) ?? true
            {
                (selection.reference, selection.waited) = (value, 0)
            } else {
                selection.waited += 1
            }
            selection.hasStopped = selection.waited >= stopping.patience
        }
        if let keptMetric, let best = better(keptMetric, than: selection.kept) {
            selection.kept = best
            verdict.keeps = true
        }
        verdict.stops = selection.hasStopped
        progress.selection = selection
        return verdict
    }

    // MARK: A rate that falls on plateaus

    /// Judges the last epoch by an evaluation, if it has not been judged and its metric is one of validation examples.
    /// Returns whether the rate was cut.
    func judgeRate(by evaluation: Evaluation, _ progress: inout TrainingProgress) -> Bool {
        guard let plateau = openRule(progress) else { return false }
        let metric = plateau.metric ?? .validationLoss
        if metric == .trainLoss { return false }
        // a metric without a value is no improvement
        return judge(evaluation.value(of: metric) ?? .nan, plateau, &progress)
    }

    /// Judges the last epoch by its training loss, if nothing has judged it: a program may report an evaluation until
    /// the next update.
    func closeLastEpoch(_ progress: inout TrainingProgress) throws(TrainingError) {
        guard let plateau = openRule(progress), let state = progress.plateau else { return }
        if let metric = plateau.metric, metric != .trainLoss {
            throw .noValidation(epoch: progress.epoch - 1, metric: metric.rawValue)
        }
        _ = judge(state.lossSum / state.weight, plateau, &progress)
    }

    /// The rule for an epoch that has ended and not been judged.
    private func openRule(_ progress: TrainingProgress) -> LearningRate.Plateau? {
        guard let plateau, let state = progress.plateau, progress.batch == 0, state.epochs < progress.epoch - 1 else {
            return nil
        }
        return plateau
    }

    private func judge(_ value: Double, _ plateau: LearningRate.Plateau, _ progress: inout TrainingProgress) -> Bool {
        guard var state = progress.plateau else { return false }
        let isBetter =
            if let best = state.best {
                plateau.metric?.isBetterLarger == true
                    // of a best value below 0, better is closer to 0
                    ? value > best * (best < 0 ? 1 - plateau.threshold : 1 + plateau.threshold)
                    : value < best * (1 - plateau.threshold)
            } else {
                value.isFinite
            }
        state.badEpochs = isBetter ? 0 : state.badEpochs + 1
        if isBetter { state.best = value }
        if state.cooldown > 0 {
            state.cooldown -= 1
            state.badEpochs = 0
        }
        let cuts = state.badEpochs > plateau.patience
        if cuts {
            state.factor *= plateau.factor
            state.cooldown = plateau.cooldown
            state.badEpochs = 0
        }
        state.epochs += 1
        (state.lossSum, state.weight) = (0, 0)
        progress.plateau = state
        return cuts
    }
}
