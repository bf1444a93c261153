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

    /// For the batches of the present phase.
    var engine: Engine
    var schedule: BatchSchedule
    var phase = 0
    let plans: BatchPlans
    let rate: LearningRate.Resolved
    private let averaging: WeightAverage.Schedule?
    private let outputs: Int
    let orders: EpochOrders
    let validationData: Dataset?
    let machine: Machine
    /// The parameters of the best epoch so far, where the recipe keeps them.
    var bestValues: [[Float]]?
    var order: EpochOrder
    /// For linear models and batches of one.
    var linear: LinearUpdates?
    /// For features that are not in memory as they are.
    private(set) var loader: Loader?
    let rows: LoadedRows.Source
    private let loadingThreads: Int
    /// Seconds that earlier loaders let updates wait.
    private var stalled = 0.0
    /// What the last updates found.
    let results: UnsafeMutableBufferPointer<UpdateResult>

    /// Plans the run. Throws `RecipeError`, `GraphError` or `PlanError` before anything is computed.
    ///
    /// The model is compared with the `validation` examples after every epoch. They change nothing but what the recipe's
    /// early stopping and kept model say. With `measuresNorms`, updates report the norm of the gradient and their own
    /// length, which takes time and memory and changes no bit of the result.
    public init(
        _ recipe: Recipe, data: Dataset, validation: Dataset? = nil, machine: Machine = Machine(),
        measuresNorms: Bool = false
    ) throws {
        try self.init(
            Self.prepare(
                recipe, data: data, validation: validation, machine: machine, measuresNorms: measuresNorms))
    }

    /// Takes the memory, and starts the threads.
    init(_ prepared: PreparedRun) throws {
        let recipe = prepared.recipe
        let schedule = prepared.schedule
        let engine = try Engine(prepared.execution, source: prepared.source, seed: recipe.seed)
        engine.initialiseParameters(seed: recipe.seed)
        let loader =
            prepared.rows.isLoaded
            ? try Loader(
                prepared.rows, orders: prepared.orders, schedule: schedule, phase: 0, epochs: recipe.epochs,
                threads: prepared.machine.resolvedLoadingThreads) : nil
        self.recipe = recipe
        self.plan = prepared.plan
        self.engine = engine
        self.schedule = schedule
        plans = prepared.plans
        rate = prepared.rate
        averaging = prepared.averaging
        outputs = prepared.outputs
        orders = prepared.orders
        order = prepared.orders.order(ofEpoch: 1)
        rows = prepared.rows
        loadingThreads = prepared.machine.resolvedLoadingThreads
        self.loader = loader
        if case .plateau = recipe.learningRate.decay { progress.plateau = PlateauState() }
        results = .allocate(capacity: LinearUpdates.most)
        results.initialize(repeating: UpdateResult())
        validationData = prepared.validation
        machine = prepared.machine
        if recipe.earlyStopping != nil || recipe.kept != .last { progress.selection = EpochSelection() }
        takeShortWay()
    }

    /// Goes over to the batches of another phase of the schedule.
    mutating func enter(_ next: Int) throws(PlanError) {
        let plan = try plans.plan(of: schedule.phases[next].size)
        engine = try Engine(plan, source: engine.source, seed: recipe.seed, after: engine)
        if let loader {
            loader.stop()
            stalled += loader.stall
        }
        loader = nil
        if rows.isLoaded {
            loader = try Loader(
                rows, orders: orders, schedule: schedule, phase: next, epochs: recipe.epochs, threads: loadingThreads)
        }
        phase = next
        takeShortWay()
    }

    /// The short way of batches that are single examples, where there is one. A norm test stops between two updates.
    private mutating func takeShortWay() {
        let isPlain =
            loader == nil && recipe.learningRate.decay.momentum == nil && recipe.batch.grow?.normTest == nil
        linear = isPlain ? LinearUpdates(engine, batch: schedule.phases[phase].size) : nil
    }

    deinit {
        loader?.stop()
        results.deallocate()
    }

    /// Whether every epoch of the recipe has been run, or its early stopping has ended the run.
    public var isFinished: Bool { progress.epoch > recipe.epochs || hasStoppedEarly }

    /// Seconds that updates have waited for examples; 0 where all are in memory.
    public var stall: Double { stalled + (loader?.stall ?? 0) }

    /// Updates in the whole run; where norm tests decide, as far as they have.
    public var totalUpdates: Int { schedule.updates(beforeBatch: 0, ofEpoch: recipe.epochs + 1) }

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
        if progress.batch == 0 { try judgeEpoch() }
        if recipe.batch.grow != nil { try growBatch() }
        let epoch = progress.epoch
        let number = progress.updates + 1
        if order.epoch != epoch { order = orders.order(ofEpoch: epoch) }
        var done = 0
        if let linear {
            let first = progress.batch
            let end = schedule.phases.dropFirst(phase + 1).first { $0.epoch == epoch }?.batch
            let last = first + min(limit, (end ?? schedule.batches(inEpoch: epoch)) - first)
            let (rate, examples, plateau) = (rate, progress.examples, progress.plateau)
            done = linear.run(
                order: order, positions: first..<last,
                rate: { rate.rate(afterExamples: examples + $0, plateau: plateau) }, found: results)
        }
        if done == 0 {
            let clock = schedule.rateClock(beforeBatch: progress.batch, ofEpoch: epoch)
            let momentum = momentum(rate.momentum(afterExamples: clock))
            let rate = rateFactor * rate.rate(afterExamples: clock, plateau: progress.plateau)
            let positions = schedule.rows(ofBatch: progress.batch, inEpoch: epoch)
            let loaded: LoadedRows?
            do throws(DataError) {
                loaded = try loader?.batch(progress.batch, epoch: epoch)
            } catch {
                throw .data(update: number, error)
            }
            guard
                let result = engine.update(
                    epoch: epoch, order: order, positions: positions, rate: rate, number: number, loaded: loaded,
                    momentum: momentum, averageWeight: averageWeight(positions.count))
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
            progress.plateau?.add(results[index])
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
            validation: seen.batch == 0 ? validation : nil,
            gradientNorm: result.gradientNorm, updateRatio: result.updateRatio)
    }

    /// The weight of the parameters in their average after the next update.
    private func averageWeight(_ examples: Int) -> Float {
        averaging?.weight(
            before: progress.examples, after: progress.examples + examples, count: engine.averaged) ?? 0
    }

    /// The model as it is now: the average of its parameters where the recipe has one and updates are in it.
    public func model() -> Model { model(of: valuesOfModel, updates: progress.updates) }

    var valuesOfModel: [[Float]] { engine.averageValues() ?? engine.parameterValues() }

    func model(of values: [[Float]], updates: Int) -> Model {
        Model(
            recipe: recipe, inputShape: engine.source.data.featureShape, outputs: outputs,
            parameters: engine.layout.parameters, values: values, updates: updates)
    }

    /// All that the rest of the run depends on.
    package func checkpoint() -> Checkpoint {
        var progress = progress
        progress.averaged = engine.averaged > 0 ? engine.averaged : nil
        var checkpoint = Checkpoint(
            model: model(of: engine.parameterValues(), updates: progress.updates), progress: progress,
            optimizerState: engine.stateValues())
        checkpoint.vectors[Checkpoint.bestEpoch] = bestValues
        checkpoint.vectors[Checkpoint.average] = engine.averageValues()
        return checkpoint
    }

    /// Goes on from a checkpoint of the same recipe.
    package mutating func restore(_ checkpoint: Checkpoint) throws(CheckpointError) {
        let parameters = engine.layout.parameters
        let seen = checkpoint.progress
        guard let schedule = schedule(at: seen) else {
            throw .malformed(path: nil, reason: "the checkpoint's place is not one of this run")
        }
        guard (seen.plateau == nil) == (progress.plateau == nil), seen.plateau?.isPossible(in: seen) ?? true else {
            throw .malformed(path: nil, reason: "what its learning rate has seen is not of this run")
        }
        guard checkpoint.model.parameters.map(\.name) == parameters.map(\.name),
            checkpoint.model.parameters.map(\.shape) == parameters.map(\.shape),
            checkpoint.optimizerState.count == engine.states.count
        else { throw .malformed(path: nil, reason: "the checkpoint belongs to another model or optimizer") }
        let best = checkpoint.vectors[Checkpoint.bestEpoch]
        guard (seen.selection == nil) == (progress.selection == nil), (seen.selection?.kept == nil) == (best == nil)
        else { throw .malformed(path: nil, reason: "the checkpoint's best epoch is not one of this run") }
        let average = checkpoint.vectors[Checkpoint.average]
        guard (average == nil) == (seen.averaged == nil), average == nil || recipe.average != nil,
            (0...seen.updates).contains(seen.averaged ?? 0)
        else { throw .malformed(path: nil, reason: "the checkpoint's average is not one of this run") }
        engine.setParameters(checkpoint.model.values)
        engine.setState(checkpoint.optimizerState)
        engine.setAverage(average, count: seen.averaged ?? 0)
        progress = checkpoint.progress
        bestValues = best
        self.schedule = schedule
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
