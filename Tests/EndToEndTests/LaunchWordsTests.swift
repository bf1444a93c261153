import Foundation
import Testing

@testable import batchwise

/// The command lines that a launch makes.
@Suite struct LaunchWordsTests {
    @Test func everyStartHasItsWords() throws {
        let words = try TrainWords([
            "train", "--threads", "2", "digits", "--set", "epochs=3", "--run", "runs/a b", "--json", "--target=digits",
            "--inject", "1:2:kill", "--checkpoint-every", "500 updates", "--set=seed=1",
        ])
        #expect(words.directory == "runs/a b" && words.source == "digits" && words.isJSON)
        let machine = ["--threads", "2", "--json", "--checkpoint-every", "500 updates"]
        let recipe = ["digits", "--set", "epochs=3", "--target=digits"]
        let end = ["--run", "runs/a b"]
        #expect(
            words.beginning("runs/a b")
                == ["train"] + recipe + ["--inject", "1:2:kill", "--set=seed=1"] + machine + end)
        #expect(words.beginningAgain("runs/a b") == ["train"] + recipe + ["--set=seed=1"] + machine + end)
        #expect(words.resumingAgain("runs/a b") == ["train", "--resume", "runs/a b"] + machine)
    }

    @Test func aResumedRunKeepsItsDirectory() throws {
        let words = try TrainWords(["train", "--resume=runs/a", "--memory", "1GiB", "--inject=0:9:hang"])
        #expect(words.directory == "runs/a" && words.source == nil && !words.isJSON)
        #expect(
            words.resuming("runs/a") == ["train", "--resume", "runs/a", "--memory", "1GiB", "--inject=0:9:hang"])
        #expect(words.resumingAgain("runs/a") == ["train", "--resume", "runs/a", "--memory", "1GiB"])
    }

    /// Every option of train is one of the machine or of the recipe: a new one without a value must be named as a flag.
    @Test func everyFlagOfTrainIsKnown() throws {
        let help = Train.helpMessage(columns: 200)
        let flags = help.split(separator: "\n").filter { $0.hasPrefix("  --") && !$0.contains("<") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(flags.count >= 3)
        for flag in flags where flag != "--version" {
            let words = try TrainWords(["train", flag, "digits"])
            #expect(words.recipe == ["digits"], "\(flag)")
        }
    }

    @Test func otherCommandsAreRefused() {
        for words in [[], ["evaluate", "x"], ["train"], ["train", "digits", "--folds", "2"]] {
            #expect(throws: (any Error).self) { try TrainWords(words) }
        }
    }

    @Test func eachLibraryHasItsLauncher() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tools-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["mpirun.openmpi", "mpirun.mpich"] {
            _ = FileManager.default.createFile(
                atPath: folder.appendingPathComponent(name).path, contents: nil, attributes: [.posixPermissions: 0o755])
        }
        let open = "Open MPI v4.1.4"
        let one = try MPILauncher(library: open, path: "/nowhere:\(folder.path)", hosts: .usual)
        #expect(one.program == "\(folder.path)/mpirun.openmpi")
        #expect(
            one.words(workers: 3, cores: 2, variable: "V") == [
                one.program, "--bind-to", "none", "-x", "V", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1",
                "-n", "3",
            ])
        #expect(!one.words(workers: 2, cores: 2, variable: "V").contains("mpi_yield_when_idle"))
        let hosts = try MPILauncher(library: open, path: folder.path, hosts: .list("a:4,b:4"))
        #expect(
            hosts.words(workers: 8, cores: 2, variable: "V").dropFirst()
                == ["--bind-to", "none", "-x", "V", "--host", "a:4,b:4", "-n", "8"])
        let other = try MPILauncher(library: "MPICH Version:\t4.0.2", path: folder.path, hosts: .file("list"))
        #expect(other.words(workers: 8, cores: 2, variable: "V") == [other.program, "-f", "list", "-n", "8"])
        for (library, path) in [(nil, folder.path), ("LAM 7", folder.path), (open, "/nowhere")] as [(String?, String)] {
            #expect(throws: Failure.self) { try MPILauncher(library: library, path: path, hosts: .usual) }
        }
    }

    @Test func slotsAreCounted() throws {
        #expect(try MPILauncher.slots("a:4,b,c:2") == 7)
        for list in ["", "a:", "a:0", ":4", "a:4:4", "a,,b", "a:-1"] {
            #expect(throws: Failure.self, "\(list)") { try MPILauncher.slots(list) }
        }
    }
}

/// The lines of workers and the messages of `mpirun`, as it wrote them, in pieces of any length.
@Suite struct LauncherMessagesTests {
    private static let dashes = String(repeating: "-", count: 74)
    private static let openMPI = """
        data: 1,438 examples
        \(dashes)
        Primary job  terminated normally, but 1 process returned
        a non-zero exit code. Per user-direction, the job has been aborted.
        \(dashes)
        epoch 1: a loss - of 2
        \(dashes)
        mpirun.openmpi noticed that process rank 1 with PID 0 on node vm exited on signal 9 (Killed).
        \(dashes)
        mpirun.openmpi: Forwarding signal 10 to job
        [vm:17] 1 more process has sent help message help-mpi-api.txt / mpi-abort
        batchwise: the end

        """

    @Test(arguments: [1, 7, 10_000]) func messagesAreTakenOut(length: Int) {
        var messages = LauncherMessages()
        var lines: [UInt8] = []
        var rest = Array(Self.openMPI.utf8)[...]
        while !rest.isEmpty {
            lines += messages.workerLines(in: rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        lines += messages.finish()
        #expect(
            String(decoding: lines, as: UTF8.self)
                == "data: 1,438 examples\nepoch 1: a loss - of 2\nbatchwise: the end\n")
        #expect(
            messages.sentence
                == "mpirun.openmpi noticed that process rank 1 with PID 0 on node vm exited on signal 9 (Killed)")
        let kept = String(decoding: messages.takeMessages(), as: UTF8.self)
        #expect(kept.split(separator: "\n").count == 9 && kept.contains("Per user-direction"), "\(kept)")
        #expect(messages.takeMessages().isEmpty)
    }

    @Test func factsOfMPICHAreASentence() {
        let rule = String(repeating: "=", count: 83)
        var messages = LauncherMessages()
        let text = """
            \(rule)
            =   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES
            =   PID 3311 RUNNING AT vm
            =   EXIT CODE: 9
            =   CLEANING UP REMAINING PROCESSES
            =   YOU CAN IGNORE THE BELOW CLEANUP MESSAGES
            \(rule)
            YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)
            This typically refers to a problem with your application.
            Please see the FAQ page for debugging suggestions
            """
        #expect(messages.workerLines(in: text.utf8).isEmpty && messages.finish().isEmpty)
        #expect(
            messages.sentence
                == "BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES, PID 3311 RUNNING AT vm, EXIT CODE: 9")
    }

    /// A block without an end, and a last line without one.
    @Test func whatIsCutOffIsNotLost() {
        var messages = LauncherMessages()
        #expect(messages.workerLines(in: "\(Self.dashes)\nThere are not enough slots:\n".utf8).isEmpty)
        #expect(messages.finish().isEmpty && messages.sentence == "There are not enough slots")
        var other = LauncherMessages()
        #expect(other.workerLines(in: "[not a message] half".utf8).isEmpty)
        #expect(other.finish() == Array("[not a message] half".utf8) && other.sentence == nil)
    }
}
