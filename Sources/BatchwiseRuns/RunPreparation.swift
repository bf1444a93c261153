import Batchwise
import BatchwiseData

/// Everything about a run that is decided before memory is taken: the same in all processes that train it together.
struct RunPreparation {
    let prepared: PreparedRun
    /// The source of the data, with the keys that the data decides.
    let source: DataSource?
    let checksums: DataChecksums
    /// The metric that a learning rate with cuts on plateaus follows, in words; nil for other rates.
    let plateauNotice: String?

    /// Throws in every process where one of them has another program, recipe, data or plan than the first.
    init(_ recipe: Recipe, _ data: LoadedData, _ options: RunOptions, _ processes: Processes) throws {
        self = try processes.together { try RunPreparation(recipe, data, options) }
        guard processes.count > 1 else { return }
        try processes.requireSame([
            ("another program", "\(RunEvent.Host.program) for \(Audit.instructionSet)"),
            ("another recipe", try prepared.recipe.notation().yaml()),
            ("other data", try checksums.lines()),
            ("another plan", prepared.plan.description),
        ])
    }

    private init(_ recipe: Recipe, _ data: LoadedData, _ options: RunOptions) throws {
        let recipe = try recipe.completed(for: data)
        source = recipe.data
        prepared = try Trainer.prepare(
            recipe.withFileNames(), data: data.train, validation: data.validation, machine: options.machine,
            quantities: options.quantities(for: recipe, data.train))
        plateauNotice = try prepared.recipe.learningRate.plateauNotice(data)
        checksums = try DataChecksums(data)
    }
}
