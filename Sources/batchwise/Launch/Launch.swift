import ArgumentParser
import Batchwise
import BatchwiseRuns
import Foundation
import Foundations

/// `batchwise launch`
struct Launch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train in several processes, and go on when one of them is lost.",
        discussion: """
            Examples:
              batchwise launch --workers 4 -- train recipe.yaml --run runs/wide
              batchwise launch --workers 2 -- train --resume runs/wide
              batchwise launch --hosts a:4,b:4 --min-workers 4 -- train recipe.yaml

            The workers are started by the mpirun of the MPI that this program was built
            with; one worker needs none. When one is lost, killed or hangs, or a disk is
            full, all are started again from the newest checkpoint: the run ends with the
            same bits as if nothing had happened. Wrong usage, wrong data and numbers that
            stop being finite end the launch, for they would come again.

            Ctrl-C or SIGTERM: the workers write a checkpoint and end (status 75). Other
            statuses are those of train; 70: a worker was lost too often.
            """)

    @Option(help: ArgumentHelp("The workers: processes that train together.", valueName: "number"))
    var workers: Int?

    @Option(
        help: ArgumentHelp("The machines, and the workers that each has room for: a:4,b:4.", valueName: "list"))
    var hosts: String?

    @Option(help: ArgumentHelp("A file of machines, as the mpirun reads it.", valueName: "file"))
    var hostfile: String?

    @Option(help: ArgumentHelp("The most restarts in a row that bring no new checkpoint.", valueName: "number"))
    var restarts = 3

    @Option(
        help: ArgumentHelp(
            "Go on with one worker fewer after the second loss in a row, down to this number; without it always with all.",
            valueName: "number"))
    var minWorkers: Int?

    @Option(help: ArgumentHelp("Seconds to write a checkpoint in when the launch is stopped.", valueName: "seconds"))
    var grace = 30.0

    @Option(
        help: ArgumentHelp(
            "Seconds without an update that count as a hang; 10 times as many while examples are loaded, the model is "
                + "evaluated or a file is written, and after slow updates. 0: never.",
            valueName: "seconds"))
    var hang = 120.0

    @OptionGroup var output: OutputOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The train command, after --.", valueName: "train ..."))
    var command: [String] = []

    func validate() throws {
        if let workers, !(1...100_000).contains(workers) { throw ValidationError("--workers must be from 1 to 100000") }
        if let minWorkers, minWorkers < 1 { throw ValidationError("--min-workers must be at least 1") }
        guard restarts >= 0 else { throw ValidationError("--restarts must be at least 0") }
        guard grace >= 0, grace <= 1e6 else { throw ValidationError("--grace must be from 0 to 1000000 seconds") }
        guard hang >= 0, hang <= 1e9 else { throw ValidationError("--hang must be from 0 to 1000000000 seconds") }
        guard hosts == nil || hostfile == nil else { throw ValidationError("give --hosts or --hostfile, not both") }
        guard !command.isEmpty else {
            throw ValidationError("name the command after --: batchwise launch --workers 4 -- train recipe.yaml")
        }
    }

    func run() throws {
        let words = try TrainWords(command + (output.json && !command.contains("--json") ? ["--json"] : []))
        let workers = try chosenWorkers()
        let launcher = try launcher(workers)
        let directory = try directory(words)
        let file = try LaunchFile(creatingIn: directory.path)
        let interruption = Interruption.catchingSignals()
        defer {
            Interruption.releaseSignals()
            file.remove()
            // a folder in which no run has begun is empty
            if words.source != nil { rmdir(directory.path) }
        }
        let checkpoint = try directory.checkpoints.files().first?.updates
        var supervisor = Supervisor(
            words, in: directory, file, by: launcher, grace: grace, hang: hang, interruption,
            supervision: Supervision(
                workers: workers, fewest: minWorkers ?? workers, limit: restarts, checkpoint: checkpoint))
        if !words.isJSON {
            let by = launcher.map { " by \($0.program)" } ?? ""
            Output.log("launch: \(counted(workers, "worker"))\(by) for \(directory.path)")
        }
        defer { supervisor.removeMessagesOfNoRun() }
        let result = try supervisor.run()
        try write(result.output, words, supervisor)
        guard result.status != 0 else { return }
        throw Failure(
            ExitStatus(rawValue: Int32(result.status)) ?? .internalFault, "\(directory.path): \(result.message)")
    }

    /// The number of workers: as asked, or what the machines or a job of Slurm have room for.
    private func chosenWorkers() throws -> Int {
        let slots = try hosts.map(MPILauncher.slots)
        if let workers, let slots, workers > slots {
            throw Failure(.usage, "--hosts has room for \(counted(slots, "worker")), and --workers asks for \(workers)")
        }
        let ofJob = ProcessInfo.processInfo.environment["SLURM_NTASKS"].flatMap { Int($0) }
        guard let chosen = workers ?? slots ?? (hostfile == nil ? ofJob : nil) else {
            throw Failure(.usage, "say how many workers train together: batchwise launch --workers 4 -- train ...")
        }
        guard (1...100_000).contains(chosen) else {
            throw Failure(.usage, "launch starts 1 to 100000 workers, not \(chosen): say how many by --workers")
        }
        return chosen
    }

    /// The launcher of several workers; nil for one on this machine.
    private func launcher(_ workers: Int) throws -> MPILauncher? {
        let place = hosts.map { MPILauncher.Hosts.list($0) } ?? hostfile.map { .file($0) } ?? .usual
        guard workers > 1 || place != .usual else { return nil }
        if let hostfile, access(hostfile, R_OK) != 0 {
            throw Failure(.missingInput, "\(hostfile): the file of machines cannot be read: \(systemReason())")
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try MPILauncher(library: LaunchedProcesses.library, path: path, hosts: place)
    }

    /// The directory of the run: a new one, or that of the run to resume.
    private func directory(_ words: TrainWords) throws -> RunDirectory {
        guard let source = words.source else {
            let path = words.directory ?? ""
            guard !FoldsDirectory.isAt(path) else {
                throw Failure(.usage, "\(path): a cross-validation trains in one process: resume it without launch")
            }
            return try RunDirectory(existing: path)
        }
        return try RunDirectory(creating: words.directory, source: try Source(source).name)
    }

    /// Writes what the processes of the last start wrote; the object of --json with the starts before it.
    private func write(_ bytes: [UInt8], _ words: TrainWords, _ supervisor: Supervisor) throws {
        guard words.isJSON, bytes.first == UInt8(ascii: "{") else { return try Output.write(bytes) }
        let launch = JSON.object([
            ("launch", .object([("starts", .int(supervisor.starts)), ("workers", .int(supervisor.workers))]))
        ])
        try Output.write(Array(launch.text.utf8.dropLast()) + Array(", ".utf8) + bytes.dropFirst())
    }
}
