/// Runs a recipe on a data set.
///
/// ```swift
/// let digits = Dataset.digits()
/// let recipe = Recipe(model: LayerList { Dense(64); ReLU(); Dense(.classes) }, epochs: 20)
/// var trainer = try Trainer(recipe, data: digits.train)
/// let model = try trainer.run()
/// print(try model.evaluate(digits.test).accuracy ?? 0)  // 0.97
/// ```
/// The result is a pure function of recipe and data: `Machine` cannot change a bit of it.
public struct Trainer: ~Copyable {
    /// The recipe, with what the data decides filled in.
    public let recipe: Recipe
    /// What this machine does for it.
    public let plan: Plan
    /// How far the run is.
    public internal(set) var progress = TrainingProgress()
    /// How the model did on the validation examples at the end of the last epoch; nil without any.
    public internal(set) var validation: Evaluation?
    /// Seconds that went into that.
    public internal(set) var validationTime = 0.0

    let engine: Engine
    private let schedule: BatchSchedule
    private let rate: LearningRate.Resolved
    private let outputs: Int
    private let orders: EpochOrders
    private var order: EpochOrder
    /// For linear models and batches of one.
    var linear: LinearUpdates?
    /// For features that are not in memory as they are.
    private let loader: Loader?
    let validationData: Dataset?
    let machine: Machine
    /// The parameters of the best epoch so far, where the recipe keeps them.
    var bestValues: [[Float]]?
    /// What the last updates found.
    private let results: UnsafeMutableBufferPointer<UpdateResult>

    /// Plans the run. Throws `RecipeError`, `GraphError` or `PlanError` before anything is computed.
    ///
    /// The model is compared with the `validation` examples after every epoch. They change nothing but what the
    /// recipe's early stopping and kept model say.
    public init(_ recipe: Recipe, data: Dataset, validation: Dataset? = nil, machine: Machine = Machine()) throws {
        let recipe = try recipe.completed(for: data)
        try recipe.check()
        let loss = recipe.loss ?? .meanSquaredError()
        try recipe.checkMetrics(isClassification: loss.isClassification, hasValidation: validation != nil)
        let (outputs, targetWidth) = try BatchSource.widths(data, loss)
        var graph = try recipe.model.graph(inputShape: data.featureShape, outputs: outputs, purpose: .training)
        try graph.checkPrediction(outputs)
        // a mixture of two classes: see `bw_softmax_cross_entropy`
        let mixes = recipe.augmentation.mixup != nil && targetWidth == 0
        graph.appendLoss(loss, targetWidth: mixes ? 3 : targetWidth, withGradients: true)
        guard !recipe.augmentation.changesImages || PixelGrid(data) != nil else {
            throw PlanError.mismatch(
                "augment changes images, and an example here has the shape \(data.featureShape): remove augment")
        }
        guard recipe.precision.isAvailable else {
            throw PlanError.mismatch(
                "precision bfloat16 needs a processor with AVX512-BF16, and this one has none: use precision: float32")
        }
        if case .sparse(let rows) = data.features, rows.areThin, recipe.augmentation.mixup == nil {
            graph.readSparseRows()
        }
        if recipe.augmentation.mixup != nil, graph.readsIds {
            throw PlanError.mismatch("augment mixes features, and an embedding reads ids: remove mixup")
        }
        if recipe.precision == .bfloat16 { graph.multiplyInBFloat16() }
        let orders = try EpochOrders(
            data, sampling: recipe.batch.sampling, block: recipe.batch.block, seed: recipe.seed)
        let schedule = BatchSchedule(examples: orders.count, batch: recipe.batch.size, last: recipe.batch.last)
        guard schedule.batchesPerEpoch > 0 else {
            throw PlanError.noBatches(examples: orders.count, batch: recipe.batch.size)
        }
        let rate = try recipe.learningRate.resolved(
            examplesPerEpoch: schedule.examplesPerEpoch, batch: min(recipe.batch.size, orders.count),
            epochs: recipe.epochs)

        try graph.checkIds(in: data)
        let execution = try Planner(
            graph: graph, batch: recipe.batch, optimizer: recipe.optimizer, machine: machine, examples: orders.count
        ).prepare()
        let rows = LoadedRows.Source(data: data, augmentation: recipe.augmentation, seed: recipe.seed)
        let threads = machine.resolvedLoadingThreads
        var plan = execution.summary(recipe, data: data, schedule: schedule, rate: rate)
        if case .streamed(let features) = data.features, recipe.batch.block == nil,
            features.reader.storedBytes > memoryLimit / 2
        {
            plan.notices.append(
                "\(byteText(features.reader.storedBytes)) of features are shuffled one by one, and the memory is "
                    + "\(byteText(memoryLimit)): batch.block: 1024 shuffles blocks, which a disk reads many times as fast"
            )
        }
        if rows.isLoaded {
            plan.bytes.data += Loader.byteCount(rows, batch: min(recipe.batch.size, orders.count), threads: threads)
        }
        // Weights that decide how often an example comes do not count once more.
        let drawn = recipe.batch.sampling?.basis == .weights ? data.withoutWeights : data
        let engine = try Engine(execution, source: BatchSource(data: drawn, loss: loss), seed: recipe.seed)
        let layout = engine.layout
        engine.setParameters(
            layout.parameters.enumerated().map { $1.initialValues(seed: recipe.seed, index: $0) })
        let loader =
            rows.isLoaded
            ? try Loader(
                rows, orders: orders, schedule: schedule, epochs: recipe.epochs, threads: threads) : nil
        self.recipe = recipe
        self.plan = plan
        self.engine = engine
        self.schedule = schedule
        self.rate = rate
        self.outputs = outputs
        self.orders = orders
        order = orders.order(ofEpoch: 1)
        self.loader = loader
        linear = loader == nil ? LinearUpdates(engine, batch: schedule.batch) : nil
        results = .allocate(capacity: LinearUpdates.most)
        results.initialize(repeating: UpdateResult())
        validationData = validation
        self.machine = machine
        if recipe.earlyStopping != nil || recipe.kept != .last { progress.selection = EpochSelection() }
    }

