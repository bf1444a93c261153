import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// Trains a recipe in a directory, with a log, checkpoints and a model; a run that was stopped or killed goes on to the same
/// bits.
///
/// ```swift
/// var run = try Run(recipe, in: "runs/digits")
/// let summary = try run.train()
/// var again = try Run(resuming: "runs/digits")     // after a stop, or a crash
/// ```
/// After every epoch the model is compared with the validation examples, or else with the test examples.
/// docs/run-directory.md says what the directory holds. One run at a time trains in it.
public struct Run: ~Copyable {
    /// What is told while a run trains.
    public enum Report {
        /// An update, many times a second at most, and the sums of its epoch so far.
        case update(UpdateReport, EpochTotals)
        case epoch(RunEvent.Epoch)
        /// What a person should know.
        case notice(String)
    }

    /// The data that it trains on.
    public let data: LoadedData
    /// What a person should know beside the results.
    public internal(set) var notices: [String]
    /// What of them came up when the run went on.
    package let resumeNotices: [String]
    /// What a learning rate that falls on plateaus goes by, in words; nil for other rates.
    package let plateauNotice: String?

    var trainer: Trainer
    let directory: RunDirectory
    let lock: RunLock
    let machine: Machine
    var recorder: RunRecorder
    /// Whether the next training begins the run's log.
    var isNew: Bool

    /// The epoch that is going on, or the last one when the run is finished.
    var totals: EpochTotals
    var validation: Evaluation?
    var test: Evaluation?
    var lastLoss: Double?
    /// Training time of the epochs before.
    var secondsBefore: Double
    /// Of which updates waited for examples.
    var stalledBefore: Double

    // MARK: Beginning and going on

    /// A new run of a recipe that names its data. Nothing is written before everything that can be checked has been.
    ///
    /// - Parameters:
    ///   - path: the directory, which must be new or empty.
    ///   - loading: is told the part of the data that is read.
    /// - Throws: `RunError`, `RecipeError`, `DataError`, `GraphError`, `PlanError`.
    public init(
        _ recipe: Recipe, in path: String, options: RunOptions = RunOptions(), loading: (Double) -> Void = { _ in }
    ) throws {
        try RunDirectory.requireFree(path)
        try self.init(recipe, options: options, loading: loading) { try RunDirectory(creating: path, source: "") }
    }

    /// A new run on data that a program has made itself. It can go on by ``init(resuming:data:options:)``.
    public init(_ recipe: Recipe, data: LoadedData, in path: String, options: RunOptions = RunOptions()) throws {
        try RunDirectory.requireFree(path)
        try self.init(recipe, data: data, options: options) { try RunDirectory(creating: path, source: "") }
    }

    /// In a directory that is made when everything else is there.
    package init(
        _ recipe: Recipe, options: RunOptions, loading: (Double) -> Void, in directory: () throws -> RunDirectory
    ) throws {
        try self.init(
            recipe, data: try recipe.loadData(memory: options.dataMemory, loading), options: options, in: directory)
    }

    private init(
        _ recipe: Recipe, data: LoadedData, options: RunOptions, in directory: () throws -> RunDirectory
    ) throws {
        let trainer = try Trainer(
            recipe.withFileNames(), data: data.train, validation: data.validation, machine: options.machine,
            quantities: options.measuresNorms ? [GradientNorm(), UpdateRatio()] : [])
        let plateauNotice = try trainer.recipe.learningRate.plateauNotice(data)
        let place = try directory()
        let lock = try RunLock(place)
        place.removeLeftovers()
        var complete = trainer.recipe
        complete.data = recipe.data
        try place.write(complete)
        try place.write(trainer.plan)
        self.init(trainer, place, lock, data, plateauNotice, options, nil)
    }

