import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

/// `batchwise train`
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model.",
        discussion: """
            A source is digits (bundled), a data file (CSV, LIBSVM, IDX, NPY, NPZ or
            SQLite), a plain text (.txt), a folder of images (class/name.png) or a recipe
            file (.yaml).

            Examples:
              batchwise train digits
              batchwise train houses.csv --target price
              batchwise train 'part-*.csv' --target price
              batchwise train train-images-idx3-ubyte.gz --set epochs=5
              batchwise train recipe.yaml --set batch.size=512 --run runs/wide
              batchwise train --resume runs/wide
              batchwise train --resume runs/wide --epochs 40
              batchwise train houses.csv --target price --folds 5
              batchwise train may.csv --from runs/april --set freeze=1
              batchwise train input.txt --run runs/plays
                  (then: batchwise generate runs/plays)

            Ctrl-C finishes the current update and writes checkpoint and model (exit
            status 75). A run that was killed at any moment goes on with --resume, to the
            same bits as if nothing had happened, with other threads too:
              batchwise train big.yaml --run runs/big --checkpoint-every "500 updates"
              batchwise train --resume runs/big --threads 4
            A cross-validation goes on in the same way: with the fold that had begun, and
            those that had not.

            Examples kept for validation can end a run early, and choose the epoch whose
            model is kept:
              batchwise train houses.csv --target price --set keep=best \\
                --set data.split.validation=0.1 --set early-stopping=5
            """)

    @Argument(help: "digits, a data file, a folder of images or a recipe file.")
    var source: String?

    @Option(help: "The column of a table to learn: its name, or its number from 1.")
    var target: String?

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("The directory of the run; without it a new one in runs.", valueName: "dir"))
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "Begin with the parameters of a saved model, in place of those of the seed: a run, or a safetensors file.",
            valueName: "model"))
    var from: String?

    @Option(help: ArgumentHelp("Go on with an interrupted run, to the same bits.", valueName: "dir"))
    var resume: String?

    @Option(
        help: ArgumentHelp("With --resume, lengthen the run to so many epochs in all.", valueName: "number"))
    var epochs: Int?

    @Option(
        help: ArgumentHelp("With --resume, lengthen the run to so many updates in all.", valueName: "number"))
    var updates: Int?

    @Option(
        help: ArgumentHelp(
            "Cross-validate: so many models, each tested on another part of the file in place of data.split.test.",
            valueName: "number"))
    var folds: Int?

    @Flag(
        help: ArgumentHelp(
            "Write the norm of the gradient and the relative length of an update to events.jsonl, of updates and as means of the epoch."
        ))
    var logNorms = false

    @Flag(
        help: ArgumentHelp(
            "Measure the gradient noise scale while training: shown in progress and in the log, once an epoch."))
    var noiseScale = false

    @Flag(help: "Show the plan of this machine too: lanes, micro-batches, memory.")
    var verbose = false

    @Option(
        help: ArgumentHelp(
            "Fail on purpose: the process rank, after so many updates, by exit, kill, hang, slow, nan or disk-full.",
            valueName: "rank:update:kind", visibility: .hidden))
    var inject: Injection?

    @OptionGroup var setting: SettingOptions
    @OptionGroup var machine: MachineOptions
    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if from == "" { throw ValidationError("--from needs a model.safetensors or the directory of a run") }
        if directory == "" || resume == "" { throw ValidationError("--run and --resume need the name of a directory") }
        if resume != nil {
            guard source == nil, target == nil, directory == nil, from == nil, setting.texts.isEmpty, folds == nil
            else {
                throw ValidationError(
                    "--resume goes on with the recipe of the run: leave out the source, --target, --set, --run, --from, "
                        + "--folds"
                )
            }
        } else if source == nil {
            throw ValidationError("name a source: digits, a data file or a recipe; or a run to --resume")
        }
        guard epochs == nil || updates == nil else {
            throw ValidationError("--epochs and --updates exclude each other")
        }
        if resume == nil, epochs != nil || updates != nil {
            throw ValidationError(
                "--epochs and --updates lengthen a run, beside --resume; a new run has --set epochs=\(epochs ?? 20)")
        }
        for (name, number) in [("epochs", epochs), ("updates", updates)] {
            if let number, number < 1 { throw ValidationError("--\(name) must be at least 1") }
        }
        if let folds, !(2...1000).contains(folds) { throw ValidationError("--folds must be from 2 to 1000") }
    }

    func run() throws {
        let processes = try LaunchedProcesses.join()
        try processes.together {
            guard processes.count > 1, folds != nil || resume.map(FoldsDirectory.isAt) == true else { return }
            throw Failure(.usage, "a cross-validation trains in one process: start it without mpirun or srun")
        }
        if let folds { return try crossValidate(folds) }
        if let resume, FoldsDirectory.isAt(resume) {
            guard length == nil else {
                throw Failure(
                    .usage,
                    "\(resume): is a cross-validation; --epochs and --updates lengthen one run, such as \(resume)/fold-1"
                )
            }
            let whole = try FoldsDirectory(existing: resume)
            return try crossValidate(try Recipe(notation: whole.recipe), whole.count, begun: whole) { whole }
        }
        processes.heartbeat?.beat(.loading)
        var run = if let resume { try resumed(resume, processes) } else { try begun(processes) }
        run.injection = inject
        let summary = try trained(run, by: processes)
        if output.json { try Output.write(summary.json) } else { try Output.write(summary.text) }
    }

    /// Trains a run to its end; an interrupted run fails, and the message says how to go on.
    ///
    /// - Parameters:
    ///   - whole: the directory of the cross-validation that the run belongs to.
    ///   - fold: the number of the fold, of those that this command trains.
    private func trained(
        _ run: consuming Run, in whole: String? = nil, fold: Int = 1, by processes: Processes = .alone
    ) throws -> RunSummary {
        try report(run, fold: whole == nil ? nil : fold)
        var display = ProgressDisplay(
            epochs: run.epochLimit, examplesPerEpoch: run.examplesPerEpoch, hasLines: !output.json)
        defer { display.clear() }
        let interruption = run.isFinished ? nil : Interruption.catchingSignals()
        defer { Interruption.releaseSignals() }
        let summary = try run.train(until: interruption) { report in
            switch report {
            case .update(let report, let totals): display.draw(report, totals)
            case .growth(let decision): display.show(decision)
            case .epoch(let epoch): display.finish(epoch)
            case .notice(let notice):
                display.clear()
                Output.note(notice)
            }
        }
        guard run.isFinished else {
            display.clear()
            if output.json, whole == nil { try Output.write(summary.json) }
            let failure = Failure(
                .interrupted,
                "interrupted after update \(summary.updates) of \(summary.totalUpdates); the model so far is in "
                    + "\(summary.directory); go on with: "
                    + "batchwise train --resume \(shellQuoted(whole ?? summary.directory))")
            try processes.together { throw failure }
            return summary
        }
        return summary
    }

    /// Shows what will be trained, and the notices that are known before. Folds after the first have the same screen.
    private func report(_ run: borrowing Run, fold: Int?) throws {
        if !output.json, !run.isFinished, fold ?? 1 == 1 {
            for line in try RunScreen(run).lines() { Output.log(line) }
        }
        if !output.json, verbose {
            Output.log(run.data.text)
            // a doubtful reading is among the notices
            if let line = run.data.targetReading, !run.data.notices.contains(line) { Output.log(line) }
            Output.log(run.plan.description)
        }
        for notice in run.data.notices + run.plan.notices + [run.plateauNotice].compactMap({ $0 }) + run.resumeNotices {
            Output.note(notice)
        }
        if run.isFinished, fold == nil {
            Output.log(
                "\(run.path): this run is finished; there is nothing to resume (--epochs \(run.recipe.epochs + 10) lengthens it)"
            )
        }
    }

    private func options(_ processes: Processes) -> RunOptions {
        var machine = machine.machine
        (machine.ranks, machine.rank) = (processes.count, processes.rank)
        machine.machines = processes.machines
        machine.coresOfProcess = LaunchedProcesses.coresOfProcess(machine.cores)
        var options = RunOptions(
            machine: machine, checkpoints: checkpoints.checkpointEvery ?? .usual,
            keptCheckpoints: checkpoints.keepCheckpoints, dataMemory: self.machine.dataMemory?.bytes,
            measuresNorms: logNorms,
            measuresNoise: noiseScale
        )
        options.measuresSpeed = !output.json
        return options
    }

    /// Makes a new run. Everything that can be checked is checked before anything is written.
    private func begun(_ processes: Processes) throws -> Run {
        let (named, recipe) = try processes.together {
            if let directory { try RunDirectory.requireFree(directory) }
            let named = try Source(source ?? "")
            return (named, try named.recipe(settings: try settings(), target: target))
        }
        return try begun(recipe, processes) { try RunDirectory(creating: directory, source: named.name) }
    }

    /// The length that a resumed run is to have; nil: as its recipe says.
    private var length: RunLength? { epochs.map { .epochs($0) } ?? updates.map { .updates($0) } }

    /// The settings of the recipe, after those of flags.
    private func settings() throws -> [Setting] {
        (from.map { [Setting(path: ["from", "model"], value: .string($0))] } ?? []) + (try setting.settings())
    }

    private func begun(
        _ recipe: Recipe, _ processes: Processes = .alone, in directory: () throws -> RunDirectory
    ) throws -> Run {
        let display = LoadingDisplay()
        defer { display.clear() }
        return try Run(recipe, options: options(processes), processes: processes) {
            display.draw($0)
            processes.heartbeat?.beat(.loading)
        } in: {
            try directory()
        }
    }

    private func resumed(_ path: String, _ processes: Processes = .alone) throws -> Run {
        let display = LoadingDisplay()
        defer { display.clear() }
        return try Run(resuming: path, length: length, options: options(processes), processes: processes) {
            display.draw($0)
            processes.heartbeat?.beat(.loading)
        }
    }

    /// Cross-validates a source in a new directory.
    private func crossValidate(_ count: Int) throws {
        if let directory { try RunDirectory.requireFree(directory) }
        let source = try Source(source ?? "")
        let recipe = try source.recipe(settings: try settings(), target: target)
        let notation = try source.notation(settings: try settings(), target: target)
        try crossValidate(recipe, count, begun: nil) {
            try FoldsDirectory(
                beginning: try RunDirectory(creating: directory, source: source.name), notation, folds: count)
        }
    }

    /// Trains a run for each fold, in a directory of its own within that of the whole; folds that have begun go on.
    ///
    /// - Parameter create: makes the directory of the whole, once the first fold is ready to be trained.
    private func crossValidate(
        _ recipe: Recipe, _ count: Int, begun: FoldsDirectory?, create: () throws -> FoldsDirectory
    ) throws {
        var whole = begun
        var results = CrossValidation()
        for number in 1...count {
            let run: Run
            if let whole, whole.hasBegun(number) {
                run = try resumed(whole.fold(number))
            } else {
                var recipe = recipe
                recipe.data?.split.test = nil
                recipe.data?.split.fold = Split.Fold(number, of: count)
                run = try self.begun(recipe) {
                    let parent = try whole ?? create()
                    whole = parent
                    return try RunDirectory(creating: parent.fold(number), source: "")
                }
            }
            if !output.json { Output.log("fold \(number) of \(count)") }
            results.folds.append(try trained(run, in: whole?.path, fold: number))
        }
        let run = whole?.path ?? ""
        if output.json { try Output.write(results.json(run: run)) } else { try Output.write(results.text(run: run)) }
    }
}

extension Injection: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension LoadedData {
    /// The end of the run in one line for people.
    var text: String {
        let shape = train.featureShape.map(String.init).joined(separator: "x")
        let targets =
            if let classes = train.classCount { "\(grouped(Double(classes))) classes" } else { "numbers to predict" }
        let validation = validation.map { ", \(grouped(Double($0.count))) more to validate" } ?? ""
        let tests = test.map { ", \(grouped(Double($0.count))) more to test" } ?? ", none to test"
        return "data: \(counted(train.count, "example")) of \(shape) features, \(targets)\(validation)\(tests)"
    }
}
