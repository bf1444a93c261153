import Foundations
import Batchwise
import BatchwiseData
import Foundation

/// metrics.jsonl of a run that goes on: a line for every epoch.
///
/// Lines that the system refuses, as on a full disk, wait for the next.
struct MetricsFile {
    let path: String
    private var waiting: [UInt8] = []
    private var isFlushed = false

    init(path: String) { self.path = path }

    mutating func add(_ record: EpochRecord) { waiting += (record.json.text + "\n").utf8 }

    /// Writes the lines that wait, by one call of the system, so that no reader sees half of one.
    mutating func write() throws {
        guard !waiting.isEmpty else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Failure(.cannotCreate, "\(path): cannot create it: \(systemReason())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Output.put(waiting, on: descriptor) else {
            let reason = systemReason()
            ftruncate(descriptor, status.st_size)
            throw Failure(.inputOutput, "\(path): cannot write it: \(reason)")
        }
        waiting = []
    }

    /// Brings all lines to the disk: a checkpoint means that the epochs before it are there.
    mutating func flush() throws {
        try write()
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw Failure(.inputOutput, "\(path): cannot open it: \(systemReason())")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(.inputOutput, "\(path): cannot flush it: \(systemReason())") }
        if !isFlushed { try AtomicFile.flush(folder: AtomicFile.folder(of: path), for: path) }
        isFlushed = true
    }
}