    /// Goes on with a run that was stopped or killed, where its newest checkpoint is that can be read; with a run that was
    /// killed before its first checkpoint, at the beginning.
    ///
    /// - Throws: `RunError` where there is no run, or it cannot go on; `RecipeError`, `DataError`, `GraphError`,
    ///   `PlanError`.
    public init(
        resuming path: String, options: RunOptions = RunOptions(), loading: (Double) -> Void = { _ in }
    ) throws {
        let directory = try RunDirectory(existing: path)
        let lock = try RunLock(directory)
        let recipe = try directory.readRecipe()
        try self.init(
            recipe, directory, lock, try recipe.loadData(memory: options.dataMemory, loading), options)
    }

    /// Goes on with a run on data that a program has made itself: the same as before.
    public init(resuming path: String, data: LoadedData, options: RunOptions = RunOptions()) throws {
        let directory = try RunDirectory(existing: path)
        let lock = try RunLock(directory)
        try self.init(try directory.readRecipe(), directory, lock, data, options)
    }

    private init(
        _ recipe: Recipe, _ directory: RunDirectory, _ lock: consuming RunLock, _ data: LoadedData,
        _ options: RunOptions
    ) throws {
        var trainer = try Trainer(
            recipe.withFileNames(), data: data.train, validation: data.validation, machine: options.machine,
            quantities: options.measuresNorms ? [GradientNorm(), UpdateRatio()] : [])
        let plateauNotice = try trainer.recipe.learningRate.plateauNotice(data)
        let past = try Past(restoring: &trainer, directory, data)
        self.init(trainer, directory, lock, data, plateauNotice, options, past)
    }

    private init(
        _ trainer: consuming Trainer, _ directory: RunDirectory, _ lock: consuming RunLock, _ data: LoadedData,
        _ plateauNotice: String?, _ options: RunOptions, _ past: Past?
    ) {
        var recorder = RunRecorder(directory, plan: trainer.plan, options: options)
        if past?.hasCheckpoint == true { recorder.begin(at: trainer.progress) }
        resumeNotices = past?.notices ?? []
        notices = data.notices + trainer.plan.notices + resumeNotices
        totals = past?.totals ?? EpochTotals()
        secondsBefore = past?.seconds ?? 0
        stalledBefore = past?.stalled ?? 0
        lastLoss = past?.lastLoss
        self.recorder = recorder
        isNew = past.map { !$0.hasCheckpoint && !$0.hasBegun } ?? true
        self.trainer = trainer
        self.directory = directory
        self.lock = lock
        self.data = data
        self.plateauNotice = plateauNotice
        machine = options.machine
    }

    // MARK: What it is

    /// The directory.
    public var path: String { directory.path }
    /// The recipe, with what the data decides filled in and without folders.
    public var recipe: Recipe { trainer.recipe }
    /// What this machine does for it.
    public var plan: Plan { trainer.plan }
    /// Whether nothing is left to train.
    public var isFinished: Bool { trainer.isFinished }
    /// How far it is.
    public var progress: TrainingProgress { trainer.progress }
    package var examplesPerEpoch: Int { trainer.examplesPerEpoch }

    /// The model that the recipe asks for, with what raw rows go through first.
    public func result() throws -> Model {
        var model = trainer.keptModel()
        try model.keep(data.preprocessing)
        return model
    }

    /// What the run came to, so far.
    public func summary() -> RunSummary {
        let progress = trainer.progress
        let seconds = secondsBefore + totals.seconds
        return RunSummary(
            updates: progress.updates, examples: progress.examples,
            epochs: progress.batch == 0 ? progress.epoch - 1 : progress.epoch, totalUpdates: trainer.totalUpdates,
            seconds: seconds, trainLoss: totals.loss ?? lastLoss, trainAccuracy: totals.accuracy,
            validation: validation, test: test,
            stall: seconds > 0 ? (stalledBefore + (totals.stalled ?? 0)) / seconds : 0,
            isClassification: trainer.recipe.loss?.isClassification ?? false,
            parametersSHA256: trainer.keptModel().parametersSHA256,
            stoppedEarly: trainer.hasStoppedEarly, best: trainer.bestEpoch, recipe: trainer.recipe, notices: notices,
            directory: directory.path)
    }
}
