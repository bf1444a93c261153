extension Trainer {
    /// The noise of the gradient, measured on the first examples of the epoch's order: whole chunks of the present
    /// batch. Nil where the chunks are fewer than two, or hold what is not finite, which the next update will say.
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
        var (squares, found) = (0.0, UpdateResult())
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
            let result = engine.result(rate: 0)
            found.lossSum += result.lossSum
            found.weight += result.weight
        }
        guard chunks > 1 else { return nil }
        return ChunkNoise(
            chunk: chunk, chunks: chunks, squares: squares, sum: UnsafeBufferPointer(start: sum, count: count),
            loss: found.meanLoss, population: order.isShuffle ? source.data.count : nil)
    }
}

extension LoadedRows {
    /// Loads a whole batch at once.
    func load(_ positions: Range<Int>, from source: Source, order: EpochOrder) throws(DataError) {
        Self.readAhead(source, order: order, positions: positions)
        largest = try fill(0..<positions.count, from: source, order: order, positions: positions)
        mix(positions, from: source, order: order)
    }
}
