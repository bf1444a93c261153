import CAllocations
import Testing

@testable import Batchwise

/// What reading a file of nobody's trust may take at most: ten times the file, or what has come out of it where it is
/// packed, and what windows and tables take for every file.
struct MemoryBound {
    /// Windows, zlib's and SQLite's own memory, buffers of the standard library.
    static let usual = 256 << 10
    /// The window of 8 MiB that every reader of Zstandard should offer, its blocks and its context.
    static let zstandard = 9 << 20

    let fixed: Int

    init(_ fixed: Int = usual) { self.fixed = fixed }

    /// Reads a file of `count` bytes, of which `unpacked` may come out.
    func hold<Result>(
        count: Int, unpacked: Int = 0, _ name: @autoclosure () -> String = "", _ read: () throws -> Result
    ) rethrows -> Result {
        watch_memory()
        defer {
            let (peak, limit) = (memory_peak(), 10 * max(count, unpacked) + fixed)
            if peak > limit { Issue.record("\(name()) took \(peak) of \(limit) bytes for \(count)") }
        }
        return try read()
    }
}
