import Batchwise
import BatchwiseRuns
import Foundation
import Foundations

/// Starts the processes of a run, watches them, and starts them again until the run has come to its end.
struct Supervisor {
    /// The words of the train command.
    let words: TrainWords
    /// The directory of the run.
    let directory: RunDirectory
    /// The file in which the processes tell how far they are.
    let file: LaunchFile
    /// Starts several workers; nil where there is one, which needs no launcher.
    private(set) var launcher: MPILauncher?
    /// The machines that were asked for, some of which may have been lost since.
    private let hosts: MPILauncher.Hosts?
    /// Seconds between the request to stop and the end of what has not stopped.
    let grace: Double
    var supervision: Supervision
    var detector: HangDetector
    let interruption: Interruption
    /// How many times the run has been started.
    private(set) var starts = 0

    /// The end of a launch.
    struct Result {
        /// The exit status, and a sentence about it where it is not 0.
        var status: Int
        var message = ""
        /// The standard output of the processes of the last start.
        var output: [UInt8]
    }

    init(
        _ words: TrainWords, in directory: RunDirectory, _ file: LaunchFile, by launcher: MPILauncher?, grace: Double,
        hang: Double, _ interruption: Interruption, supervision: Supervision
    ) {
        (self.words, self.directory, self.file, self.launcher) = (words, directory, file, launcher)
        hosts = launcher?.hosts
        (self.grace, self.interruption, self.supervision) = (grace, interruption, supervision)
        detector = HangDetector(limit: hang, at: now())
    }

    /// The workers of the last start.
    var workers: Int { supervision.workers }

    mutating func run() throws -> Result {
        while true {
            let end = try startAndWait()
            switch supervision.step(after: end.facts) {
            case .stop(0): return Result(status: 0, output: end.output)
            case .stop(Supervision.interrupted):
                return Result(status: Supervision.interrupted, message: "stopped; \(goOn)", output: end.output)
            case .stop(let status):
                return Result(
                    status: status,
                    message: "the run ended with status \(status), which a restart would not change", output: end.output
                )
            case .giveUp(let status):
                let isShort = end.facts.room.map { $0 < supervision.fewest } ?? false
                let tries =
                    isShort
                    ? "the machines that answer have room for \(end.facts.room ?? 0), and \(supervision.fewest) are needed: "
                    : supervision.limit == 0
                        ? "" : "after \(counted(supervision.limit, "restart")) without a new checkpoint, "
                return Result(
                    status: status, message: "\(tries)\(end.reason); when that is put right, \(goOn)",
                    output: end.output)
            case .restart(let number, let workers, let seconds):
                Output.log(
                    "note: \(directory.path): \(end.reason); going on from \(place(end.facts.checkpoint)) with \(counted(workers, "worker")) "
                        + "in \(Int(seconds)) s, restart \(number) of \(supervision.limit) without a new checkpoint")
                guard wait(seconds) else {
                    return Result(status: Supervision.interrupted, message: "stopped; \(goOn)", output: [])
                }
            }
        }
    }

    private func place(_ checkpoint: Int?) -> String { checkpoint.map { "update \($0)" } ?? "the beginning" }

    /// The words that go on with the run.
    private var goOn: String {
        guard hasBegun else { return "the run had not begun yet: give the same command again" }
        let machines =
            switch hosts {
            case .list(let list): " --hosts \(shellQuoted(list))"
            case .file(let file): " --hostfile \(shellQuoted(file))"
            case .usual, nil: ""
            }
        return
            "go on with: batchwise launch --workers \(workers)\(machines) -- train --resume \(shellQuoted(directory.path))"
    }

    /// Whether the directory holds a run.
    private var hasBegun: Bool { access(directory.recipe, F_OK) == 0 }

    /// The file that holds the messages of `mpirun`, of all starts.
    private var messages: String { "\(directory.path)/\(LaunchFile.messages)" }

    /// Removes what the launch has written where no run has begun: the folder is empty then.
    func removeMessagesOfNoRun() {
        if !hasBegun { unlink(messages) }
    }

    /// Waits before a restart; false where somebody asks to stop meanwhile.
    private func wait(_ seconds: Double) -> Bool {
        let end = now() + seconds
        while now() < end, !interruption.isRequested { usleep(20_000) }
        return !interruption.isRequested
    }

    // MARK: One start

    private struct End {
        var facts: Supervision.End
        /// Why the processes ended, in words.
        var reason: String
        var output: [UInt8]
    }

