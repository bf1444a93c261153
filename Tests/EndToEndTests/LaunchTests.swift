import BatchwiseRuns
import Foundation
import Testing

/// Runs under `launch` lose nothing, whatever ends their processes at whatever moment, and leave no process behind.
@Suite(.enabled(if: Launcher.program != nil, "needs a build with MPI, and its mpirun"), .serialized)
struct LaunchTests {
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil
    /// Seconds of training, with a checkpoint every 100 of its 600 or 1,500 updates.
    private static let recipe = [
        "digits", "--set", "epochs=\(isSlowWanted ? 100 : 40)", "--set", "batch.size=100", "--set",
        "learning-rate=0.02", "--threads", "1",
        "--checkpoint-every", "100 updates",
    ]
    private static let hash = Result { try Workshop().run(["train"] + recipe + ["--json"]).hash() }
    /// The updates before each failure; all of them where BATCHWISE_SLOW is set.
    private static let moments = isSlowWanted ? [0, 130, 555, 1000, 1400] : [250]

    /// The failures of a process, of the launcher or of all, and of the disk.
    enum Failure: CaseIterable { case worker, launcher, interruption, hang, fullDisk, tornCheckpoint }
    private static let failures: [Failure] =
        isSlowWanted ? Failure.allCases : [.worker, .launcher, .interruption, .hang]

    @Test(arguments: failures, moments) func nothingIsLost(failure: Failure, update: Int) throws {
        guard failure != .fullDisk || canMount else { return }
        let shop = try Workshop()
        let run = shop.folder.appendingPathComponent("run").path
        let job = LaunchedRun(shop, Self.recipe)
        let outcome =
            switch failure {
            case .worker: try job.begin(["--inject", "\(update % 3):\(update):kill"])
            case .hang: try job.begin(["--inject", "\(update % 3):\(update):hang"], options: ["--hang", "0.5"])
            case .launcher:
                try job.begin { launch in
                    job.wait(launch, update: update)
                    for child in Processes.children(of: launch) { kill(child, SIGKILL) }
                }
            case .interruption:
                try job.begin { launch in
                    job.wait(launch, update: update)
                    kill(launch, SIGTERM)
                }
            case .fullDisk: try job.beginOnFullDisk(update)
            case .tornCheckpoint:
                try job.begin { launch in
                    job.wait(launch, update: max(update, 150))
                    kill(launch, SIGKILL)
                }
            }
        Processes.expectNone(of: run)
        var result = outcome
        switch failure {
        case .interruption:
            #expect(outcome.status == 75, "\(outcome)")
            if shop.exists("run/recipe.yaml") {
                #expect(outcome.errors.contains("batchwise launch --workers 3 -- train --resume"), "\(outcome)")
                result = try job.goOn(workers: 2)
            } else {
                // it was stopped while it loaded the data
                #expect(update == 0 && outcome.errors.contains("give the same command again"), "\(outcome)")
                result = try job.begin()
            }
        case .tornCheckpoint:
            let newest = try #require(try shop.contents().last { $0.hasPrefix("run/checkpoints/update-") })
            try shop.write(Array(shop.bytes(newest).dropLast(1000)), to: newest)
            result = try job.goOn(workers: 4)
            #expect(result.errors.contains("going on from the checkpoint before"), "\(result)")
        default: #expect(outcome.errors.contains("restart 1 of"), "\(outcome)")
        }
        #expect(result.status == 0, "\(result)")
        #expect(try result.hash() == Self.hash.get())
        #expect(!shop.exists("run/launch.json"))
        Processes.expectNone(of: run)
    }

    /// Processes of MPI end with the one that started them, without a supervisor too.
    @Test func aKilledLauncherLeavesNoProcess() throws {
        let shop = try Workshop()
        let run = shop.folder.appendingPathComponent("run").path
        let program = try Workshop.executable("batchwise").path
        let words = ["OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", Launcher.program ?? ""]
        let train = ["-n", "3", program, "train", "digits", "--set", "epochs=100000", "--run", run]
        _ = try shop.run(program: "/usr/bin/env", words + Launcher.options + train) { process in
            while process.isRunning, !shop.exists("run/checkpoints") { usleep(1000) }
            usleep(200_000)
            #expect(Processes.count(of: run) == 4)
            kill(process.processIdentifier, SIGKILL)
        }
        Processes.expectNone(of: run)
    }