    deinit {
        loader?.stop()
        results.deallocate()
    }

    /// Whether every epoch of the recipe has been run, or its early stopping has ended the run.
    public var isFinished: Bool { progress.epoch > recipe.epochs || hasStoppedEarly }

    /// Seconds that updates have waited for examples; 0 where all are in memory.
    public var stall: Double { loader?.stall ?? 0 }

    /// Updates in the whole run, if nothing ends it early.
    public var totalUpdates: Int { schedule.batchesPerEpoch * recipe.epochs }

    /// Trains from where the run is to its end, and gives the model that the recipe asks for.
    @discardableResult
    public mutating func run() throws(TrainingError) -> Model {
        while !isFinished { _ = try advance(.max) }
        return result()
    }

    /// Trains from where the run is to its end, or until `body` says stop; call it again to go on.
    ///
    /// `body` is called after every update.
    @discardableResult
    public mutating func run(_ body: (UpdateReport) throws -> UpdateReport.Next) throws -> Model {
        while !isFinished {
            if try body(update()) == .stop { break }
        }
        return result()
    }

    /// Runs so many updates, or those left where they are fewer, and hands over their reports, a few at a time where
    /// updates are faster than reports.
    public mutating func run(updates: Int, _ body: (UpdateReport) throws -> Void) throws {
        var left = updates
        while left > 0, !isFinished {
            var seen = progress
            let done = try advance(left)
            for index in 0..<done { try body(report(results[index], &seen)) }
            left -= done
        }
    }

    /// Runs one update. After the last epoch of the recipe it goes on with further ones, at the rate of the end.
    public mutating func update() throws(TrainingError) -> UpdateReport {
        var seen = progress
        _ = try advance(1)
        return report(results[0], &seen)
    }

    /// Runs updates of one epoch, at most `limit`, leaves what they found in `results`, and returns how many there were.
    private mutating func advance(_ limit: Int) throws(TrainingError) -> Int {
        let epoch = progress.epoch
        let number = progress.updates + 1
        if order.epoch != epoch { order = orders.order(ofEpoch: epoch) }
        var done = 0
        if let linear {
            let first = progress.batch
            let last = first + min(limit, schedule.batchesPerEpoch - first)
            let (rate, examples) = (rate, progress.examples)
            done = linear.run(
                order: order, positions: first..<last, rate: { rate.rate(afterExamples: examples + $0) }, found: results
            )
        }
        if done == 0 {
            let rate = rate.rate(afterExamples: progress.examples)
            let positions = schedule.rows(ofBatch: progress.batch)
            let loaded: LoadedRows?
            do throws(DataError) {
                loaded = try loader?.batch(progress.batch, epoch: epoch)
            } catch {
                throw .data(update: number, error)
            }
            guard
                let result = engine.update(
                    epoch: epoch, order: order, positions: positions, rate: rate, number: number, loaded: loaded)
            else {
                guard engine.current.pointee.weight > 0 else { throw .noWeight(update: number, epoch: epoch) }
                throw .notFinite(update: number, epoch: epoch, layer: engine.layerThatFailed(), learningRate: rate)
            }
            results[0] = result
            done = 1
        }
        // an update whose own numbers overflow is seen by the next one; after the last there is none
        if number + done - 1 == totalUpdates, let name = engine.parameterThatIsNotFinite() {
            throw .notFinite(update: totalUpdates, epoch: epoch, layer: name, learningRate: results[done - 1].rate)
        }
        for index in 0..<done {
            progress.selection?.add(results[index])
            progress.advance(schedule)
        }
        if progress.batch == 0 { try finishEpoch(epoch, rate: results[done - 1].rate) }
        return done
    }

