import Foundation

// Batches that grow: the phase of the next update, and the decisions of norm tests.

extension Trainer {
    /// The engine for the next update, after the decision of a norm test where one is due.
    mutating func readyEngine() throws(TrainingError) -> Engine {
        if let engine, recipe.batch.grow == nil { return engine }
        var engine = try enterPhase()
        if mayDecide, let test = recipe.batch.grow?.normTest, isDue(test) {
            try decide(test, engine)
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

    // MARK: Norm test

    /// Whether there is a norm test whose batch may still grow.
    var mayDecide: Bool {
        guard let growth = recipe.batch.grow, growth.normTest != nil, let limit = growth.limit else { return false }
        return schedule.batches.phases[schedule.batches.phases.count - 1].size < limit
    }

    /// Whether a mark has gone by since the batch before began, and nothing has been decided there yet.
    private func isDue(_ test: BatchGrowth.NormTest) -> Bool {
        let (epoch, batch) = (progress.epoch, progress.batch)
        guard progress.updates > 0, progress.growth?.last?.examples != progress.examples,
            schedule.batches.phase(ofBatch: batch, inEpoch: epoch) == schedule.batches.phases.count - 1
        else { return false }
        let before = schedule.batches.place(ofUpdate: progress.updates - 1)
        return schedule.batches.marks(every: test.every, beforeBatch: batch, ofEpoch: epoch)
            > schedule.batches.marks(every: test.every, beforeBatch: before.batch, ofEpoch: before.epoch)
    }

    private mutating func decide(_ test: BatchGrowth.NormTest, _ engine: Engine) throws(TrainingError) {
        let size = schedule.batches.phases[phase].size
        if order.epoch != progress.epoch { order = orders.order(ofEpoch: progress.epoch) }
        guard let noise = try gradientNoise(sample: max(size, test.sample)),
            let next = recipe.batch.grow?.size(after: size, grain: engine.partition.grain, noise: noise),
            // no test where the batch has just grown: `last: drop` may have put that off to this batch
            schedule.batches.grow(to: next, at: .examples(progress.examples))
        else { return }
        progress.growth = (progress.growth ?? []) + [BatchDecision(examples: progress.examples, size: next)]
    }

    /// Measured on the first examples of the epoch's order: whole chunks of the present batch. Nil where the chunks are
    /// fewer than two, or hold what is not finite, which the next update will say.
    func gradientNoise(sample: Int) throws(TrainingError) -> ChunkNoise? {
        guard let engine else { return nil }
        let chunk: Int
        let loaded: LoadedRows?
        do throws(PlanError) {
            chunk = try plans.chunk(of: schedule.batches.phases[phase].size)
            loaded = loader == nil ? nil : try LoadedRows(rows, capacity: chunk)
        } catch {
            throw .growth(update: progress.updates + 1, batch: schedule.batches.phases[phase].size, error)
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
        var squares = 0.0
        for index in 0..<chunks {
            let positions = index * chunk..<(index + 1) * chunk
            do throws(DataError) {
                try loaded?.load(positions, from: rows, order: order)
            } catch {
                throw .data(update: progress.updates + 1, error)
            }
            guard
                engine.gradient(
                    epoch: progress.epoch, order: order, positions: positions, loaded: loaded, into: gradient)
            else { return nil }
            for place in 0..<count {
                let value = Double(gradient[place])
                sum[place] += value
                squares += value * value
            }
        }
        guard chunks > 1 else { return nil }
        return ChunkNoise(
            chunk: chunk, chunks: chunks, squares: squares, sum: UnsafeBufferPointer(start: sum, count: count))
    }
}

extension LoadedRows {
    /// Loads a whole batch at once.
    func load(_ positions: Range<Int>, from source: Source, order: EpochOrder) throws(DataError) {
        largest = try fill(0..<positions.count, from: source, order: order, positions: positions)
        mix(positions, from: source, order: order)
    }
}