    /// A stop reaches workers that the launcher is just starting.
    @Test(arguments: [0, 20, 50, 100, 200]) func aStopIsNotLost(milliseconds: UInt32) throws {
        let shop = try Workshop()
        let run = shop.folder.appendingPathComponent("run").path
        let train = ["train", "digits", "--set", "epochs=100000", "--threads", "1", "--run", run]
        let outcome = try shop.run(["launch", "--workers", "3", "--"] + train) { process in
            while process.isRunning, !shop.exists("run/launch.json") { usleep(500) }
            usleep(1000 * milliseconds)
            kill(process.processIdentifier, SIGINT)
        }
        #expect(outcome.status == 75, "\(outcome)")
        // that would be said at the end of --grace
        #expect(!outcome.errors.contains("has not stopped"), "\(outcome)")
        Processes.expectNone(of: run)
    }

    /// Without restarts nothing repairs a loss: the run is not finished then, and goes on later.
    @Test func aLossIsALossWithoutRestarts() throws {
        let shop = try Workshop()
        let job = LaunchedRun(shop, Self.recipe)
        let outcome = try job.begin(["--inject", "1:250:exit"], options: ["--restarts", "0"])
        #expect(outcome.status == 70 && outcome.output.isEmpty, "\(outcome)")
        #expect(!shop.exists("run/model.safetensors"))
        // one worker needs no launcher of MPI
        #expect(try job.goOn(workers: 1).hash() == Self.hash.get())
    }

    @Test func errorsThatWouldComeAgainEndTheLaunch() throws {
        let shop = try Workshop()
        for (arguments, status, text) in [
            (["train", "nothing.csv", "--run", "run"], 66, "nothing.csv: no such file"),
            (["train", "digits", "--run", "run", "--set", "learning-rate=1e30"], 65, "numbers stopped being finite"),
            (["train", "digits", "--run", "other", "--set", "batch.size=0"], 64, "batch.size"),
            (["train", "digits", "--folds", "3"], 64, "one process"), (["evaluate", "run"], 64, "nothing else"),
            (["train", "--resume", "missing"], 66, "no such run"),
            (["train", "digits", "--tread", "1"], 64, "--tread"),
        ] {
            let outcome = try shop.run(["launch", "--workers", "2", "--"] + arguments)
            #expect(outcome.status == status && outcome.errors.contains(text), "\(outcome)")
            #expect(!outcome.errors.contains("restart 1"), "\(outcome)")
        }
        // where no run has begun, no directory is left
        #expect(!shop.exists("other"))
    }

    @Test func badOptionsAreNamed() throws {
        let shop = try Workshop()
        for (options, text) in [
            (["--workers", "0"], "--workers"), ([], "how many workers"), (["--hosts", "a:4,b:x"], "not 'b:x'"),
            (["--hosts", "a:1,b:1", "--workers", "3"], "room for 2 workers"),
            (["--workers", "2", "--grace", "-1"], "--grace"),
        ] {
            let outcome = try shop.run(["launch"] + options + ["--", "train", "digits"])
            #expect(outcome.status == 64 && outcome.errors.contains(text), "\(outcome)")
            #expect(try shop.contents().isEmpty)
        }
        let missing = try shop.run("launch", "--workers", "2", "--hostfile", "none", "--", "train", "digits")
        #expect(missing.status == 66 && missing.errors.hasPrefix("batchwise: none: the file of machines"), "\(missing)")
        let bare = try shop.run("launch", "--workers", "2")
        #expect(bare.status == 64 && bare.errors.contains("after --"), "\(bare)")
    }

