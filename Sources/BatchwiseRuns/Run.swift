import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// A run: the training of a recipe in a directory, with a log, checkpoints and a model. A run that was stopped or
/// killed goes on to the same bits.
///
/// ```swift
/// var run = try Run(recipe, in: "runs/digits")
/// let summary = try run.train()
/// ```
/// After a stop or a crash it is resumed:
///
/// ```swift
/// var run = try Run(resuming: "runs/digits")
/// let summary = try run.train()
/// ```
/// After every epoch the model is compared with the validation examples, or else with the test examples.
/// docs/run-directory.md says what the directory holds. One run at a time trains in it.
public struct Run: ~Copyable {
    /// A piece of a run's progress, handed to the closure of `train`.
    public enum Report {
        /// An update, many times a second at most, and the sums of its epoch so far.
        case update(UpdateReport, EpochTotals)
        /// A decision about the size of a batch that grows by the gradient's noise.
        case growth(GrowthDecision)
        /// The end of an epoch, with its means and evaluations.
        case epoch(RunEvent.Epoch)
        /// A notice for a person.
        case notice(String)
    }

    /// The data that the run trains on.
    public let data: LoadedData
    /// The notices of the data, the plan and the run so far, for a person to read beside the results.
    public internal(set) var notices: [String]
    /// The notices that came up when the run was resumed; empty for a new run.
    package let resumeNotices: [String]
    /// The metric that a learning rate with cuts on plateaus follows, in words; nil for other rates.
    package let plateauNotice: String?
    /// The measured speed of the plan; nil where the options do not ask for it, or several processes train together.
    package let speed: Plan.Speed?

    /// Watches the run while it trains; nil: nobody does.
    package var watch: RunWatch?
    /// A failure that is to happen, for tests.
    package var injection: Injection?
    /// Whether the watch has asked for the end of the run.
    var isStoppedByWatch = false

    var trainer: Trainer
    let directory: RunDirectory
    /// Nil where another process holds it.
    let lock: RunLock?
    /// The processes that train the run together.
    let processes: Processes
    let options: RunOptions
    let checksums: DataChecksums
    var recorder: RunRecorder
    /// Whether the next training begins the run's log.
    var isNew: Bool

    /// The epoch that is going on, or the last one when the run is finished.
    var totals: EpochTotals
    var validation: Evaluation?
    var test: Evaluation?
    var lastLoss, lastAccuracy: Double?
    /// The sentence that says that the finished model is of no use; nil where it is of some.
    var warning: String?
    /// Seconds of training of the epochs before.
    var secondsBefore: Double
    /// The part of `secondsBefore` in which updates waited for examples.
    var stalledBefore: Double

    // MARK: Beginning and going on

    /// Makes a new run of a recipe that names its data. Everything that can be checked is checked before anything is
    /// written.
    ///
    /// - Parameters:
    ///   - recipe: the recipe, with its data.
    ///   - path: the directory, which must be new or empty.
    ///   - options: how the machine runs it, and when checkpoints are written.
    ///   - loading: receives the fraction of the data that has been read.
    /// - Throws: `RunError`, `RecipeError`, `DataError`, `GraphError`, `PlanError`.
    public init(
        _ recipe: Recipe, in path: String, options: RunOptions = RunOptions(), loading: (Double) -> Void = { _ in }
    ) throws {
        try RunDirectory.requireFree(path)
        try self.init(recipe, options: options, loading: loading) { try RunDirectory(creating: path, source: "") }
    }

    /// Makes a new run on data that a program has made itself. ``init(resuming:data:options:)`` resumes it.
    ///
    /// - Throws: `RunError`, `RecipeError`, `GraphError`, `PlanError`.
    public init(_ recipe: Recipe, data: LoadedData, in path: String, options: RunOptions = RunOptions()) throws {
        try RunDirectory.requireFree(path)
        try self.init(recipe, data: data, options: options) { try RunDirectory(creating: path, source: "") }
    }

    /// Makes a new run in a directory that `directory` creates once everything else is ready: in the first of `processes`.
    package init(
        _ recipe: Recipe, options: RunOptions, processes: Processes = .alone, loading: (Double) -> Void,
        in directory: () throws -> RunDirectory
    ) throws {
        let (chosen, data) = try processes.together { try recipe.withData(memory: options.dataMemory, loading) }
        try self.init(chosen, data: data, options: options, processes: processes, in: directory)
    }

