import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseRuns

/// `batchwise plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what training would do on this machine: micro-batches, memory, time.",
        discussion: """
            Nothing is trained and nothing is written. Speed is measured for a tenth of a
            second, that of other micro-batches for half as long, and again where other
            programs disturb it, on parameters that nobody keeps. batch = micro-batch x
            accumulation steps x workers: give two of --micro-batch, --accumulation and
            --threads, or --memory, and the rest follows.

            Examples:
              batchwise plan digits
              batchwise plan recipe.yaml --set batch.size=4096 --memory 64MiB
              batchwise plan recipe.yaml --set batch.size=8192 --accumulation 32
              batchwise plan recipe.yaml --set batch.size=8192 --paper-workers 32
                  a paper's batch on 32 workers
              batchwise plan recipe.yaml --workers 32 --hosts 4
                  bytes that 32 processes exchange
              batchwise plan recipe.yaml --schedule
                  draws the learning rate over the run
              batchwise plan recipe.yaml --critical-batch 900 --curvature 40 --json
            """)

    @Argument(help: "digits, a data file, a folder of images or a recipe file.")
    var source: String

    @Option(help: "The column of a table to learn: its name, or its number from 1.")
    var target: String?

    @Option(help: "The workers of a paper's run: says what its batch, rate and normalisation are on one machine.")
    var paperWorkers: Int?

    @Option(help: "Processes that train together: says what bytes they exchange.")
    var workers: Int?

    @Option(help: "The machines of these processes; without it each has a machine of its own.")
    var hosts: Int?

    @Option(help: "A critical batch that was measured: a notice says what a larger batch costs.")
    var criticalBatch: Double?

    @Option(
        help: "The largest eigenvalue of the Hessian that was measured: a notice says whether the rate is beyond it.")
    var curvature: Double?

    @Flag(help: "Draw the learning rate over the run; with --json its points.")
    var schedule = false

    @Flag(inversion: .prefixedNo, help: "Measure how fast it is.")
    var measure = true

    @OptionGroup var setting: SettingOptions
    @OptionGroup var machine: MachineOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let paperWorkers, paperWorkers < 1 { throw ValidationError("--paper-workers must be at least 1") }
        if let workers, !(1...4096).contains(workers) { throw ValidationError("--workers must be from 1 to 4096") }
        if let hosts, hosts < 1 || hosts > workers ?? 0 {
            throw ValidationError("--hosts must be from 1 to the number of --workers")
        }
        if let criticalBatch, !(criticalBatch > 0 && criticalBatch.isFinite) {
            throw ValidationError("--critical-batch must be a number above 0")
        }
        if let curvature, !(curvature > 0 && curvature.isFinite) {
            throw ValidationError("--curvature must be a number above 0")
        }
    }

    func run() throws {
        let source = try Source(source)
        let (recipe, data) = try source.recipe(settings: try setting.settings(), target: target)
            .withData(memory: machine.dataMemory?.bytes)
        let run = try Trainer.prepare(
            recipe.completed(for: data), data: data.train, validation: data.validation, machine: machine.machine)
        var report = PlanReport(run: run, data: data)
        report.paper = try paperWorkers.map { try PaperPlan(run, workers: $0) }
        report.exchange = try workers.map { try ExchangePlan(run, data: data, workers: $0, hosts: hosts ?? $0) }
        if schedule { report.rateChart = RateChart(rate: run.rate, epochs: run.recipe.epochs) }
        if measure { report.speed = try run.measured() }
        report.microBatches = try run.microBatches(seconds: measure ? 0.05 : nil, chosen: report.speed)
        report.notices =
            data.notices + run.plan.notices
            + run.recipe.notices(for: run.plan, criticalBatch: criticalBatch, curvature: curvature)
            + [report.roughness].compactMap { $0 }
        if output.json { try Output.write(report.json) } else { try Output.write(report.text) }
    }
}
