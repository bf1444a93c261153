import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// `batchwise audit`
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Prove that a recipe comes to the same bits however its batches are cut.",
        discussion: """
            A few updates of the recipe are run in one pass of the whole batch, and again
            in micro-batches that divide it and that do not, by more workers, with other
            loading threads, and from checkpoints of an interrupted and of a killed
            process. Every one must come to the same bits of parameters, optimizer and
            losses. Controls compute what other programs do where a batch is cut, and must
            not.

            Examples:
              batchwise audit digits
              batchwise audit recipe.yaml --set batch.size=100 --updates 50
              batchwise audit --run runs/houses-20260101T120000Z
                  its recipe; the certificate is kept there
              batchwise audit digits --json --output audit.json

            The exit status is 70 where bits differ, or where a control does not.
            """)

    @Argument(help: "digits, a data file, a folder of images or a recipe file.")
    var source: String?

    @Option(help: "The column of a table to learn: its name, or its number from 1.")
    var target: String?

    @Option(help: "Updates of each run, about an end of an epoch.")
    var updates = 20

    @Option(help: "Workers of the largest run; without it one a core, and at least three.")
    var threads: Int?

    @Option(help: "The examples of a micro-batch of one more run.")
    var microBatch: Int?

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "A run: its recipe where no source is named; the certificate is kept in it.", valueName: "dir"))
    var directory: String?

    @Option(name: .customLong("output"), help: ArgumentHelp("Keep the certificate in this file.", valueName: "file"))
    var file: String?

    @OptionGroup var force: ForceOptions

    @Flag(inversion: .prefixedNo, help: "Whether a process is started and killed.")
    var kill = true

    @Option(
        help: ArgumentHelp(
            "Processes of MPI that train together in two more runs; 0 leaves them out. Without it 2, where mpirun is there."
        ))
    var processes: Int?

    @Option(help: "Bytes of features held in memory, for example 2GiB; larger arrays are read as they are needed.")
    var dataMemory: MemorySize?

    /// Processes that train together are told where the first of them leaves its checkpoint.
    @Option(help: .hidden)
    var together: String?

    /// The process that will be killed is told where its checkpoint belongs.
    @Option(help: .hidden)
    var untilKilled: String?

    @OptionGroup var setting: SettingOptions
    @OptionGroup var form: OutputOptions

    func validate() throws {
        if directory == "" { throw ValidationError("--run needs the name of a directory") }
        if file == "" { throw ValidationError("--output needs the name of a file") }
        if source == nil, directory == nil {
            throw ValidationError("name a source: digits, a data file or a recipe; or a run by --run")
        }
        if source == nil, target != nil || !setting.texts.isEmpty {
            throw ValidationError("a run is audited by its own recipe: leave out --target and --set, or name a source")
        }
        if !(1...1_000_000).contains(updates) { throw ValidationError("--updates must be from 1 to 1000000") }
        if let microBatch, microBatch < 1 { throw ValidationError("--micro-batch must be at least 1") }
        if let processes, !(0...256).contains(processes) { throw ValidationError("--processes must be from 0 to 256") }
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
    }

    func run() throws {
        let run = try directory.map { try RunDirectory(existing: $0) }
        let said = try recipe(run)
        let output = try file.map { path in
            var inputs = InputFiles(said, in: source ?? DataSource.digits)
            if let run { inputs.add(model: run.path) }
            return try OutputFile(path, force: force, inputs: inputs)
        }
        let (recipe, data) = try said.withData(memory: dataMemory?.bytes)
        let audit = try Audit(
            recipe.completed(for: data).withFileNames(), data: data.train, updates: updates, workers: threads,
            microBatch: microBatch)
        if let together {
            guard let communicator = try LaunchedProcesses.join().communicator else {
                throw Failure(.usage, "--together is for processes that audit has started")
            }
            return try audit.train(with: communicator, writing: together)
        }
        if let untilKilled {
            try audit.train(writing: untilKilled)
            // the process that kills this one may be late; it may also have ended
            sleep(60)
            return
        }
        if let run, source != nil { try requireSame(audit.recipe, run) }

        let display = AuditDisplay(hasLines: !form.json)
        let launcher = try processLauncher()
        let joining = launcher.map { launcher in
            let cuts = audit.processCuts(processes ?? 2)
            return (cuts, { try train(in: $0, by: launcher, writing: $1) } as (Audit.ProcessCut, String) throws -> Void)
        }
        var certificate = try audit.run(killing: kill ? { try killed(writing: $0) } : nil, joining: joining) {
            display.draw($0, $1, $2)
        }
        display.clear()
        certificate.notices = data.notices + certificate.notices
        let json = certificate.json
        let bytes = Array((json.text + "\n").utf8)
        try output?.write(bytes)
        if let run { try AtomicFile.write(bytes, to: run.audit) }
        if form.json { try Output.write(json) } else { try Output.write(certificate.text) }
        if let fault = certificate.fault { throw Failure(.internalFault, fault) }
    }

    private func recipe(_ run: RunDirectory?) throws -> Recipe {
        if let source { return try Source(source).recipe(settings: try setting.settings(), target: target) }
        return try Source(run?.recipe ?? "").recipe(settings: [], target: nil)
    }

    /// A certificate of another recipe says nothing about the run in whose folder it would lie.
    private func requireSame(_ recipe: Recipe, _ run: RunDirectory) throws {
        func withoutData(_ recipe: Recipe) throws -> RecipeValue {
            var recipe = recipe
            recipe.data = nil
            return try recipe.notation()
        }
        guard try withoutData(recipe) == withoutData(Source(run.recipe).recipe(settings: [], target: nil)) else {
            throw Failure(
                .usage, "\(run.path): is a run of another recipe: leave out the source, or name a file by --output")
        }
    }

    // MARK: Other processes

    /// The launcher of processes; nil where they are left out, or where nobody has asked for them and there is none.
    private func processLauncher() throws -> MPILauncher? {
        guard processes ?? 2 > 1 else { return nil }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        do {
            return try MPILauncher(library: LaunchedProcesses.library, path: path, hosts: .usual)
        } catch {
            guard processes == nil else { throw error }
            return nil
        }
    }

    /// The path of this program.
    private static var program: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// Has processes of this program train together, and returns when they have ended.
    private func train(in cut: Audit.ProcessCut, by launcher: MPILauncher, writing path: String) throws {
        let variable = LaunchedProcesses.processesPerMachine
        let variables = launcher.environment([variable: cut.isApart ? "1" : "0"]).map { "\($0)=\($1)" }.sorted()
        let words = launcher.words(workers: cut.processes, cores: Machine().cores, variable: variable)
        let own = [Self.program] + CommandLine.arguments.dropFirst() + ["--together", path]
        let errors = path + ".errors"
        var process: ChildProcess
        do {
            process = try ChildProcess("/usr/bin/env", variables + words + own, errors: errors)
        } catch {
            throw Failure(
                .usage,
                "the system refuses to start \(cut.name) (\(String(cString: strerror(error.code.rawValue)))): use "
                    + "--processes 0")
        }
        process.wait()
        guard FileManager.default.fileExists(atPath: path) else {
            let text = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
            let line = text.split(separator: "\n").first { $0.contains { $0.isLetter } } ?? "they say nothing"
            throw Failure(
                .internalFault,
                "\(cut.name) ended with \(process.status ?? 0) and no checkpoint: \(line); --processes 0 leaves them out"
            )
        }
    }

    /// Starts this program once more, and kills it when it has written a checkpoint.
    private func killed(writing path: String) throws {
        let errors = path + ".errors"
        var process: ChildProcess
        do {
            process = try ChildProcess(
                Self.program, CommandLine.arguments.dropFirst() + ["--until-killed", path],
                errors: errors)
        } catch {
            throw Failure(
                .usage,
                "the system refuses to start the process that would be killed (\(String(cString: strerror(error.code.rawValue)))): "
                    + "raise the limit on processes (ulimit -u, or the container's limit), or use --no-kill")
        }
        while process.status == nil, !FileManager.default.fileExists(atPath: path) {
            usleep(200)
            process.poll()
        }
        // a little later, so that the process is in the middle of its work
        usleep(1000)
        process.kill()
        process.wait()
        guard FileManager.default.fileExists(atPath: path) else {
            let code = process.status ?? ExitStatus.internalFault.rawValue
            let status = ExitStatus(rawValue: code) ?? .internalFault
            let line = (try? String(contentsOfFile: errors, encoding: .utf8))?.split(separator: "\n").last
            throw Failure(
                status,
                "the process that was to be killed ended by itself, with \(code): "
                    + "\(line.map { $0.replacingOccurrences(of: "batchwise: ", with: "") } ?? "it says nothing"); "
                    + "--no-kill leaves it out")
        }
    }
}

/// Shows what an audit does now: a line that is drawn over on a terminal, else a line for each step.
private struct AuditDisplay {
    let hasLines: Bool
    private let isTerminal = isatty(STDERR_FILENO) != 0

    init(hasLines: Bool) { self.hasLines = hasLines }

    func draw(_ name: String, _ number: Int, _ count: Int) {
        let text = "\(number) of \(count): \(name)"
        if isTerminal { Output.draw("\r\u{1B}[K\(text)") } else if hasLines { Output.log(text) }
    }

    func clear() {
        if isTerminal { Output.draw("\r\u{1B}[K") }
    }
}

extension RunDirectory {
    var audit: String { path + "/audit.json" }
}
