/// Looks at a model whose parameters stay as they are, by updates whose rate is 0, on any examples.
///
/// Batches are the recipe's, with their grains and lanes; clipping, decay, averages and every choice of the optimizer are
/// left out. So numbers that are read have the bits that they have in training, for any threads and micro-batch.
/// A probe can also leave out what is random in training, for measures of the mean loss over all examples.
package struct Probe: ~Copyable {
    private var trainer: Trainer
    private let needs: UpdateNeeds
    private let loaded: LoadedRows?
    /// Running sums of equal chances, for draws with replacement.
    private let sums: [Double]
    /// The places of the trained parameters among all.
    private let indices: [Int]

    /// The settings that an update of rate 0 leaves alone: model, loss, batch, seed, and what is done to examples.
    private static func recipe(_ recipe: Recipe, batch: Int, examples: Int, asTrained: Bool) -> Recipe {
        var frozen = recipe
        if !asTrained {
            frozen.model = WithoutDropout(model: recipe.model)
            (frozen.augmentation, frozen.batch.sampling) = (Augmentation(), nil)
        }
        frozen.batch.size = min(batch, examples)
        frozen.batch.grow = nil
        frozen.batch.last = .keep
        if batch != recipe.batch.size { (frozen.batch.grain, frozen.batch.lanes) = (nil, nil) }
        (frozen.optimizer, frozen.sam, frozen.asynchronous) = (.sgd, nil, nil)
        frozen.learningRate = .constant(1)
        (frozen.clip, frozen.average, frozen.earlyStopping, frozen.keptModel) = (nil, nil, nil, .last)
        frozen.groups = recipe.groups.filter { $0.freeze == true }
        frozen.replicas = nil
        return frozen
    }

    /// Takes the memory for batches of a size.
    ///
    /// - Parameters:
    ///   - model: The parameters; nil: those that the recipe begins with.
    ///   - batch: The largest batch that is looked at; larger than the data set is the whole data set.
    ///   - needs: The numbers that are read.
    ///   - asTrained: Whether dropout, augmentation and sampling are those of training; otherwise there is none of them,
    ///     and an epoch visits each example once, as it is.
    package init(
        _ recipe: Recipe, data: Dataset, startingFrom model: Model? = nil, batch: Int, needs: UpdateNeeds,
        machine: Machine = Machine(), asTrained: Bool = true
    ) throws {
        let recipe = Self.recipe(
            try recipe.completed(for: data), batch: batch, examples: data.count, asTrained: asTrained)
        let trainer = try Trainer(
            recipe, data: data, startingFrom: model, machine: machine, quantities: [Needed(needs: needs)])
        loaded = trainer.loader == nil ? nil : try LoadedRows(trainer.rows, capacity: recipe.batch.size)
        sums = (1...data.count).map { Double($0) }
        indices = trainer.engine?.program.gradients.map(\.parameter) ?? []
        self.trainer = trainer
        self.needs = needs
    }

    private struct Needed: Quantity {
        var name: String { "measurement" }
        let needs: UpdateNeeds
        func value(of update: borrowing MeasuredUpdate) throws -> Int? { nil }
    }

    /// The number of examples of an epoch.
    package var examples: Int { trainer.orders.count }
    /// The plan of the updates.
    package var plan: Plan { trainer.plan }

    /// The order in which training visits the examples of an epoch, from 1.
    package func order(ofEpoch epoch: Int) -> EpochOrder { trainer.orders.order(ofEpoch: epoch) }

    /// An order that draws each example of the data set with replacement, all with the same chance.
    package func draws(ofEpoch epoch: Int) -> EpochOrder {
        let draws = WeightedDraws(sums: sums, seed: trainer.recipe.seed, epoch: epoch)
        return EpochOrder(count: sums.count, seed: trainer.recipe.seed, epoch: epoch, draws: draws)
    }

    // MARK: Parameters

    /// The parameters that are trained, in the order in which a ``MeasuredUpdate`` counts them.
    package var parameters: [Parameter] { indices.map { trainer.trained.layout.parameters[$0] } }

    /// The numbers of each trained parameter, in the order of its shape.
    package var values: [[Float]] {
        indices.map { trainer.trained.layout.read($0, from: trainer.trained.pointers.parameters) }
    }

    /// Goes to other values of the trained parameters. Frozen parameters and running statistics stay as they are.
    package mutating func setValues(_ values: [[Float]]) {
        precondition(values.map(\.count) == parameters.map(\.count), "each parameter keeps its count of numbers")
        for (index, numbers) in zip(indices, values) { trainer.trained.setParameter(index, numbers) }
        trainer.engine?.flipMirrors()
    }

    // MARK: Looking

    /// Lends the numbers of an update on the examples at these positions of an epoch's order.
    ///
    /// Throws `TrainingError.notFinite` where a loss or gradient is not finite.
    package mutating func look<Result>(
        at positions: Range<Int>, ofEpoch epoch: Int = 1, _ body: (borrowing MeasuredUpdate) throws -> Result
    ) throws -> Result {
        if trainer.order.epoch != epoch { trainer.order = trainer.orders.order(ofEpoch: epoch) }
        return try look(at: positions, of: trainer.order, dropout: epoch, body)
    }

    /// Lends the numbers of an update on the examples at these positions of an order, with the dropout of an epoch.
    package mutating func look<Result>(
        at positions: Range<Int>, of order: EpochOrder, dropout epoch: Int,
        _ body: (borrowing MeasuredUpdate) throws -> Result
    ) throws -> Result {
        precondition(positions.count <= trainer.recipe.batch.size && !positions.isEmpty)
        trainer.order = order
        let engine = try trainer.readyEngine()
        let next = NextUpdate(number: 1, epoch: epoch, positions: positions, rate: 0, needs: needs)
        do throws(DataError) {
            try loaded?.load(positions, from: trainer.rows, order: trainer.order)
        } catch {
            throw TrainingError.data(update: 1, error)
        }
        guard let result = engine.update(next, order: trainer.order, loaded: loaded) else {
            throw TrainingError.notFinite(update: 1, epoch: epoch, layer: engine.layerThatFailed(), learningRate: 0)
        }
        var update = MeasuredUpdate(engine, next, result, try trainer.products(for: next, engine))
        update.needs = needs
        return try body(update)
    }
}
