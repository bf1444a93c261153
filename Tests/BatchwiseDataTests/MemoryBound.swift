import CAllocations
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// What reading a file of nobody's trust may take at most: ten times the file, or what has come out of it where it is
/// packed, and what windows and tables take for every file.
struct MemoryBound {
    /// Windows, zlib's and SQLite's own memory, buffers of the standard library.
    static let usual = 256 << 10
    /// The window of 8 MiB that every reader of Zstandard should offer, its blocks and its context.
    static let zstandard = 9 << 20

    /// Pixels of a file of one byte: deflate's ratio, one bit a pixel, three channels; as they are and as they are wanted.
    static let images = MemoryBound(ratio: 2 * 3 * 8 * 1100)

    let fixed: Int
    let ratio: Int

    init(_ fixed: Int = usual, ratio: Int = 10) {
        self.fixed = fixed
        self.ratio = ratio
    }

    /// Reads a file of `count` bytes, of which `unpacked` may come out.
    func hold<Result>(
        count: Int, unpacked: Int = 0, _ name: @autoclosure () -> String = "", _ read: () throws -> Result
    ) rethrows -> Result {
        watch_memory()
        defer {
            let (peak, limit) = (memory_peak(), ratio * max(count, unpacked) + fixed)
            if peak > limit { Issue.record("\(name()) took \(peak) of \(limit) bytes for \(count)") }
        }
        return try read()
    }
}
