import Foundation
import TestSupport
import Testing

/// Training in several processes of MPI: the bits of one process, whatever their number and wherever they are.
@Suite(.enabled(if: Launcher.program != nil, "needs a build with MPI, and its mpirun"), .serialized)
struct ProcessesTests {
    private static func settings(_ settings: String...) -> [String] { settings.flatMap { ["--set", $0] } }

    private static let recipes: [String: [String]] = [
        "a batch of 100": settings("model=[flatten, {dense: 64}, relu, {dense: classes}]", "batch.size=100"),
        "a last batch of 1": settings("model=[flatten, {dense: 64}, relu, {dense: classes}]", "batch.size=479"),
        "convolutions": settings("batch.size=48"),
        "whole batches": settings(
            "model=[flatten, {dense: 32}, {batch-norm: batch}, relu, {dense: classes}]", "batch.size=96"),
        "dropout, clipped, averaged": settings(
            "model=[flatten, {dense: 64}, relu, {dropout: 0.3}, {dense: classes}]", "clip={norm: 0.5}",
            "average={ema: 0.99}"),
        "augmented, best epoch": settings(
            "model=[{conv: {filters: 4, kernel: 3}}, relu, flatten, {dense: classes}]", "augment=[{crop: 1}]",
            "data.split.validation=0.2", "keep=best"),
        "muon, uphill": settings(
            "model=[flatten, {dense: 64}, relu, {dense: 32}, relu, {dense: classes}]", "optimizer=muon",
            "sam={rho: 0.05}"),
        "growing": settings(
            "model=[flatten, {dense: 64}, relu, {dense: classes}]", "batch.grow={at: [1 epochs], times: 3}"),
        "replicas, an outer optimizer": settings(
            "model=[flatten, {dense: 64}, relu, {batch-norm: batch}, {dense: classes}]", "batch.size=100",
            "replicas={count: 8, updates: 6, outer: {rate: 0.7}, compression: bfloat16}"),
        "one model, then replicas": settings("batch.size=48", "replicas={count: 8, updates: 5, start: 1 epochs}"),
        "batches of one": settings("model=linear", "batch.size=1"),
    ]

    /// Processes x threads, and how many processes share a machine: several machines exchange messages.
    @Test(
        arguments: recipes.keys.sorted(),
        [(2, 1, nil), (2, 2, nil), (3, 1, 1), (4, 1, 2), (8, 1, nil)] as [(Int, Int, Int?)])
    func processesTrainTheSameParameters(recipe: String, split: (processes: Int, threads: Int, machine: Int?)) throws {
        let shop = try Workshop()
        let arguments = ["train", "digits", "--set", "epochs=2", "--json"] + (Self.recipes[recipe] ?? [])
        let alone = try shop.run(arguments + ["--threads", "1"]).hash()
        let together = try shop.launch(
            split.processes, arguments + ["--threads", "\(split.threads)"], aMachine: split.machine)
        #expect(together.status == 0, "\(together)")
        #expect(try together.hash() == alone)
    }

    /// A run of three processes whose first is killed goes on with two, and then with one.
    @Test func aKilledRunGoesOnWithOtherProcesses() throws {
        let shop = try Workshop()
        let recipe = ["digits", "--set", "epochs=40", "--set", "batch.size=100"]
        let expected = try shop.run(["train"] + recipe + ["--json"]).hash()
        let often = ["--checkpoint-every", "50 updates"]
        for (processes, updates) in [(3, 60), (2, 240)] {
            let start = processes == 3 ? recipe + ["--run", "run"] : ["--resume", "run"]
            _ = try shop.launch(processes, ["train"] + start + often) { _ in
                let wanted = "update-\(String(format: "%08d", updates / 50 * 50)).safetensors"
                while !shop.exists("run/checkpoints/\(wanted)"), !shop.exists("run/model.safetensors") { usleep(500) }
                // the process that writes this run, by the lock that it holds
                if let process = Self.holder(of: shop.folder.appendingPathComponent("run").path) {
                    kill(process, SIGKILL)
                }
            }
        }
        #expect(!shop.exists("run/model.safetensors"))
        #expect(try shop.run("train", "--resume", "run", "--json").hash() == expected)
    }

