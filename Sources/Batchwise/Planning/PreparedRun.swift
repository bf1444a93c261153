/// A run that is planned and has no memory yet.
package struct PreparedRun {
    /// The recipe, with the settings that depend on the data filled in.
    package private(set) var recipe: Recipe
    package let machine: Machine
    package private(set) var plan: Plan
    var execution: ExecutionPlan
    /// The plans for each size of batch, where the batch grows.
    let plans: BatchPlans
    /// The plans for each size of batch where replicas train apart, the places of the replicas, and the examples that one
    /// model is trained on before; nil where there is one model all along.
    let replicaPlans: BatchPlans?
    let placement: ReplicaPlacement?
    let replicaStart: Double?
    let graph: Graph
    /// The number of outputs of the model for an example.
    let outputs: Int
    let source: BatchSource
    let rows: LoadedRows.Source
    let orders: EpochOrders
    package let schedule: BatchSchedule
    package let rate: LearningRate.Resolved
    let averaging: WeightAverage.Schedule?
    /// AdaScale's numbers; nil where the recipe does not ask for it.
    let adaScale: AdaScaleRule?
    /// The validation examples, on which the model is evaluated after every epoch.
    let validation: Dataset?
    /// The quantities that are computed from updates.
    let quantities: [any Quantity]
    /// The plans of Hessian products; nil where no quantity needs one.
    let products: HessianProducts.Plans?
    /// The parameters that the run begins with; nil where all begin as the seed says.
    private(set) var loaded: LoadedParameters?

    /// Whether the parameters come from a checkpoint, so that those of the recipe's starting model are not needed.
    package var isRestored = false

    /// Begins with parameters of a saved model.
    mutating func begin(
        with saved: SavedParameters, _ selection: ParameterSelection
    ) throws(ParameterSelectionError) {
        let loaded = try LoadedParameters(selection, of: saved, into: graph.parameters)
        self.loaded = loaded
        plan.notices.append(loaded.notice)
    }

    /// Begins with the parameters that the recipe asks for, and notes in it which these are.
    ///
    /// - Parameter headIsNew: whether the outputs mean something else than those of the saved model.
    package mutating func begin(with saved: SavedParameters, headIsNew: Bool) throws {
        let selection =
            recipe.startingModel?.parameters ?? graph.parameters.selection(from: saved, headIsNew: headIsNew)
        do {
            try begin(with: saved, selection)
        } catch { throw RecipeError.conflict("from: \(error)") }
        recipe.startingModel?.parameters = selection
    }

    /// Makes sure that a recipe which begins with a saved model does so.
    func requireStart() throws(RecipeError) {
        guard recipe.startingModel != nil, loaded == nil, !isRestored else { return }
        throw .conflict(
            "from: only train begins with a saved model; a program hands it over as startingFrom. Leave the key out here"
        )
    }

    /// The ghost batches of the model's batch normalisation, each once.
    package var ghostBatches: [Int] { graph.ghostBatches }

    /// Multiply-adds of products with weights for one example: forward, backward and gradients, twice with SAM.
    package var multiplicationsPerExample: Double {
        graph.multiplicationsPerExample * Double(execution.rules.gradients)
    }

    /// The learning rate of the update after so many, or of the last one where the run has no more. Cuts on plateaus
    /// depend on the course of the run, and are left out.
    package func learningRate(afterUpdates updates: Int) -> Double {
        let last = schedule.updates(beforeBatch: 0, ofEpoch: recipe.epochs + 1) - 1
        let place = schedule.place(ofUpdate: max(min(updates, last), 0))
        var progress = TrainingProgress()
        (progress.epoch, progress.batch) = place
        progress.updates = updates
        return UpdateSchedule(recipe, batches: schedule, rate: rate, averaging: averaging).update(after: progress).rate
    }

    /// Examples of the largest batch.
    package var largestBatch: Int { min(schedule.batch, schedule.examples) }
}

extension Plan {
    /// The plan of a trainer of this recipe on this machine. Nothing is trained.
    ///
    /// Throws `RecipeError`, `GraphError` or `PlanError`, as the trainer would.
    public init(_ recipe: Recipe, data: Dataset, machine: Machine = Machine()) throws {
        self = try Trainer.prepare(recipe, data: data, machine: machine).plan
    }
}
