import Foundation

/// When and how a recipe updates: batches, rates, momentum and averages as pure functions of the clock.
struct UpdateSchedule {
    /// Changes only where a norm test grows the batch, which ``TrainingProgress`` records.
    var batches: BatchSchedule
    let rate: LearningRate.Resolved
    private let averaging: WeightAverage.Schedule?
    private let growth: BatchGrowth?
    private let scaling: LearningRate.Scaling
    /// The optimizer's own.
    private let momentum: Float?

    init(
        _ recipe: Recipe, batches: BatchSchedule, rate: LearningRate.Resolved, averaging: WeightAverage.Schedule?
    ) {
        self.batches = batches
        self.rate = rate
        self.averaging = averaging
        growth = recipe.batch.grow
        scaling = recipe.learningRate.scaling
        momentum = recipe.optimizer.momentum
    }

    /// The phase that the next update is in.
    func phase(after progress: TrainingProgress) -> Int {
        batches.phase(ofBatch: progress.batch, inEpoch: progress.epoch)
    }

    /// The update that follows when a run is this far.
    func update(after progress: TrainingProgress) -> NextUpdate {
        let phase = phase(after: progress)
        let clock = batches.rateClock(beforeBatch: progress.batch, ofEpoch: progress.epoch)
        let positions = batches.rows(ofBatch: progress.batch, inEpoch: progress.epoch)
        return NextUpdate(
            number: progress.updates + 1, epoch: progress.epoch, positions: positions,
            rate: rateFactor(phase) * rate.rate(afterExamples: clock, plateau: progress.plateau),
            momentum: momentum(rate.momentum(afterExamples: clock), phase),
            averageWeight: averaging?.weight(
                before: progress.examples, after: progress.examples + positions.count, count: progress.averaged ?? 0)
                ?? 0)
    }

    /// What the rate of the first batches is multiplied by where the batch has grown.
    private func rateFactor(_ phase: Int) -> Double {
        guard growth?.rate == .scale else { return 1 }
        return scaling.factor(batch: batches.phases[phase].size, atBatch: batches.batch)
    }

    /// The momentum, where it is not the optimizer's own: the one that is `scheduled`, or one that follows the batch.
    private func momentum(_ scheduled: Float?, _ phase: Int) -> Float? {
        guard phase > 0, growth?.momentum == .scale, let first = scheduled ?? momentum else { return scheduled }
        return Float(pow(Double(first), Double(batches.phases[phase].size) / Double(batches.batch)))
    }
}