    /// A machine that starts nothing is left out after the first loss.
    @Test func aLostMachineIsLeftOut() throws {
        let shop = try Workshop()
        let outcome = try shop.run([
            "launch", "--hosts", "localhost:2,nowhere.invalid:2", "--min-workers", "2", "--", "train", "digits",
            "--json",
            "--set", "model=linear", "--set", "epochs=2", "--run", "run",
        ])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("nowhere.invalid:2 starts no program, and is left out"), "\(outcome)")
        let launch = try #require(try outcome.json()["launch"] as? [String: Int])
        #expect(launch == ["starts": 2, "workers": 2])
    }

    /// Every start of this run fails in its beginning: the second and the third loss take a worker each.
    @Test func repeatedLossesGoOnWithFewerWorkers() throws {
        let shop = try Workshop()
        let table = (0..<40).map { "\($0),\($0 * $0)" }
        try shop.write("x,y\n" + table.joined(separator: "\n") + "\n", to: "table.csv")
        let run = ["train", "table.csv", "--target", "y", "--run", "run", "--set", "epochs=3", "--json"]
        // a program that ends in every worker but the first is a launcher that loses them
        let tools = shop.folder.appendingPathComponent("tools")
        try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
        let real = Launcher.program ?? ""
        let name = real.split(separator: "/").last.map(String.init) ?? ""
        let script = "#!/bin/sh\ncase \"$*\" in *'-n 4 '* | *'-n 3 '*) exit 9 ;; esac\nexec \(real) \"$@\"\n"
        try shop.write(script, to: "tools/\(name)")
        chmod(tools.appendingPathComponent(name).path, 0o755)
        let outcome = try shop.run(
            program: "/usr/bin/env",
            ["PATH=\(tools.path):/usr/bin:/bin", try Workshop.executable("batchwise").path, "launch"]
                + ["--workers", "4", "--min-workers", "2", "--"] + run)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("with 4 workers in 1 s, restart 1"), "\(outcome)")
        #expect(outcome.errors.contains("with 3 workers in 2 s, restart 2"), "\(outcome)")
        #expect(outcome.errors.contains("with 2 workers in 4 s, restart 3"), "\(outcome)")
        let launch = try #require(try outcome.json()["launch"] as? [String: Int])
        #expect(launch == ["starts": 4, "workers": 2])
    }
}

/// A run under `launch`, in the directory `run` of a workshop.
private struct LaunchedRun {
    let shop: Workshop
    let recipe: [String]
    var directory = "run"

    init(_ shop: Workshop, _ recipe: [String]) { (self.shop, self.recipe) = (shop, recipe) }

    private var path: String { shop.folder.appendingPathComponent(directory).path }

    /// Begins the run with three workers.
    func begin(
        _ more: [String] = [], options: [String] = [], while body: (pid_t) -> Void = { _ in }
    ) throws -> Workshop.Outcome {
        try shop.run(
            ["launch", "--workers", "3"] + options + ["--", "train"] + recipe + ["--run", path, "--json"] + more
        ) { body($0.processIdentifier) }
    }

    func goOn(workers: Int) throws -> Workshop.Outcome {
        try shop.run("launch", "--workers", "\(workers)", "--json", "--", "train", "--resume", path)
    }

    /// Waits until the workers have told of so many updates.
    func wait(_ launch: pid_t, update: Int, start: Int = 1) {
        while kill(launch, 0) == 0 {
            if let record = shop.record(directory), record.start >= start, record.update >= update,
                record.phase != "starting"
            {
                return
            }
            usleep(1000)
        }
    }

    /// Begins the run on a disk that is full from an update to the second start.
    func beginOnFullDisk(_ update: Int) throws -> Workshop.Outcome {
        let disk = try Disk(in: shop, size: 8 << 20)
        symlink("disk/run", shop.folder.appendingPathComponent("run").path)
        var job = self
        job.directory = "disk/run"
        let ballast = shop.folder.appendingPathComponent("disk/ballast").path
        let outcome = try job.begin { launch in
            job.wait(launch, update: update)
            let file = open(ballast, O_WRONLY | O_CREAT, 0o600)
            for size in [1 << 16, 1 << 12] {
                let bytes = [UInt8](repeating: 1, count: size)
                while write(file, bytes, bytes.count) > 0 {}
            }
            close(file)
            job.wait(launch, update: 0, start: 2)
            unlink(ballast)
        }
        disk.keep()
        return outcome
    }
}

extension Workshop {
    /// The last record of the workers of a run.
    fileprivate func record(_ run: String) -> (start: Int, update: Int, phase: String)? {
        guard let text = try? bytes("\(run)/launch.json"),
            let object = (try? JSONSerialization.jsonObject(with: text)) as? [String: Any],
            let start = object["start"] as? Int, let update = object["update"] as? Int,
            let phase = object["phase"] as? String
        else { return nil }
        return (start, update, phase)
    }
}

/// The processes of this machine.
enum Processes {
    private static var all: [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    }

    static func children(of parent: pid_t) -> [pid_t] {
        all.filter { process in
            let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && pid_t(fields[1]) == parent
        }
    }

    /// The arguments of all processes that have this text among them.
    private static func arguments(with text: String) -> [String] {
        all.compactMap { try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8) }
            .filter { $0.contains(text) }
    }

    static func count(of text: String) -> Int { arguments(with: text).count }

    /// Expects that soon no process has this text among its arguments.
    static func expectNone(of text: String) {
        var left: [String] = []
        for _ in 0..<100 {
            left = arguments(with: text)
            if left.isEmpty { return }
            usleep(100_000)
        }
        Issue.record("processes are left: \(left)")
    }
}
