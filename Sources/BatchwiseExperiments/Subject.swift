import Batchwise
import BatchwiseData

/// The subject of a measurement: a recipe, its data, and the parameters that are looked at.
package struct Subject: Sendable {
    /// The recipe, with what the data decides filled in.
    package let recipe: Recipe
    package let data: LoadedData
    /// The parameters; nil: those that the recipe begins with.
    package let model: Model?
    package let machine: Machine
    /// The learning rate after a training; nil where there was none.
    private let trainedRate: Double?

    package init(_ recipe: Recipe, data: LoadedData, model: Model? = nil, machine: Machine = Machine()) throws {
        try self.init(recipe, data: data, model: model, machine: machine, trainedRate: nil)
    }

    private init(_ recipe: Recipe, data: LoadedData, model: Model?, machine: Machine, trainedRate: Double?) throws {
        self.trainedRate = trainedRate
        self.recipe = try recipe.completed(for: data)
        self.data = data
        self.model = model
        self.machine = machine
    }

    /// The subject after so long a training.
    package func trained(for length: TrainingLength, tick: () throws -> Void = {}) throws -> Subject {
        var trainer = try Trainer(
            recipe, data: data.train, validation: data.validation, startingFrom: model, machine: machine)
        var rate = trainer.nextLearningRate
        while !trainer.isFinished, length.count(trainer.progress, examplesPerEpoch: trainer.examplesPerEpoch) < 1 {
            try trainer.run(updates: 1) { rate = $0.learningRate }
            try tick()
        }
        if !trainer.isFinished { rate = trainer.nextLearningRate }
        return try Subject(recipe, data: data, model: trainer.model(), machine: machine, trainedRate: rate)
    }

    /// The same recipe and data at the parameters of a model.
    func at(_ model: Model) throws -> Subject { try Subject(recipe, data: data, model: model, machine: machine) }

    /// The learning rate of the next update at these parameters, or of the last where the run has no more.
    package func learningRate() throws -> Double {
        if let trainedRate { return trainedRate }
        return try Trainer.prepare(recipe, data: data.train, validation: data.validation, machine: machine)
            .learningRate(afterUpdates: model?.updates ?? 0)
    }

    /// The recipe with batches of a size, which do not grow; no epoch is judged by validation examples.
    package func recipe(batch size: Int) -> Recipe {
        var sized = recipe
        sized.batch.size = size
        sized.batch.grow = nil
        if size != recipe.batch.size {
            // lengths in updates may be longer than a run of larger batches; AdaScale needs a base batch that is smaller
            let rate = recipe.learningRate
            let hasGain = rate.scaling == .adaScale && size > rate.atBatch ?? size
            sized.learningRate =
                hasGain
                ? LearningRate(base: rate.base, atBatch: rate.atBatch, scaling: .adaScale)
                : LearningRate(base: rate.base)
        }
        if size != recipe.batch.size { (sized.batch.grain, sized.batch.lanes) = (nil, nil) }
        (sized.earlyStopping, sized.keptModel) = (nil, .last)
        return sized
    }

    /// A probe with batches of a size, of examples and layers as in training or without anything random. Throws
    /// ``MeasurementError/nothingTrains`` where all parameters are frozen.
    package func probe(batch: Int, needs: UpdateNeeds, asTrained: Bool = true) throws -> Probe {
        let probe = try Probe(
            recipe, data: data.train, startingFrom: model, batch: batch, needs: needs, machine: machine,
            asTrained: asTrained)
        guard !probe.parameters.isEmpty else { throw MeasurementError.nothingTrains }
        return probe
    }
}

extension TrainingLength {
    /// How many of these lengths a run has come; not a number for none of a length of 0.
    func count(_ progress: TrainingProgress, examplesPerEpoch: Int) -> Double {
        switch self {
        case .updates(let count): Double(progress.updates) / Double(count)
        case .examples(let count): Double(progress.examples) / Double(count)
        case .epochs(let count): Double(progress.examples) / (count * Double(examplesPerEpoch))
        }
    }
}
