// Batches that grow: the phase of the next update, and the decisions of a rule by the gradient's noise.

extension Trainer {
    /// The engine for the next update, after the decision of a noise rule where one is due.
    mutating func readyEngine() throws(TrainingError) -> Engine {
        if let engine, recipe.batch.grow == nil { return engine }
        var engine = try enterPhase()
        if mayDecide, let rule = recipe.batch.grow?.noiseRule, isDue(rule) {
            try decide(rule, engine)
            engine = try enterPhase()
        }
        return engine
    }

    /// Changes to the phase that the next update is in.
    private mutating func enterPhase() throws(TrainingError) -> Engine {
        let next = schedule.phase(after: progress)
        if let engine, next == phase { return engine }
        do throws(PlanError) {
            try enter(next)
        } catch {
            throw .growth(update: progress.updates + 1, batch: schedule.batches.phases[next].size, error)
        }
        guard let engine else { preconditionFailure("enter makes an engine or throws") }
        return engine
    }

    // MARK: Decisions

    /// Whether there is a noise rule whose batch may still grow.
    var mayDecide: Bool {
        guard let growth = recipe.batch.grow, growth.noiseRule != nil, let limit = growth.limit else { return false }
        return schedule.batches.phases[schedule.batches.phases.count - 1].size < limit
    }

    /// Whether a mark has gone by since the batch before began, and nothing has been decided there yet.
    private func isDue(_ rule: BatchGrowth.NoiseRule) -> Bool {
        let (epoch, batch) = (progress.epoch, progress.batch)
        guard progress.updates > 0, progress.growth?.last?.examples != progress.examples,
            decision?.update != progress.updates + 1,
            schedule.batches.phase(ofBatch: batch, inEpoch: epoch) == schedule.batches.phases.count - 1
        else { return false }
        let before = schedule.batches.place(ofUpdate: progress.updates - 1)
        return schedule.batches.marks(every: rule.every, beforeBatch: batch, ofEpoch: epoch)
            > schedule.batches.marks(every: rule.every, beforeBatch: before.batch, ofEpoch: before.epoch)
    }

    private mutating func decide(_ rule: BatchGrowth.NoiseRule, _ engine: Engine) throws(TrainingError) {
        let size = schedule.batches.phases[phase].size
        if order.epoch != progress.epoch { order = orders.order(ofEpoch: progress.epoch) }
        guard let noise = try gradientNoise(sample: max(size, rule.sample)) else { return }
        let rate = nextLearningRate
        let asked = rule.asked(by: noise, rate: rate)
        var next = rule.batch(
            after: size, asked: asked, grain: engine.partition.grain, limit: recipe.batch.grow?.limit ?? size)
        // no growth where the batch has just grown: `last: drop` may have put that off to this batch
        if next.size > size, !schedule.batches.grow(to: next.size, at: .examples(progress.examples)) {
            next = (size, .hasGrown)
        }
        if next.size > size {
            progress.growth = (progress.growth ?? []) + [BatchDecision(examples: progress.examples, size: next.size)]
        }
        func finite(_ number: Double?) -> Double? { number.flatMap { $0.isFinite ? $0 : nil } }
        decision = GrowthDecision(
            by: rule.criterion.name, update: progress.updates + 1, epoch: progress.epoch, examples: progress.examples,
            sample: noise.examples, variance: noise.variance, gradientNormSquared: noise.unbiased.squaredNorm,
            noiseScale: noise.noiseScale, theta: finite(noise.theta(batch: size)), loss: noise.loss, learningRate: rate,
            asked: finite(asked), before: size, batch: next.size, reason: next.reason)
    }
}
