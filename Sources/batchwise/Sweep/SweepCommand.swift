import ArgumentParser
import Batchwise
import BatchwiseExperiments
import BatchwiseRuns
import Foundations

/// `batchwise sweep`
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Train a recipe with many settings, and find the best and the critical batch.",
        discussion: """
            Every value of one --over is combined with every value of the others, and
            trained with every seed. With a goal, cells stop where they reach it, and the
            updates over batch sizes give the critical batch.

            Examples:
              batchwise sweep digits --over batch.size=8,32,128 --run sweeps/digits
              batchwise sweep digits --over batch.size=8,32,128,512 --seeds 3 \\
                --goal test_accuracy=0.95 --tune-rate --run sweeps/batch
              batchwise sweep digits --over batch.size=16,128,1024 --seeds 3 \\
                --goal train_loss=0.05 --sharpness --noise-scale
              batchwise sweep houses.csv --target price --over epochs=10,20 \\
                --over model=linear,mlp --json
              batchwise sweep --resume sweeps/digits

            Each cell is a run of one thread in a folder of its own, and as many train at a
            time as there are cores (--jobs). Ctrl-C stops them after their updates (exit
            status 75); --resume, or the same command again, goes on to the same bits.
            """)

    @Argument(help: "digits, a data file, a folder of images or a recipe file.")
    var source: String?

    @Option(help: "The column of a table to learn: its name, or its number from 1.")
    var target: String?

    @Option(
        help: ArgumentHelp(
            "A key of the recipe and its values: batch.size=8,32. May be given several times.",
            valueName: "key=values"))
    var over: [String] = []

    @Option(
        help: ArgumentHelp(
            "The metric at which cells stop: test_accuracy=0.97. An accuracy rises to it, a loss or rmse falls.",
            valueName: "metric=value"))
    var goal: String?

    @Option(help: "Runs of each setting: with the recipe's seed, and the numbers after it.")
    var seeds = 1

    @Flag(help: "Tune the base rate of each setting: a tenth to ten times the recipe's, halved by short runs.")
    var tuneRate = false

    @Flag(help: "Measure the sharpness of the loss at the end of each cell, beside its generalisation gap.")
    var sharpness = false

    @Flag(help: "Measure the largest eigenvalue of the Hessian at the end of each cell.")
    var curvature = false

    @Flag(help: "Measure the gradient noise scale in the runs with the middle batch, beside the critical batch.")
    var noiseScale = false

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("The directory of the sweep; without it a new one in runs.", valueName: "dir"))
    var directory: String?

    @Option(help: ArgumentHelp("Go on with a sweep that was stopped or killed.", valueName: "dir"))
    var resume: String?

    @Option(help: "Cells that train at a time; without it one a core.")
    var jobs: Int?

    @Option(help: "Bytes of features held in memory, for example 2GiB; larger arrays are read as they are needed.")
    var dataMemory: MemorySize?

    @OptionGroup var setting: SettingOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if directory == "" || resume == "" { throw ValidationError("--run and --resume need the name of a directory") }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be from 1 to 256") }
        if !(1...Sweep.mostCells).contains(seeds) {
            throw ValidationError("--seeds must be from 1 to \(Sweep.mostCells)")
        }
        if resume != nil {
            guard source == nil, target == nil, directory == nil, setting.texts.isEmpty, over.isEmpty, goal == nil,
                seeds == 1, !tuneRate, measures.isEmpty
            else {
                throw ValidationError(
                    "--resume goes on with the sweep of the directory: leave out the source and what it sweeps")
            }
        } else if source == nil {
            throw ValidationError("name a source: digits, a data file or a recipe; or a sweep to --resume")
        } else if over.isEmpty, seeds == 1, !tuneRate {
            throw ValidationError("name what varies: --over batch.size=8,32,128, --seeds 3 or --tune-rate")
        }
    }

    private var measures: Set<SweepMeasure> {
        let asked: [(SweepMeasure, Bool)] = [
            (.sharpness, sharpness), (.curvature, curvature), (.noiseScale, noiseScale),
        ]
        return Set(asked.filter(\.1).map(\.0))
    }

    func run() throws {
        let (runner, directory) = try begin()
        for notice in runner.notices { Output.log("note: \(notice)") }
        let display = CountDisplay("cells trained")
        let interruption = Interruption.catchingSignals()
        defer { Interruption.releaseSignals() }
        let result = try runner.run(in: directory, until: interruption, progress: display.draw)
        display.clear()
        guard let result else {
            throw Failure(
                .interrupted,
                "interrupted; the cells so far are in \(directory.path); go on with: batchwise sweep --resume "
                    + shellQuoted(directory.path))
        }
        if output.json { try Output.write(result.json) } else { try Output.write(result.text) }
    }

    /// Everything that can be checked is checked before the directory is made.
    private func begin() throws -> (SweepRunner, SweepDirectory) {
        let display = TextDisplay()
        defer { display.clear() }
        func runner(_ sweep: Sweep) throws -> SweepRunner {
            display.draw("reading the data")
            return try SweepRunner(sweep, jobs: jobs, memory: dataMemory?.bytes)
        }
        if let resume {
            let directory = try SweepDirectory(existing: resume)
            return (try runner(directory.sweep), directory)
        }
        if let directory, !SweepDirectory.isAt(directory) { try RunDirectory.requireFree(directory) }
        let axes = try over.map { try SweepAxis($0) }
        let goal = try goal.map { try SweepGoal($0) }
        let source = try Source(source ?? "")
        let notation = try source.notation(settings: try setting.settings(), target: target)
        _ = try Recipe(notation: notation)
        let sweep = try Sweep(notation, over: axes, seeds: seeds, goal: goal, tunesRate: tuneRate, measures: measures)
        let checked = try runner(sweep)
        return (checked, try SweepDirectory(sweep, at: directory, source: source.name))
    }
}
