// The machinery of a phase: an engine for its batches, and a loader that reads ahead for them.

extension Trainer {
    /// Begins to read ahead for batches of a phase, where features are not in memory as they are.
    static func loader(
        _ rows: LoadedRows.Source, _ orders: EpochOrders, _ schedule: UpdateSchedule, _ phase: Int,
        _ machine: Machine, share: Loader.Share?
    ) throws(PlanError) -> Loader? {
        guard rows.isLoaded else { return nil }
        return try Loader(
            rows, orders: orders, schedule: schedule.batches, phase: phase, epochs: schedule.epochs,
            threads: machine.resolvedLoadingThreads, share: share)
    }

    /// The places of a batch whose examples this process passes through the model; nil for all of them. A quantity that
    /// needs products of the Hessian divides the batch in its own way.
    static func share(_ plan: ExecutionPlan, _ communicator: (any Communicator)?, products: Bool) -> Loader.Share? {
        guard let communicator, communicator.size > 1, !products else { return nil }
        let (division, rank) = (plan.division, communicator.rank)
        return { batch in
            (0..<division.rounds(rows: batch)).map {
                division.rows(ofRank: rank, in: division.rows(ofRound: $0, of: batch))
            }
        }
    }

    /// Works with an engine, and with what reads ahead for it.
    mutating func take(_ engine: Engine, _ loader: Loader?) {
        self.engine = engine
        self.loader = loader
        // a noise rule stops between two updates
        let isPlain =
            quantities.isEmpty && loader == nil && recipe.learningRate.decay.momentum == nil
            && recipe.batch.grow?.noiseRule == nil && progress.adaScale == nil
        linear = isPlain ? LinearUpdates(engine, batch: schedule.batches.phases[phase].size) : nil
    }

    /// Goes over to the batches of another phase, or tries again to take the memory for one.
    ///
    /// The old memory is freed before the new is taken. Where that fails there is no engine, and parameters, optimizer and
    /// progress are as they were.
    mutating func enter(_ next: Int) throws(PlanError) {
        let plan = try plans.plan(of: schedule.batches.phases[next].size)
        let team = engine?.team
        // other slices are this process's own in the next engine
        engine?.joinOptimizerState()
        loader?.stop()
        stalled += loader?.stall ?? 0
        (linear, engine, loader, products) = (nil, nil, nil, nil)
        phase = next
        let joining = served == nil && backedUp == nil ? communicator : nil
        let engine = try Engine(
            plan, on: trained.pointers, source: source, seed: recipe.seed, team: team, communicator: joining)
        let share = Self.share(plan, joining, products: productPlans != nil)
        take(engine, try Self.loader(rows, orders, schedule, next, machine, share: share))
    }
}