    private init(
        _ recipe: Recipe, data: LoadedData, options: RunOptions, processes: Processes = .alone,
        in directory: () throws -> RunDirectory
    ) throws {
        let ready = try RunPreparation(recipe, data, options, processes)
        let trainer = try Trainer(ready.prepared, communicator: processes.communicator)
        let own = try processes.together { processes.isFirst ? try directory() : nil }
        let path = processes.gather(own?.path ?? "")[0]
        let place = own ?? RunDirectory(ofFirst: path)
        let lock = try Self.lock(place, processes)
        try processes.together {
            try place.clear()
            var complete = trainer.recipe
            complete.data = ready.source
            if let path = ready.startingPath { complete.startingModel?.path = path }
            try place.write(complete)
            try place.write(trainer.plan)
        }
        self.init(trainer, place, lock, data, ready, options, processes, nil)
    }

    /// The lock of the first process; nil in the others.
    private static func lock(_ directory: RunDirectory, _ processes: Processes) throws -> RunLock? {
        var lock: RunLock?
        try processes.together { if processes.isFirst { lock = try RunLock(directory.path) } }
        return lock
    }

    /// Resumes a run that was stopped or killed, from the newest checkpoint that can be read. A run that was killed
    /// before its first checkpoint begins at its beginning.
    ///
    /// With a `length`, the run gets more epochs than its recipe has, whether it is finished or not, and its recipe notes
    /// that. A learning rate that does not depend on the length of the run goes on to the same bits as in a run of so many
    /// epochs from the start; one that falls to the end falls once more, over the added epochs.
    ///
    /// - Throws: `RunError` where there is no run, or the run cannot go on; `RecipeError`, `DataError`, `GraphError`,
    ///   `PlanError`.
    public init(
        resuming path: String, length: RunLength? = nil, options: RunOptions = RunOptions(),
        loading: (Double) -> Void = { _ in }
    ) throws {
        try self.init(resuming: path, length: length, options: options, processes: .alone, loading: loading)
    }

    /// Resumes a run in several processes, whatever their number was before.
    package init(
        resuming path: String, length: RunLength? = nil, options: RunOptions, processes: Processes,
        loading: (Double) -> Void
    ) throws {
        let directory = try processes.together { try RunDirectory(existing: path) }
        let lock = try Self.lock(directory, processes)
        let (recipe, data) = try processes.together {
            let recipe = try directory.readRecipe()
            guard recipe.startingModel != nil, let found = try directory.checkpoints.newest() else {
                return try recipe.withData(memory: options.dataMemory, loading)
            }
            return try recipe.loadingData(goingOnFrom: found.checkpoint, memory: options.dataMemory, loading)
        }
        try self.init(
            recipe, processes.isFirst ? directory : RunDirectory(ofFirst: path), lock, data, options, processes,
            length: length)
    }

    /// Resumes a run on data that a program has made itself, which must be the data that the run began with.
    ///
    /// - Throws: `RunError` where there is no run, or the run cannot go on; `RecipeError`, `GraphError`, `PlanError`.
    public init(resuming path: String, data: LoadedData, options: RunOptions = RunOptions()) throws {
        let directory = try RunDirectory(existing: path)
        let lock = try RunLock(directory.path)
        try self.init(try directory.readRecipe(), directory, lock, data, options, .alone)
    }

    private init(
        _ recipe: Recipe, _ directory: RunDirectory, _ lock: consuming RunLock?, _ data: LoadedData,
        _ options: RunOptions, _ processes: Processes, length: RunLength? = nil
    ) throws {
        let isRestored = try processes.together {
            try recipe.startingModel != nil && directory.checkpoints.newest() != nil
        }
        var longer = recipe
        if let length {
            let epochs = try length.epochs {
                try RunPreparation(recipe, data, options, processes, isRestored: isRestored).prepared.schedule
            }
            longer = try recipe.lengthened(to: epochs)
        }
        let isLonger = longer.epochs != recipe.epochs
        let ready = try RunPreparation(longer, data, options, processes, isRestored: isRestored)
        var trainer = try Trainer(ready.prepared, communicator: processes.communicator)
        let past = try processes.together {
            var past = try Past(restoring: &trainer, directory, data, ready.checksums)
            guard isLonger else { return past }
            guard !trainer.hasStoppedEarly else { throw RunError.stoppedEarly(directory.path) }
            try directory.lengthen(longer, trainer.plan)
            past.notices += [longer.lengtheningNotice].compactMap { $0 }
            return past
        }
        self.init(trainer, directory, lock, data, ready, options, processes, past)
    }

