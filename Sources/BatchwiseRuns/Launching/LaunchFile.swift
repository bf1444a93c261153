import Foundation
import Foundations

/// The file `launch.json` of a run directory, while the run is supervised: one `LaunchRecord`. It is written in its place,
/// which works on a full disk too.
package final class LaunchFile {
    package static let name = "launch.json"
    /// The file beside it with the messages of `mpirun` itself.
    package static let messages = "mpirun.log"

    /// Whether a supervisor writes a file of this name, and not the run.
    static func isOfSupervisor(_ name: String) -> Bool { name == Self.name || name == messages }

    package let path: String
    private let descriptor: Int32

    /// Makes the file, which belongs to one supervisor at a time.
    ///
    /// - Throws: `RunError.locked` where another supervisor has it, `RunError.inputOutput`.
    package init(creatingIn directory: String) throws(RunError) {
        path = "\(directory)/\(Self.name)"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw .inputOutput(path, reason: "cannot be created: \(AtomicFile.systemReason())")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .locked(directory)
        }
    }

    /// Opens the file of another process; nil where there is none.
    package init?(at path: String) {
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Writes a record over the one before. Returns whether it could be written.
    @discardableResult
    package func write(_ record: LaunchRecord) -> Bool {
        record.line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) == $0.count }
    }

    /// The record; nil where it is just being written.
    package func read() -> LaunchRecord? {
        var line = [UInt8](repeating: 0, count: LaunchRecord.length)
        let count = line.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return count == line.count ? LaunchRecord(line: line) : nil
    }

    /// Removes the file.
    package func remove() { unlink(path) }
}