    /// What an update found, which is the next after `seen`.
    private func report(_ result: UpdateResult, _ seen: inout TrainingProgress) -> UpdateReport {
        let (epoch, before) = (seen.epoch, seen.examples)
        seen.advance(schedule)
        return UpdateReport(
            index: seen.updates, epoch: epoch, batch: seen.examples - before, examples: seen.examples,
            loss: result.lossSum / result.weight,
            accuracy: engine.source.loss.isClassification ? result.rightSum / result.weight : nil,
            learningRate: result.rate, weight: result.weight, endsEpoch: seen.batch == 0,
            validation: seen.batch == 0 ? validation : nil)
    }

    /// The model as it is now.
    public func model() -> Model { model(of: engine.parameterValues(), updates: progress.updates) }

    func model(of values: [[Float]], updates: Int) -> Model {
        Model(
            recipe: recipe, inputShape: engine.source.data.featureShape, outputs: outputs,
            parameters: engine.layout.parameters, values: values, updates: updates)
    }

    /// All that the rest of the run depends on.
    package func checkpoint() -> Checkpoint {
        var checkpoint = Checkpoint(model: model(), progress: progress, optimizerState: engine.stateValues())
        checkpoint.vectors[Checkpoint.bestEpoch] = bestValues
        return checkpoint
    }

    /// Goes on from a checkpoint of the same recipe.
    package mutating func restore(_ checkpoint: Checkpoint) throws(CheckpointError) {
        let parameters = engine.layout.parameters
        let seen = checkpoint.progress
        guard seen.epoch <= recipe.epochs + 1, seen.batch < schedule.batchesPerEpoch,
            seen.updates == (seen.epoch - 1) * schedule.batchesPerEpoch + seen.batch,
            seen.examples == (seen.epoch - 1) * schedule.examplesPerEpoch
                + (seen.batch == 0 ? 0 : schedule.rows(ofBatch: seen.batch - 1).upperBound)
        else { throw .malformed(path: nil, reason: "the checkpoint's place is not one of this run") }
        guard checkpoint.model.parameters.map(\.name) == parameters.map(\.name),
            checkpoint.model.parameters.map(\.shape) == parameters.map(\.shape),
            checkpoint.optimizerState.count == engine.states.count
        else { throw .malformed(path: nil, reason: "the checkpoint belongs to another model or optimizer") }
        let best = checkpoint.vectors[Checkpoint.bestEpoch]
        guard (seen.selection == nil) == (progress.selection == nil), (seen.selection?.kept == nil) == (best == nil)
        else { throw .malformed(path: nil, reason: "the checkpoint's best epoch is not one of this run") }
        engine.setParameters(checkpoint.model.values)
        engine.setState(checkpoint.optimizerState)
        progress = checkpoint.progress
        bestValues = best
    }
}

extension Graph {
    /// The model must give as many numbers as the targets ask for.
    func checkPrediction(_ outputs: Int) throws(GraphError) {
        let shape = shape(prediction)
        guard shape.hasBatch, shape.elements == outputs, shape.count == 2 else {
            throw .output(expected: "[batch, \(outputs)]", found: shape)
        }
    }
}

extension Engine {
    /// The optimizer's vectors: for each, one array a parameter, in the order of its shape.
    func stateValues() -> [[[Float]]] {
        states.map { state in layout.parameters.indices.map { layout.read($0, from: state) } }
    }

    func setState(_ values: [[[Float]]]) {
        for (state, vectors) in zip(states, values) {
            for (index, vector) in vectors.enumerated() { layout.write(vector, index, to: state) }
        }
    }
}