    private mutating func startAndWait() throws -> End {
        starts += 1
        let record = LaunchRecord(start: starts)
        guard file.write(record) else {
            throw Failure(.inputOutput, "\(file.path): cannot be written: \(systemReason())")
        }
        guard let stream = tmpfile() else {
            throw Failure(.inputOutput, "a temporary file cannot be created: \(systemReason())")
        }
        defer { fclose(stream) }
        let (words, environment) = command()
        // one worker writes to the terminal itself, with a bar of its progress
        let errors = try launcher.map { _ in try LauncherStream(messagesTo: messages, heading: "start \(starts)") }
        let job = try LaunchedJob(
            words, environment: environment, output: fileno(stream), errors: errors?.input ?? STDERR_FILENO,
            isAlone: launcher == nil)
        detector.begin(record, at: now())
        let silence = watch(job, errors)
        let status = job.finish()
        let written = Self.contents(of: stream)
        let output = errors?.finish(output: written) ?? written
        let told = file.read().flatMap { $0.start == starts ? $0 : nil }
        // a result that a killed launcher did not hand on is told by another start, which finds the run finished
        let isTold = told?.status != 0 || !output.isEmpty
        var facts = Supervision.End(
            status: isTold ? told?.status : nil, isFinished: isFinished,
            checkpoint: (try? directory.checkpoints.files())?.first?.updates,
            isStopping: interruption.isRequested)
        if told?.status == nil { facts.room = try roomLeft() }
        let name = words[0].split(separator: "/").last.map(String.init) ?? words[0]
        let reason =
            if let silence, let told {
                "the run was silent for \(Int(silence)) s while \(told.phase) after update \(told.update), and was ended"
            } else if let told = told?.status {
                "the run ended with status \(told)"
            } else {
                "a worker was lost (\(errors?.sentence ?? "\(name) ended with status \(status)"))"
            }
        return End(facts: facts, reason: reason, output: output)
    }

    /// Waits for the end of a start, and ends it where it hangs, or does not stop when it should. Returns the seconds of
    /// silence of a hang.
    private mutating func watch(_ job: LaunchedJob, _ errors: LauncherStream?) -> Double? {
        var deadline: Double?
        var asked = 0.0
        while !job.hasEnded {
            errors?.drain()
            let time = now()
            if interruption.isRequested {
                // a launcher loses a signal for workers that it is just starting
                if deadline == nil || (launcher != nil && time - asked > Self.pause) {
                    job.interrupt()
                    asked = time
                }
                deadline = deadline ?? time + grace
                if let deadline, time > deadline {
                    Output.log("note: \(directory.path): the run has not stopped within \(Int(grace)) s, and is ended")
                    job.kill()
                    return nil
                }
            } else if let silence = detector.silence(file.read(), at: time) {
                job.kill()
                return silence
            }
            usleep(20_000)
        }
        return nil
    }

    /// The seconds after which a launcher is asked once more to stop its workers.
    private static let pause = 0.5

    /// The words and the environment of the next start.
    private func command() -> (words: [String], environment: [String: String]) {
        let path = directory.path
        let train =
            switch (starts, hasBegun) {
            case (1, _): words.source == nil ? words.resuming(path) : words.beginning(path)
            case (_, false) where words.source != nil: words.beginningAgain(path)
            default: words.resumingAgain(path)
            }
        var environment = ProcessInfo.processInfo.environment
        environment[Heartbeat.variable] = "\(starts):\(URL(fileURLWithPath: file.path).path)"
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "batchwise"
        guard let launcher else { return ([program] + train, environment) }
        let start = launcher.words(workers: supervision.workers, cores: Machine().cores, variable: Heartbeat.variable)
        return (start + [program] + train, launcher.environment(environment))
    }

    /// The workers that the listed machines have room for that still answer; nil where no worker may be missing, or none is
    /// listed.
    private mutating func roomLeft() throws -> Int? {
        guard supervision.fewest < supervision.workers, !interruption.isRequested, var launcher else { return nil }
        let lost = try launcher.leaveOutLostHosts(ProcessInfo.processInfo.environment)
        self.launcher = launcher
        guard !lost.isEmpty, case .list(let list) = launcher.hosts else { return nil }
        Output.log("note: \(lost.joined(separator: ", ")) starts no program, and is left out")
        return list.isEmpty ? 0 : try MPILauncher.slots(list)
    }

    /// Whether the run has come to its end, by its log and its model.
    private var isFinished: Bool {
        guard access(directory.model, F_OK) == 0, let end = try? RunLog(of: directory.path).end else { return false }
        return end.status == .finished || end.status == .stopped
    }

    private static func contents(of stream: UnsafeMutablePointer<FILE>) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        rewind(stream)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