    private init(
        _ trainer: consuming Trainer, _ directory: RunDirectory, _ lock: consuming RunLock?, _ data: LoadedData,
        _ ready: RunPreparation, _ options: RunOptions, _ processes: Processes, _ past: Past?
    ) {
        var recorder = RunRecorder(directory, plan: trainer.plan, options: options)
        if past?.hasCheckpoint == true { recorder.begin(at: trainer.progress) }
        resumeNotices = past?.notices ?? []
        notices = data.notices + trainer.plan.notices + resumeNotices
        totals = past?.totals ?? EpochTotals()
        secondsBefore = past?.seconds ?? 0
        stalledBefore = past?.stalled ?? 0
        (lastLoss, lastAccuracy) = (past?.lastLoss, past?.lastAccuracy)
        self.recorder = recorder
        isNew = past.map { !$0.hasCheckpoint && !$0.hasBegun } ?? true
        self.trainer = trainer
        self.directory = directory
        self.lock = lock
        self.data = data
        checksums = ready.checksums
        plateauNotice = ready.plateauNotice
        speed = ready.speed
        self.options = options
        self.processes = processes
    }

    // MARK: State and results

    var machine: Machine { options.machine }
    /// Whether this process writes and speaks.
    package var isFirst: Bool { processes.isFirst }
    /// The path of the run's directory.
    public var path: String { directory.path }
    /// The complete recipe, with the settings that the data decides and without the folders of data files.
    public var recipe: Recipe { trainer.recipe }
    /// The plan of this machine for the recipe.
    public var plan: Plan { trainer.plan }
    /// Whether nothing is left to train.
    public var isFinished: Bool { trainer.isFinished }
    /// The progress of training: epoch, batch, updates and examples.
    public var progress: TrainingProgress { trainer.progress }
    package var examplesPerEpoch: Int { trainer.examplesPerEpoch }
    /// The gradient noise scale over all updates so far that measured it; nil where none did.
    package var noise: NoiseScale? { totals.noiseOfRun }
    /// The most epochs that the run can take.
    package var epochLimit: Int { trainer.epochLimit }
    /// The updates of these epochs.
    package var totalUpdates: Int { trainer.totalUpdates }
    /// The learning rate as a function of the examples seen.
    package var rate: LearningRate.Resolved { trainer.rate }
    /// The number of outputs of the model.
    package var outputs: Int { trainer.outputs }
    /// The number of processes that train together.
    package var processCount: Int { processes.count }

    /// The model that the recipe keeps, together with the preprocessing of raw rows.
    public func result() throws -> Model {
        var model = trainer.keptModel()
        try model.keep(data.preprocessing)
        return model
    }

    /// The results of the run so far.
    public func summary() -> RunSummary {
        let progress = trainer.progress
        let seconds = secondsBefore + totals.seconds
        let epochs = progress.batch == 0 ? progress.epoch - 1 : progress.epoch
        return RunSummary(
            updates: progress.updates, examples: progress.examples, epochs: epochs, totalUpdates: trainer.totalUpdates,
            seconds: seconds, trainLoss: totals.loss ?? lastLoss, trainAccuracy: totals.accuracy ?? lastAccuracy,
            validation: validation, test: test,
            stall: seconds > 0 ? (stalledBefore + (totals.stalled ?? 0)) / seconds : 0,
            batch: trainer.batchSize(atEndOf: max(epochs, 1)), noise: totals.noise?.estimate,
            staleness: progress.staleness, backup: progress.backup,
            isClassification: trainer.recipe.loss?.isClassification ?? false,
            targetNames: data.preprocessing.targetNames, parametersSHA256: trainer.keptModel().parametersSHA256,
            warning: warning, stoppedEarly: trainer.hasStoppedEarly, best: trainer.bestEpoch, recipe: trainer.recipe,
            notices: notices,
            directory: directory.path)
    }
}
