import ArgumentParser
import Batchwise
import BatchwiseExperiments
import BatchwiseRuns
import Foundation

/// `batchwise simulate cluster`
struct SimulateCluster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Predict training by up to 100,000 workers from the speed of one.",
        discussion: """
            T(b) = a + b B of one worker is measured on this machine, and the bytes that
            workers exchange are counted from the plan; options give both where there is no
            data. Every worker has a machine of its own. Five ways stand side by side:
            synchronous as Batchwise trains today, synchronous with a sum of gradients
            (all-reduce), the same with backup workers, local SGD, and asynchronous.
            docs/cluster.md has the formulas.

            Examples:
              batchwise simulate cluster digits --stragglers 0.1 --critical-batch 200
              batchwise simulate cluster runs/digits --workers 1,2,4,...,100000 --json
              batchwise simulate cluster digits --scaling strong --bandwidth 10Gbit \\
                --latency 5us
              batchwise simulate cluster --batch 32 --seconds 100us \\
                --seconds-per-example 20us \\
                --parameters 25000000 --row-numbers 30000 --critical-batch 5000 \\
                --updates 10000
            """)

    enum Growth: String, ExpressibleByArgument, CaseIterable { case weak, strong }

    @Argument(help: "digits, a data file, a folder of images, a recipe file or a run; nothing where options say all.")
    var source: String?

    @Option(help: "The column of a table to learn: its name, or its number from 1.")
    var target: String?

    @Option(help: "Numbers of workers in any order, up to 100000; ... goes on by the factor before it.")
    var workers = WorkerCounts()

    @Option(help: "weak: each worker has the recipe's batch. strong: workers divide it.")
    var scaling = Growth.weak

    @Option(help: "The batch, of one worker (weak) or of all (strong), in place of the recipe's.")
    var batch: Int?

    @Option(help: "The time a of an update of one worker that does not grow with its batch.")
    var seconds: ShortTime?

    @Option(help: "The time b that each example adds to an update of one worker.")
    var secondsPerExample: ShortTime?

    @Option(help: "The number of parameters, in place of the recipe's.")
    var parameters: Int?

    @Option(help: "The numbers of an example that gradients are computed from, in place of the recipe's.")
    var rowNumbers: Int?

    @Option(help: "The time of a message of no bytes.")
    var latency = ShortTime(seconds: 50e-6)

    @Option(help: "The bandwidth of a worker's link, in each direction.")
    var bandwidth = Bandwidth(gigabits: 1)

    @Option(help: "The messages of a collective operation: ring, doubling, or by-size as MPICH chooses.")
    var collective = Network.Algorithm.bySize

    @Option(
        help: "The standard deviation of a worker's times over their mean, lognormal; or exponential:0.1 for that tail."
    )
    var stragglers = StragglerOption(.none)

    @Option(help: "The critical batch; without it the noise scale of the source is measured.")
    var criticalBatch: Double?

    @Option(help: "Updates to the goal with the batch of one worker alone; without it those of the recipe.")
    var updates: Int?

    @Option(help: "The updates of local SGD between two averages.")
    var localUpdates = 8

    @Option(help: "The share of the workers that an update does not wait for, with backup workers.")
    var backup = 0.05

    @Option(help: "The way of `points` in JSON: \(ClusterWay.allCases.map(\.rawValue).joined(separator: ", ")).")
    var way = ClusterWay.synchronous

    @OptionGroup var setting: SettingOptions
    @OptionGroup var machine: MachineOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, number, most) in [
            ("--batch", batch, 1 << 30), ("--parameters", parameters, 1 << 40), ("--row-numbers", rowNumbers, 1 << 40),
            ("--updates", updates, 1 << 50), ("--local-updates", localUpdates, 10_000),
        ] {
            if let number, !(1...most).contains(number) { throw ValidationError("\(name) must be from 1 to \(most)") }
        }
        if let criticalBatch, !(criticalBatch > 0 && criticalBatch.isFinite) {
            throw ValidationError("--critical-batch must be a number above 0")
        }
        if !(0..<1).contains(backup) { throw ValidationError("--backup must be from 0 to below 1") }
        if let secondsPerExample, !(secondsPerExample.seconds >= 1e-15) {
            throw ValidationError("--seconds-per-example must be at least 1e-15 seconds")
        }
        if (seconds == nil) != (secondsPerExample == nil) {
            throw ValidationError("--seconds and --seconds-per-example say T(b) = a + b B together: give both or none")
        }
        if source == nil, batch == nil || seconds == nil || parameters == nil || rowNumbers == nil {
            throw ValidationError(
                "name a source, or give --batch, --seconds, --seconds-per-example, --parameters and --row-numbers")
        }
        if source == nil, target != nil || !setting.texts.isEmpty {
            throw ValidationError("--target and --set belong to a source: name one")
        }
    }

    func run() throws {
        let prediction = try source.map { try measured($0) } ?? given()
        let bytes = 4 * Double(prediction.model.traffic.rowFloats) * Double(prediction.model.batch(ClusterLimit.most))
        guard bytes < 0x1p62 else {
            throw Failure(
                .usage,
                "the rows of an update of \(grouped(Double(ClusterLimit.most))) workers are more than 2^62 bytes: "
                    + "give a smaller --batch or --row-numbers")
        }
        try output.json ? Output.write(prediction.json) : Output.write(prediction.text)
    }

    private var network: Network {
        Network(latency: latency.seconds, bandwidth: bandwidth.bytesPerSecond, algorithm: collective)
    }

    /// The prediction from options alone.
    private func given() -> ClusterPrediction {
        let traffic = UpdateTraffic(
            name: "model", rowFloats: rowNumbers ?? 0, gradientFloats: parameters ?? 0)
        let time = TimeOfUpdate(seconds: seconds?.seconds ?? 0, secondsPerExample: secondsPerExample?.seconds ?? 1)
        return prediction(
            time, traffic, batch: batch ?? 1, updates: updates.map(Double.init), critical: criticalBatch,
            notes: [])
    }

    /// The prediction for a source, of which everything is measured that no option says.
    private func measured(_ source: String) throws -> ClusterPrediction {
        let isRun = FileManager.default.fileExists(atPath: source + "/recipe.yaml")
        let run = isRun ? try RunDirectory(existing: source) : nil
        let (recipe, data) = try Source(run?.recipe ?? source).recipe(settings: try setting.settings(), target: target)
            .withData(memory: machine.dataMemory?.bytes)
        for notice in data.notices { Output.log("note: \(notice)") }
        let model = try run.map { try SavedModel(reporting: $0.path).model }
        var subject = try Subject(recipe, data: data, model: model, machine: machine.machine)
        let usual = try Trainer.prepare(subject.recipe, data: data.train, machine: machine.machine)
        if let batch {
            subject = try Subject(subject.recipe(batch: batch), data: data, model: model, machine: machine.machine)
        }
        let planned = try Trainer.prepare(subject.recipe, data: data.train, machine: machine.machine)
        var traffic = planned.traffic
        if parameters != nil || rowNumbers != nil {
            traffic.replaceLayers(
                rowFloats: rowNumbers ?? traffic.rowFloats, gradientFloats: parameters ?? traffic.gradientBytes / 4)
        }

        let display = TextDisplay()
        defer { display.clear() }
        var notes: [String] = []
        var time = seconds.map {
            TimeOfUpdate(seconds: $0.seconds, secondsPerExample: secondsPerExample?.seconds ?? 1)
        }
        if time == nil {
            let sizes = (0..<11).map { 1 << $0 }.filter {
                $0 <= min(data.train.count, max(4 * subject.recipe.batch.size, 16))
            }
            let speeds = try ThroughputMeasurement(subject, batches: sizes, seconds: 0.05, progress: display.draw)
            time = speeds.fit
            let workers = speeds.rows.last?.workers ?? 1
            let error = speeds.fit?.heldOutError.map { ", held-out error at most \(percent($0))" } ?? ""
            notes.append("the time of a worker is measured on \(counted(workers, "thread")) of this machine\(error)")
            if speeds.rows.contains(where: \.speed.isRough) {
                notes.append("the machine was busy: its times are rough")
            }
        }
        guard let time else {
            throw Failure(
                .badData,
                "\(source): too few examples to measure the time of an update: give --seconds and "
                    + "--seconds-per-example")
        }
        var critical = criticalBatch
        if critical == nil {
            display.draw("the noise scale")
            let noise = try NoiseScaleMeasurement(subject).noise.estimate
            critical = noise.noiseScale
            let place = run == nil ? "at the first parameters, where it is lowest" : "at the parameters of the run"
            notes.append(
                critical.map { "the critical batch is the noise scale \(significant($0)) \(place)" }
                    ?? "the noise scale is not known, so nor are seconds to the goal: give --critical-batch")
        }
        if updates == nil {
            notes.append("the goal is what the recipe's updates reach with its batch of \(usual.recipe.batch.size)")
        }
        let ofRecipe = usual.schedule.updates(beforeBatch: 0, ofEpoch: usual.recipe.epochs + 1)
        // updates of the recipe's batch, as those of the batch that the prediction begins with
        let goal = critical.map {
            ClusterModel.Goal(criticalBatch: $0, updates: Double(ofRecipe), batch: Double(usual.recipe.batch.size))
        }
        let first = planned.recipe.batch.size
        return prediction(
            time, traffic, batch: first, updates: updates.map(Double.init) ?? goal?.updates(batch: Double(first)),
            critical: critical, notes: notes)
    }

    private func prediction(
        _ time: TimeOfUpdate, _ traffic: UpdateTraffic, batch: Int, updates: Double?, critical: Double?, notes: [String]
    ) -> ClusterPrediction {
        var model = ClusterModel(
            time: time, traffic: traffic, network: network, stragglers: stragglers.value,
            scaling: scaling == .weak ? .weak(batch: batch) : .strong(batch: batch))
        if let critical, let updates {
            model.goal = .init(criticalBatch: critical, updates: updates, batch: Double(batch))
        }
        (model.localUpdates, model.backupShare) = (localUpdates, backup)
        var notes = notes
        if model.goal == nil {
            notes.append("seconds to a goal need --critical-batch and --updates")
        } else if localUpdates > 1 {
            notes.append(
                "local SGD counts as many updates to the goal as synchronous SGD, which is the least that "
                    + "\(localUpdates) local updates take")
        }
        return ClusterPrediction(
            name: source ?? "a model", model: model, workers: workers.numbers, way: way, notes: notes)
    }
}

extension ClusterWay: ExpressibleByArgument {}
extension Network.Algorithm: ExpressibleByArgument {}
