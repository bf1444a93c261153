import Foundation

// Batches that grow: the phase that the next update is in, and what norm tests decide.

extension Trainer {
    /// Goes over to the phase that the next update is in, and decides where a norm test is due.
    mutating func growBatch() throws(TrainingError) {
        try enterPhase()
        guard mayDecide, let test = recipe.batch.grow?.normTest, isDue(test) else { return }
        try decide(test)
        try enterPhase()
    }

    private mutating func enterPhase() throws(TrainingError) {
        let next = schedule.phase(ofBatch: progress.batch, inEpoch: progress.epoch)
        guard next != phase else { return }
        do throws(PlanError) {
            try enter(next)
        } catch {
            throw .growth(update: progress.updates + 1, batch: schedule.phases[next].size, error)
        }
    }

    /// What the rate of the first batches is multiplied by.
    var rateFactor: Double {
        guard recipe.batch.grow?.rate == .scale else { return 1 }
        return recipe.learningRate.scaling.factor(batch: schedule.phases[phase].size, atBatch: schedule.batch)
    }

    /// The momentum, where it is not the optimizer's own: `given`, or what follows the batch.
    func momentum(_ given: Float?) -> Float? {
        guard phase > 0, recipe.batch.grow?.momentum == .scale, let first = given ?? recipe.optimizer.momentum else {
            return given
        }
        let ratio = Double(schedule.phases[phase].size) / Double(schedule.batch)
        return Float(pow(Double(first), ratio))
    }

    // MARK: Norm test

    /// Whether there is a norm test whose batch may still grow.
    var mayDecide: Bool {
        guard let growth = recipe.batch.grow, growth.normTest != nil, let limit = growth.limit else { return false }
        return schedule.phases[schedule.phases.count - 1].size < limit
    }

    /// Whether a mark has gone by since the batch before began, and nothing has been decided there yet.
    private func isDue(_ test: BatchGrowth.NormTest) -> Bool {
        let (epoch, batch) = (progress.epoch, progress.batch)
        guard progress.updates > 0, progress.growth?.last?.examples != progress.examples,
            schedule.phase(ofBatch: batch, inEpoch: epoch) == schedule.phases.count - 1
        else { return false }
        let before = schedule.place(ofUpdate: progress.updates - 1)
        return schedule.marks(every: test.every, beforeBatch: batch, ofEpoch: epoch)
            > schedule.marks(every: test.every, beforeBatch: before.batch, ofEpoch: before.epoch)
    }

    private mutating func decide(_ test: BatchGrowth.NormTest) throws(TrainingError) {
        let size = schedule.phases[phase].size
        if order.epoch != progress.epoch { order = orders.order(ofEpoch: progress.epoch) }
        guard let noise = try gradientNoise(sample: max(size, test.sample)),
            let next = recipe.batch.grow?.size(after: size, grain: engine.partition.grain, noise: noise),
            // not where it has just grown: `last: drop` may have put that off to this batch
            schedule.grow(to: next, at: .examples(progress.examples))
        else { return }
        progress.growth = (progress.growth ?? []) + [BatchDecision(examples: progress.examples, size: next)]
    }

    /// Measured on the first examples of the epoch's order: whole chunks of the present batch. Nil where the chunks are
    /// fewer than two, or hold what is not finite, which the next update will say.
    func gradientNoise(sample: Int) throws(TrainingError) -> GradientNoise? {
        let chunk: Int
        let loaded: LoadedRows?
        do throws(PlanError) {
            chunk = try plans.chunk(of: schedule.phases[phase].size)
            loaded = loader == nil ? nil : try LoadedRows(rows, capacity: chunk)
        } catch {
            throw .growth(update: progress.updates + 1, batch: schedule.phases[phase].size, error)
        }
        let chunks = min(max((sample + chunk - 1) / chunk, 2), orders.count / chunk)
        let count = engine.layout.count
        let gradient = UnsafeMutablePointer<Float>.allocate(capacity: count)
        let sum = UnsafeMutablePointer<Double>.allocate(capacity: count)
        gradient.initialize(repeating: 0, count: count)
        sum.initialize(repeating: 0, count: count)
        defer {
            gradient.deallocate()
            sum.deallocate()
        }
        var (weights, squares, found) = (0.0, 0.0, 0)
        for index in 0..<chunks {
            let positions = index * chunk..<(index + 1) * chunk
            do throws(DataError) {
                try loaded?.load(positions, from: rows, order: order)
            } catch {
                throw .data(update: progress.updates + 1, error)
            }
            guard
                let weight = engine.gradient(
                    epoch: progress.epoch, order: order, positions: positions, loaded: loaded,
                    into: gradient)
            else {
                if engine.current.pointee.weight == 0 { continue }
                return nil
            }
            for place in 0..<count {
                let value = Double(gradient[place])
                sum[place] += weight * value
                squares += weight * value * value
            }
            weights += weight
            found += 1
        }
        guard found > 1 else { return nil }
        return GradientNoise(
            chunk: chunk, chunks: found, weight: weights, weightedSquares: squares,
            weightedSum: UnsafeBufferPointer(start: sum, count: count))
    }
}

extension LoadedRows {
    /// A whole batch at once.
    fileprivate func load(_ positions: Range<Int>, from source: Source, order: EpochOrder) throws(DataError) {
        largest = try fill(0..<positions.count, from: source, order: order, positions: positions)
        mix(positions, from: source, order: order)
    }
}
