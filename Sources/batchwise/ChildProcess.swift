import Foundation

/// A program that runs beside this one.
///
/// Foundation's `Process` waits for a thread of its own, and for ever where the system refuses to start one.
struct ChildProcess {
    private let id: pid_t
    /// The exit status, or 128 and the number of the signal that ended it, as shells count; nil while it runs.
    private(set) var status: Int32?

    /// Starts a program. It reads nothing, what it writes is dropped, and its errors go to a new file.
    ///
    /// Throws the system's error.
    init(_ program: String, _ arguments: [String], errors: String) throws(POSIXError) {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let failure = posix_spawn(&id, program, &files, nil, &words, environ)
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EAGAIN) }
        self.id = id
    }

    /// Looks whether the program has ended.
    mutating func poll() { reap(WNOHANG) }

    /// Waits for the program's end.
    mutating func wait() { reap(0) }

    /// Ends the program at once.
    func kill() {
        if status == nil { Foundation.kill(id, SIGKILL) }
    }

    private mutating func reap(_ options: Int32) {
        guard status == nil else { return }
        var state: Int32 = 0
        var ended: pid_t
        repeat { ended = waitpid(id, &state, options) } while ended < 0 && errno == EINTR
        guard ended >= 0 else {
            // whoever started this program told the system to forget its children
            status = 255
            return
        }
        guard ended == id else { return }
        let signal = state & 0x7f
        status = signal == 0 ? (state >> 8) & 0xff : 128 + signal
    }
}
