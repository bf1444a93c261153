#if canImport(Glibc)
    import Glibc
#endif

/// Runs a recipe on a data set.
///
/// ```swift
/// let digits = Dataset.digits()
/// let recipe = Recipe(
///     model: LayerList {
///         Dense(64)
///         ReLU()
///         Dense(.classes)
///     }, epochs: 20)
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
    /// How far the run is: with the trained state and the best parameters, all that a checkpoint needs.
    public internal(set) var progress: TrainingProgress
    /// How the model did on the validation examples at the end of the last epoch; nil without any.
    public internal(set) var validation: Evaluation?
    /// Seconds that went into that.
    public internal(set) var validationTime = 0.0

    // what is trained
    let trained: TrainedState
    /// The parameters of the best epoch so far, where the recipe keeps them.
    var bestValues: [[Float]]?

    // when and on what: functions of recipe, data and progress
    var schedule: UpdateSchedule
    let judge: EpochJudge
    let orders: EpochOrders
    var order: EpochOrder
    let source: BatchSource
    let validationData: Dataset?
    /// The number of outputs of the model for an example.
    package let outputs: Int
    private let isClassification: Bool

    // machinery
    let machine: Machine
    /// Joins this process with those that it trains together with; nil where it is alone.
    let communicator: (any Communicator)?
    let plans: BatchPlans
    /// For the batches of `phase`; nil where its memory could not be had, which the next update tries again.
    var engine: Engine?
    var phase = 0
    /// The last decision about the size of the batch, where the gradient's noise decides.
    var decision: GrowthDecision?
    /// The replicas of this process while they train apart; the engine is nil then.
    var replicaGroup: ReplicaGroup?
    let replicaPlans: BatchPlans?
    let placement: ReplicaPlacement?
    /// The examples that one model is trained on before replicas train apart; nil where they never do.
    let replicaStart: Double?
    /// For linear models and batches of one.
    var linear: LinearUpdates?
    /// For updates of linear models by several threads at once, where the recipe asks for them.
    let hogwild: HogwildUpdates?
    /// For updates by several processes that do not wait for each other.
    let served: ServedParameters?
    /// For updates by several processes that do not wait for the last of them.
    let backedUp: BackedUpParameters?
    /// Seconds that this process sleeps before each gradient, so that tests see a slow process.
    package var slowdown = 0.0
    /// For features that are not in memory as they are.
    var loader: Loader?
    let rows: LoadedRows.Source
    /// Seconds that earlier loaders let updates wait.
    var stalled = 0.0
    /// The quantities that are computed of updates, and their values for the last one.
    let quantities: [any Quantity]
    var measurements = Measurements()
    let productPlans: HessianProducts.Plans?
    /// For the batches of `phase`; nil until an update needs it.
    var products: HessianProducts?
    /// The findings of the last updates.
    let results: UnsafeMutableBufferPointer<UpdateResult>

    /// Plans the run. Throws `RecipeError`, `GraphError` or `PlanError` before anything is computed.
    ///
    /// The model is compared with the `validation` examples after every epoch. They change nothing but what the recipe's
    /// early stopping and kept model say. Updates report the values of the `quantities`, which takes time and memory and
    /// changes no bit of the result; throws `QuantityError` where one cannot be computed of this model.
    ///
    /// With a saved `model` the run begins with its parameters, those that `loading` selects by name; the plan's notices
    /// say how many. The result is then a function of recipe, data and that model. Parameters that are to stay as they
    /// are belong to a ``ParameterGroup`` that freezes them. Throws `ParameterSelectionError` where they do not fit.
    ///
    /// ```swift
    /// let recipe = Recipe(model: Classifier(), epochs: 5, groups: [ParameterGroup(match: "0", freeze: true)])
    /// var trainer = try Trainer(recipe, data: train, startingFrom: saved, loading: .except(["logits"]))
    /// ```
    public init(
        _ recipe: Recipe, data: Dataset, validation: Dataset? = nil, startingFrom model: Model? = nil,
        loading selection: ParameterSelection = .all, machine: Machine = Machine(), quantities: [any Quantity] = []
    ) throws {
        var prepared = try Self.prepare(
            recipe, data: data, validation: validation, machine: machine, quantities: quantities)
        if let model { try prepared.begin(with: SavedParameters(model), selection) }
        try self.init(prepared)
    }

    /// Takes the memory, and starts the threads. A trainer `forMeasuring` is for its speed alone, not for its parameters.
    package init(_ prepared: PreparedRun, communicator: (any Communicator)? = nil, forMeasuring: Bool = false) throws {
        if !forMeasuring { try prepared.requireStart() }
        let beginsApart = prepared.replicaStart == 0
        let served = try ServedParameters(prepared.execution.layout, prepared.recipe, communicator)
        let backedUp = try BackedUpParameters(prepared.execution.layout, prepared.recipe, communicator)
        // with a server, each process computes gradients by itself
        let joining = served == nil && backedUp == nil ? communicator : nil
        let trained = try TrainedState(prepared.execution, sharedBy: prepared.placement == nil ? joining : nil)
        if !trained.isBegunElsewhere {
            if forMeasuring {
                trained.initialiseForMeasuring(seed: prepared.recipe.seed)
            } else {
                trained.initialise(seed: prepared.recipe.seed)
            }
            for (index, numbers) in prepared.loaded?.values ?? [] { trained.setParameter(index, numbers) }
        }
        joining?.meet()
        trained.beginVersions()
        let schedule = UpdateSchedule(
            prepared.recipe, batches: prepared.schedule, rate: prepared.rate, averaging: prepared.averaging,
            adaScale: prepared.adaScale)
        let engine =
            beginsApart
            ? nil
            : try Engine(
                prepared.execution, on: trained.pointers, source: prepared.source, seed: prepared.recipe.seed,
                communicator: joining)
        engine?.flipMirrors()
        let group =
            beginsApart
            ? try ReplicaGroup(prepared, from: trained, prepared.execution, communicator: communicator) : nil
        try group?.prepare(prepared.execution, source: prepared.source, seed: prepared.recipe.seed)
        let hogwild = try HogwildUpdates(engine, prepared)
        let share =
            beginsApart
            ? prepared.placement?.share : Self.share(prepared.execution, joining, products: prepared.products != nil)
        let loader = try Self.loader(
            prepared.rows, prepared.orders, schedule, 0, prepared.machine, share: share)
        self.trained = trained
        self.schedule = schedule
        recipe = prepared.recipe
        plan = prepared.plan
        judge = EpochJudge(prepared.recipe)
        progress = judge.begun
        if prepared.adaScale != nil { progress.adaScale = AdaScaleState() }
        orders = prepared.orders
        order = prepared.orders.order(ofEpoch: 1)
        source = prepared.source
        validationData = prepared.validation
        outputs = prepared.outputs
        isClassification = prepared.source.loss.isClassification
        machine = prepared.machine
        self.communicator = communicator
        plans = prepared.plans
        replicaPlans = prepared.replicaPlans
        placement = prepared.placement
        replicaStart = prepared.replicaStart
        rows = prepared.rows
        quantities = prepared.quantities
        productPlans = prepared.products
        self.hogwild = hogwild
        results = .allocate(
            capacity: hogwild != nil
                ? HogwildUpdates.most
                : served != nil || backedUp != nil ? ServedParameters.most : LinearUpdates.most)
        results.initialize(repeating: UpdateResult())
        self.served = served
        self.backedUp = backedUp
        replicaGroup = group
        if let engine { take(engine, loader) } else { self.loader = loader }
    }

    deinit {
        loader?.stop()
        results.deallocate()
    }

    /// Whether every epoch of the recipe has been run (with AdaScale, every update of its base batch has been made), or
    /// its early stopping has ended the run.
    public var isFinished: Bool { hasTrainedAll || hasStoppedEarly }

    /// Seconds that updates have waited for examples; 0 where all are in memory.
    public var waitingTime: Double { stalled + (loader?.stall ?? 0) }

    /// Updates in the whole run; where the gradient's noise grows the batch, as far as it has; with AdaScale, at most.
    public var totalUpdates: Int { schedule.batches.updates(beforeBatch: 0, ofEpoch: epochLimit + 1) }

    /// The learning rate as a function of the examples seen.
    package var rate: LearningRate.Resolved { schedule.rate }

    // MARK: Running

    /// Trains from where the run is to its end, and gives the model that the recipe asks for.
    @discardableResult
    public mutating func run() throws(TrainingError) -> Model {
        while !isFinished { _ = try advance(.max) }
        return keptModel()
    }

    /// Trains from where the run is to its end, or until `body` says stop; call it again to go on.
    ///
    /// `body` is called after every update.
    @discardableResult
    public mutating func run(_ body: (UpdateReport) throws -> UpdateReport.Next) throws -> Model {
        while !isFinished {
            if try body(update()) == .stop { break }
        }
        return keptModel()
    }

    /// Runs so many updates, or those left where they are fewer, and hands over their reports, a few at a time where
    /// updates are faster than reports.
    public mutating func run(updates: Int, _ body: (UpdateReport) throws -> Void) throws {
        try run(updates: updates, reporting: { _ in true }, others: { _ in }, body)
    }

    /// Runs so many updates, and hands over the reports of those whose numbers are asked for. Where many are made at
    /// once, as of a linear model by single examples, `others` gets the findings of those that nobody asks for, except for
    /// the first and the last of them: their reports would take as long as the updates.
    package mutating func run(
        updates: Int, reporting isReported: (_ update: Int) -> Bool, others: (UpdateFindings) -> Void,
        _ body: (UpdateReport) throws -> Void
    ) throws {
        let batches = schedule.batches
        var left = updates
        while left > 0, !isFinished {
            var seen = progress
            let done = try advance(left)
            // one report for all of them: copies of it would take as long as updates of a linear model
            var report = report(results[0], &seen)
            try body(report)
            for index in 1..<done {
                guard index == done - 1 || isReported(seen.updates + 1) else {
                    others(UpdateFindings(results[index], examples: seen.advance(batches), isClassification))
                    continue
                }
                report.tell(results[index], batches, &seen)
                if report.endsEpoch { report.validation = validation }
                try body(report)
            }
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
        // nobody reads parameters that another process is putting into their place
        communicator?.meet()
        try judge.closeLastEpoch(&progress)
        if trainsApart { return try advanceReplicas(limit) }
        let engine = try readyEngine()
        if order.epoch != progress.epoch { order = orders.order(ofEpoch: progress.epoch) }
        let done =
            if let served {
                try servedUpdates(limit, engine, served)
            } else if let backedUp {
                try backedUpUpdates(limit, engine, backedUp)
            } else {
                try linearUpdates(limit)
            }
        guard done == 0 else {
            for index in 0..<done { count(results[index]) }
            try finishUpdates(rate: results[done - 1].rate)
            return done
        }
        let next = nextUpdate()
        try update(engine, next)
        try adaptRate(after: next, engine)
        try finishUpdates(rate: next.rate)
        try measure(next, results[0], engine)
        return 1
    }

    /// Updates of a linear model by single examples, many in one call; 0 where the next is not one of them.
    private func linearUpdates(_ limit: Int) throws(TrainingError) -> Int {
        guard let linear else { return 0 }
        let (first, epoch) = (progress.batch, progress.epoch)
        let (rate, examples, plateau) = (schedule.rate, progress.examples, progress.plateau)
        let end = schedule.batches.phases.dropFirst(phase + 1).first { $0.epoch == epoch }?.batch
        let last = first + min(limit, (end ?? schedule.batches.batches(inEpoch: epoch)) - first)
        if let hogwild {
            let done = hogwild.run(
                order: order, positions: first..<last,
                rate: { rate.rate(afterExamples: examples + $0, plateau: plateau) }, found: results)
            if let done { return done }
            throw .notFinite(
                update: progress.updates + 1, epoch: epoch, layer: "loss (asynchronous.hogwild)",
                learningRate: nextLearningRate)
        }
        return linear.run(
            order: order, positions: first..<last,
            rate: { rate.rate(afterExamples: examples + $0, plateau: plateau) },
            found: results)
    }

    /// The next update by the general way.
    private mutating func update(_ engine: Engine, _ next: NextUpdate) throws(TrainingError) {
        if slowdown > 0 { usleep(UInt32(1e6 * slowdown)) }
        let loaded: LoadedRows?
        do throws(DataError) {
            loaded = try loader?.batch(progress.batch, epoch: next.epoch)
        } catch {
            throw .data(update: next.number, error)
        }
        guard let result = engine.update(next, order: order, loaded: loaded) else {
            var layer = engine.layerThatFailed()
            if engine.undoAscent() { layer += ", sam.rho uphill" }
            throw .notFinite(update: next.number, epoch: next.epoch, layer: layer, learningRate: next.rate)
        }
        results[0] = result
        if next.averageWeight > 0 { progress.averaged = (progress.averaged ?? 0) + 1 }
        count(result)
    }

    mutating func count(_ result: UpdateResult) {
        judge.add(result, to: &progress)
        progress.advance(schedule.batches)
    }

    /// Looks at what updates came to, and judges the epoch where they end one.
    mutating func finishUpdates(rate: Double) throws(TrainingError) {
        let endsEpoch = progress.batch == 0
        let epoch = endsEpoch ? progress.epoch - 1 : progress.epoch
        // an update whose own numbers overflow is seen by the next one; after the last there is none
        if endsEpoch, hasTrainedAll, let name = trained.parameterThatIsNotFinite {
            throw .notFinite(update: progress.updates, epoch: epoch, layer: name, learningRate: rate)
        }
        if endsEpoch { try finishEpoch(epoch, rate: rate) }
    }

    /// The report of the update after `seen`.
    private func report(_ result: UpdateResult, _ seen: inout TrainingProgress) -> UpdateReport {
        var report = UpdateReport(isClassification: isClassification, measurements: measurements)
        report.tell(result, schedule.batches, &seen)
        report.tell(
            growth: decision?.update == report.index ? decision : nil, gain: result.gain, baseUpdates: baseUpdates)
        if report.endsEpoch { report.validation = validation }
        return report
    }
}
