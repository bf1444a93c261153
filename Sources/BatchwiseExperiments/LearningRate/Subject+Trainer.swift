import Batchwise

extension Subject {
    /// The number of examples of an epoch, which no batch can exceed.
    var epochLength: Int {
        get throws {
            try EpochOrders(
                data.train, sampling: recipe.batch.sampling, block: recipe.batch.block, seed: recipe.seed
            ).count
        }
    }

    /// The rate of the recipe at its peak, for batches of a size.
    func recipeRate(batch: Int) -> Double { recipe.learningRate.peak(batch: batch) }

    /// The recipe with another batch, rate and seed, long enough for so many updates, all of whole batches.
    func recipe(batch: Int, rate: LearningRate, updates: Int, seed: UInt64) throws -> Recipe {
        var changed = recipe
        changed.batch.size = batch
        changed.batch.grow = nil
        changed.batch.last = .drop
        if batch != recipe.batch.size { (changed.batch.grain, changed.batch.lanes) = (nil, nil) }
        changed.learningRate = rate
        (changed.average, changed.earlyStopping, changed.keptModel) = (nil, nil, .last)
        let perEpoch = max(try epochLength / batch, 1)
        changed.epochs = (updates + perEpoch - 1) / perEpoch
        changed.seed = seed
        return changed
    }

    /// A trainer of its own that begins at the subject's parameters with a new optimizer; it changes nothing else.
    func trainer(batch: Int, rate: LearningRate, updates: Int, seed: UInt64) throws -> Trainer {
        try Trainer(
            recipe(batch: batch, rate: rate, updates: updates, seed: seed), data: data.train, startingFrom: model,
            machine: machine)
    }
}
