import Foundation
import Foundations

/// events.jsonl of a run that goes on: lines are added, and none is ever changed.
///
/// Lines wait in memory until `write`, which adds whole lines by one call of the system, so that no reader sees half of
/// one. Lines that the system refuses, as on a full disk, wait for the next call.
struct EventFile {
    let path: String
    private var waiting: [UInt8] = []
    private var lastWrite = now()
    private var isOpened = false
    private var isFlushed = false

    init(path: String) { self.path = path }

    mutating func add(_ event: RunEvent) { waiting += (event.json.text + "\n").utf8 }

    /// Whether lines have waited for a second.
    var isDue: Bool { !waiting.isEmpty && now() - lastWrite >= 1 }

    /// Writes the lines that wait.
    mutating func write() throws(FileError) {
        lastWrite = now()
        guard !waiting.isEmpty else { return }
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: AtomicFile.systemReason()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed("write") }
        if !isOpened, status.st_size > 0 {
            // a line that a crash has torn is ended first: it must not swallow the next one
            var last: UInt8 = 0
            guard pread(descriptor, &last, 1, status.st_size - 1) == 1 else { throw failed("read") }
            if last != UInt8(ascii: "\n") { waiting.insert(UInt8(ascii: "\n"), at: 0) }
        }
        isOpened = true
        guard writeAll(waiting, to: descriptor) else {
            let error = failed("write")
            // the part of these lines that was written would be a torn line
            ftruncate(descriptor, status.st_size)
            throw error
        }
        waiting = []
    }

    /// Brings all lines to the disk: a checkpoint means that the events before it are there.
    mutating func flush() throws(FileError) {
        try write()
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw failed("open")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("flush") }
        if !isFlushed { try AtomicFile.flush(folder: AtomicFile.folder(of: path), for: path) }
        isFlushed = true
    }

    private func failed(_ action: String) -> FileError {
        .inputOutput(path: path, reason: "cannot \(action) it: \(AtomicFile.systemReason())")
    }
}
