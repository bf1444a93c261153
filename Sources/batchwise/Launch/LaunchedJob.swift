import CKernels
import Foundation

/// The processes of one start of a run: a launcher in a session of its own, and the processes that it starts there.
///
/// Launchers give their processes groups of their own, but leave them in the session: it tells which belong to this start.
struct LaunchedJob {
    /// The launcher, and the number of its session.
    let launcher: pid_t
    /// Whether the launcher is the only process of the run.
    private let isAlone: Bool

    /// - Parameters:
    ///   - words: the program by its path, and its arguments.
    ///   - output: the file for its standard output.
    ///   - errors: the file for its standard error; without it that of this process.
    init(
        _ words: [String], environment: [String: String], output: Int32, errors: Int32 = STDERR_FILENO, isAlone: Bool
    ) throws {
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        launcher = bw_child_start(words[0], &arguments, &variables, output, errors)
        guard launcher > 0 else { throw Failure(.inputOutput, "\(words[0]) cannot be started: \(systemReason())") }
        self.isAlone = isAlone
    }

    /// Whether the launcher has ended. It is not waited for yet, so that the session's number stays its own.
    var hasEnded: Bool { bw_child_has_ended(launcher) != 0 }

    /// Asks the processes of the run to write a checkpoint and to end. Launchers hand SIGUSR1 on to them, on all machines,
    /// and take SIGTERM for an order to kill them.
    func interrupt() { kill(launcher, isAlone ? SIGTERM : SIGUSR1) }

    /// Ends all processes of this machine at once; those of others end when they miss the launcher.
    func kill() { kill(launcher, SIGKILL) }

    /// Ends the processes that the launcher has left behind, and then forgets it. Returns its exit status, or 128 and the
    /// number of the signal that ended it, as shells count.
    func finish() -> Int32 {
        var state: Int32 = 0
        for _ in 0..<1000 {
            let left = members()
            if left.isEmpty { break }
            for process in left { _ = Foundation.kill(process, SIGKILL) }
            usleep(10_000)
        }
        while waitpid(launcher, &state, 0) < 0, errno == EINTR {}
        let signal = state & 0x7f
        return signal == 0 ? (state >> 8) & 0xff : 128 + signal
    }

    private func kill(_ process: pid_t, _ signal: Int32) { _ = Foundation.kill(process, signal) }

    /// The processes of the session but the launcher that still run.
    private func members() -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { $0 != launcher && Self.session(of: $0) == launcher }
    }

    /// The session of a process; nil where it has ended.
    private static func session(of process: pid_t) -> pid_t? {
        // the name, in parentheses, may hold anything; state, parent, group and session follow it
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 3,
            fields[0] != "Z", fields[0] != "X"
        else { return nil }
        return pid_t(fields[3])
    }
}
