import Foundation
import Testing

/// Where the system starts few threads, commands do their work or say that it refuses: none waits for ever.
@Suite struct FewThreadsTests {
    /// As another user, who may have so many processes and threads; needs root. The tests' threads block signals, and the
    /// programs that they start inherit that: only SIGKILL ends one.
    private static func limited(_ processes: Int) throws -> [String] {
        let command = try Workshop.executable("batchwise").path
        return [
            "--signal=KILL", "60", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "prlimit",
            "--nproc=\(processes)", command,
        ]
    }
    private static let program = "/usr/bin/timeout"
    /// Whether this machine has the tools, and lets the other user run the command.
    private static let isPossible: Bool = {
        guard FileManager.default.isExecutableFile(atPath: program),
            let version = try? Workshop().run(program: program, limited(100) + ["--version"])
        else { return false }
        return version.status == 0
    }()

    @Test(.enabled(if: isPossible, "needs root, setpriv and prlimit"), arguments: 1...8)
    func threadsThatTheSystemRefuses(processes: Int) throws {
        let shop = try Workshop()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: shop.folder.path)
        try shop.write(flowers, to: "flowers.csv")
        let commands = [
            ["train", "digits", "--set", "augment=[flip]", "--threads", "2", "--loading-threads", "4"],
            ["train", "digits", "--threads", "4"],
            ["train", "flowers.csv", "--target", "kind", "--loading-threads", "2"],
        ]
        for (number, command) in commands.enumerated() {
            let outcome = try shop.run(
                program: Self.program,
                Self.limited(processes) + command + ["--set", "epochs=1", "--run", "run-\(number)", "--json"])
            requireRefusal(outcome, processes)
        }
        // an audit starts a process beside its threads
        let audit = [
            "audit", "digits", "--updates", "2", "--threads", "1", "--set", "model=linear", "--processes", "0",
            "--json",
        ]
        requireRefusal(try shop.run(program: Self.program, Self.limited(processes) + audit), processes)
        // a sweep trains cells on threads of their own, and on its only one where it gets no other
        let sweep = ["sweep", "digits", "--over", "batch.size=32,64", "--set", "epochs=1", "--run", "sweep", "--json"]
        let swept = try shop.run(program: Self.program, Self.limited(processes) + sweep)
        #expect(swept.status == 0, "\(processes): \(swept.errors)")
    }

    private func requireRefusal(_ outcome: Workshop.Outcome, _ processes: Int) {
        guard outcome.status != 0 else { return }
        #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(processes): \(outcome.errors)")
        #expect(outcome.errors.contains("the system refuses to start"), "\(processes): \(outcome.errors)")
    }
}
