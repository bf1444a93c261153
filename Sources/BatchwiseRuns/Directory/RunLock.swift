import Foundation
import Foundations

/// The lock on a run directory, which one run holds at a time; it is released with this value, and with the process.
package struct RunLock: ~Copyable {
    private let descriptor: Int32

    /// - Throws: `RunError.locked` where another run holds the lock.
    package init(_ path: String) throws(RunError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .inputOutput(path, reason: "cannot be opened: \(AtomicFile.systemReason())") }
        // a process that another thread starts holds this one's files, and with them its locks, until it runs its program
        var tries = 0
        while flock(folder, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
            tries += 1
            guard tries < 50 else {
                close(folder)
                throw .locked(path)
            }
            usleep(1000)
        }
        descriptor = folder
    }

    deinit { close(descriptor) }
}
