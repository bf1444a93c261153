import Batchwise
import BatchwiseData

/// Everything about a run that is decided before memory is taken: the same in all processes that train it together.
struct RunPreparation {
    let prepared: PreparedRun
    /// The source of the data, with the keys that the data decides.
    let source: DataSource?
    /// The place of the saved model that the run begins with; nil where there is none.
    let startingPath: String?
    let checksums: DataChecksums
    /// The metric that a learning rate with cuts on plateaus follows, in words; nil for other rates.
    let plateauNotice: String?
    /// The measured speed; nil where nobody asks for it, or several processes train together.
    let speed: Plan.Speed?

    /// Throws in every process where one of them has another program, recipe, data or plan than the first.
    ///
    /// - Parameter isRestored: whether the parameters come from a checkpoint, not from the recipe's seed or saved model.
    init(
        _ recipe: Recipe, _ data: LoadedData, _ options: RunOptions, _ processes: Processes, isRestored: Bool = false
    ) throws {
        self = try processes.together { try RunPreparation(recipe, data, options, isRestored: isRestored) }
        guard processes.count > 1 else { return }
        try processes.requireSame([
            ("another program", "\(RunEvent.Host.program) for \(Audit.instructionSet)"),
            ("another recipe", try prepared.recipe.notation().yaml()),
            ("other data", try checksums.lines()),
            ("another plan", prepared.plan.description),
        ])
    }

    private init(_ recipe: Recipe, _ data: LoadedData, _ options: RunOptions, isRestored: Bool) throws {
        let saved = isRestored ? nil : try recipe.startingModel.map { try SavedStart($0) }
        var recipe = recipe
        if let saved { try recipe.complete(from: saved) }
        recipe = try recipe.completed(for: data)
        source = recipe.data
        var prepared = try Trainer.prepare(
            recipe.withFileNames(), data: data.train, validation: data.validation, machine: options.machine,
            quantities: options.quantities(for: recipe, data.train))
        prepared.isRestored = isRestored
        if let saved { try prepared.begin(with: saved.parameters, headIsNew: saved.headIsNew(for: data)) }
        startingPath = recipe.startingModel?.path
        self.prepared = prepared
        plateauNotice = try prepared.recipe.learningRate.plateauNotice(data)
        checksums = try DataChecksums(data)
        speed = options.measuresSpeed && options.machine.ranks == 1 ? try prepared.measured(seconds: 0.02) : nil
    }
}