    /// The process that has a directory open.
    private static func holder(of path: String) -> pid_t? {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) } ?? []
        return numbers.first { process in
            let files = "/proc/\(process)/fd"
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: files)) ?? []
            return descriptors.contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(files)/\($0)")) == path
            }
        }
    }

    @Test func anInterruptionStopsAllProcesses() throws {
        let shop = try Workshop()
        let outcome = try shop.launch(2, ["train", "digits", "--set", "epochs=100000", "--run", "run"]) { _ in
            while !shop.exists("run/checkpoints/update-00000000.safetensors") { usleep(500) }
            usleep(300_000)
            let folder = shop.folder.appendingPathComponent("run").path
            if let process = Self.holder(of: folder) { kill(process, SIGTERM) }
        }
        #expect(outcome.status != 0 && outcome.errors.contains("interrupted after update"), "\(outcome)")
        let log = try shop.read("run/events.jsonl")
        #expect(log.contains("\"interrupted\""), "\(log.suffix(300))")

        // an error of the first process alone: the others end with its status, for launchers give that of any
        let lock = open(shop.folder.appendingPathComponent("run").path, O_RDONLY | O_CLOEXEC)
        defer { close(lock) }
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let locked = try shop.launch(3, ["train", "--resume", "run"])
        #expect(locked.status == 73 && locked.errors.contains("another process"), "\(locked)")
    }

    @Test func aFailureIsSaidOnce() throws {
        let shop = try Workshop()
        for (arguments, text) in [
            (["train", "nothing.csv"], "nothing.csv: no such file"),
            (["train", "digits", "--set", "learning-rate=1e30"], "numbers stopped being finite"),
            (["train", "digits", "--folds", "3"], "a cross-validation trains in one process"),
            (["predict", "run", "rows.csv"], "only train works in more than one"),
        ] {
            let outcome = try shop.launch(2, arguments)
            #expect(outcome.status != 0 && outcome.errors.components(separatedBy: text).count == 2, "\(outcome)")
        }
    }

    @Test func otherRecipesAndDataAreRefused() throws {
        let shop = try Workshop()
        for (folder, value) in [("one", 7), ("two", 8)] {
            try FileManager.default.createDirectory(
                at: shop.folder.appendingPathComponent(folder), withIntermediateDirectories: true)
            let rows = (0..<40).map { "\($0),\($0 == 20 ? value : $0 * $0)" }
            try shop.write("x,y\n" + rows.joined(separator: "\n") + "\n", to: "\(folder)/table.csv")
        }
        func train(_ folder: String, _ more: String...) -> [String] {
            ["train", "\(folder)/table.csv", "--target", "y", "--run", "run"] + more
        }
        let recipes = try shop.launch([train("one", "--set", "epochs=2"), train("one", "--set", "epochs=3")])
        #expect(recipes.errors.contains("process 1 has another recipe than process 0: epochs: 3, not epochs: 2"))
        let file = try shop.launch([train("one"), train("missing")])
        #expect(file.errors.contains("process 1: missing/table.csv: no such file"), "\(file)")
        try FileManager.default.createDirectory(
            at: shop.folder.appendingPathComponent("here"), withIntermediateDirectories: true)
        let data = try shop.launch([train("one"), train("two")])
        #expect(data.status != 0 && data.errors.contains("process 1 has"), "\(data)")
        #expect(!shop.exists("run"))
    }

    @Test func aLauncherOfAnotherLibraryIsNamed() throws {
        let outcome = try Workshop().run(
            program: "/usr/bin/env",
            [
                "OMPI_COMM_WORLD_SIZE=3", "OMPI_COMM_WORLD_RANK=0", Workshop.executable("batchwise").path, "train",
                "digits",
            ])
        #expect(outcome.status == 64 && outcome.errors.contains("a launcher started 3 processes"), "\(outcome)")
    }
}

/// The mpirun of the MPI that the program was built with.
enum Launcher {
    static let isMPICH = ProcessInfo.processInfo.environment["BATCHWISE_MPI"] == "mpich"
    static let program: String? = {
        #if BATCHWISE_MPI
            let path = isMPICH ? "/usr/bin/mpirun.mpich" : "/usr/bin/mpirun.openmpi"
            return FileManager.default.isExecutableFile(atPath: path) ? path : nil
        #else
            return nil
        #endif
    }()

    /// More processes than cores, and not bound to any.
    static var options: [String] { options(of: program) }

    static func options(of launcher: String?) -> [String] {
        launcher?.hasSuffix("mpich") == true ? [] : ["--oversubscribe", "--bind-to", "none"]
    }
}

extension Workshop {
    /// Runs `batchwise` in several processes.
    ///
    /// - Parameters:
    ///   - aMachine: how many processes are taken for those of one machine.
    ///   - launcher: the `mpirun` that starts them.
    func launch(
        _ count: Int, _ arguments: [String], aMachine: Int? = nil, by launcher: String? = Launcher.program,
        while body: (Process) -> Void = { _ in }
    ) throws -> Outcome {
        let program = try Self.executable("batchwise").path
        return try launch(["-n", "\(count)", program] + arguments, aMachine, by: launcher, body)
    }

    /// Runs `batchwise` in a process for each list of arguments.
    func launch(_ processes: [[String]]) throws -> Outcome {
        let program = try Self.executable("batchwise").path
        return try launch(Array(processes.map { ["-n", "1", program] + $0 }.joined(separator: [":"])), nil) { _ in }
    }

    private func launch(
        _ arguments: [String], _ aMachine: Int?, by launcher: String? = Launcher.program, _ body: (Process) -> Void
    ) throws -> Outcome {
        // mpirun refuses root without these two
        var words = ["OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"]
        if let aMachine { words.append("BATCHWISE_PROCESSES_PER_MACHINE=\(aMachine)") }
        words += ["timeout", "--kill-after=5", "300", launcher ?? ""] + Launcher.options(of: launcher) + arguments
        return try run(program: "/usr/bin/env", words, while: body)
    }
}
