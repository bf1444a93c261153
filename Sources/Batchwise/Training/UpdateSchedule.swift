import Foundation

/// The schedule of a recipe's updates: batches, rates, momentum and averages as pure functions of the clock.
struct UpdateSchedule {
    /// The schedule of batches. It changes only where the gradient's noise grows the batch, which ``TrainingProgress``
    /// records.
    var batches: BatchSchedule
    let rate: LearningRate.Resolved
    /// AdaScale's numbers; nil where the recipe does not ask for it.
    let adaScale: AdaScaleRule?
    /// The most epochs that the run can take.
    let epochs: Int
    private let averaging: WeightAverage.Schedule?
    private let asynchronous: Asynchronous?
    private let seed: UInt64
    private let growth: BatchGrowth?
    private let scaling: LearningRate.Scaling
    /// The momentum of the optimizer itself.
    private let momentum: Float?

    init(
        _ recipe: Recipe, batches: BatchSchedule, rate: LearningRate.Resolved, averaging: WeightAverage.Schedule?,
        adaScale: AdaScaleRule? = nil
    ) {
        self.batches = batches
        self.rate = rate
        self.averaging = averaging
        self.adaScale = adaScale
        epochs = adaScale?.mostEpochs(recipe.epochs) ?? recipe.epochs
        growth = recipe.batch.grow
        asynchronous = recipe.asynchronous
        seed = recipe.seed
        scaling = recipe.learningRate.scaling
        momentum = recipe.optimizer.momentum
    }

    /// The phase that the next update is in.
    func phase(after progress: TrainingProgress) -> Int {
        batches.phase(ofBatch: progress.batch, inEpoch: progress.epoch)
    }

    /// The next update of a run with this progress.
    func update(after progress: TrainingProgress) -> NextUpdate {
        let phase = phase(after: progress)
        let clock =
            progress.adaScale?.examples
            ?? Double(batches.rateClock(beforeBatch: progress.batch, ofEpoch: progress.epoch))
        let positions = batches.rows(ofBatch: progress.batch, inEpoch: progress.epoch)
        let gain = adaScale.flatMap { progress.adaScale?.gain(batch: positions.count, base: $0.base) }
        let delay = asynchronous?.delay(ofUpdate: progress.updates + 1) ?? 0
        let lateness = asynchronous?.rateFactor(staleness: min(progress.updates, delay)) ?? 1
        return NextUpdate(
            number: progress.updates + 1, epoch: progress.epoch, positions: positions,
            rate: lateness * (gain ?? rateFactor(phase)) * rate.rate(at: clock, plateau: progress.plateau),
            delay: delay,
            leftOut: asynchronous?.leftOut(ofUpdate: progress.updates + 1, batch: positions.count, seed: seed) ?? [],
            gain: gain,
            momentum: momentum(rate.momentum(at: clock), phase),
            averageWeight: averaging?.weight(
                before: progress.examples, after: progress.examples + positions.count, count: progress.averaged ?? 0)
                ?? 0)
    }

    /// The factor by which the rate of the first batches is multiplied where the batch has grown.
    private func rateFactor(_ phase: Int) -> Double {
        guard growth?.rate == .scale else { return 1 }
        return scaling.factor(batch: batches.phases[phase].size, atBatch: batches.batch)
    }

    /// The momentum, where it is not the optimizer's own: the `scheduled` one, or one that follows the batch.
    private func momentum(_ scheduled: Float?, _ phase: Int) -> Float? {
        guard phase > 0, growth?.momentum == .scale, let first = scheduled ?? momentum else { return scheduled }
        return Float(pow(Double(first), Double(batches.phases[phase].size) / Double(batches.batch)))
    }
}
