import CAllocations
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// The most memory that reading an untrusted file may take: ten times the file or, where it is packed, its unpacked
/// bytes, and the windows and tables that every file takes.
struct MemoryBound {
    /// The bytes of windows, of zlib's and SQLite's own memory, and of buffers of the standard library.
    static let usual = 256 << 10
    /// The bytes of the window of 8 MiB that every reader of Zstandard should offer, of its blocks and its context.
    static let zstandard = 9 << 20

    /// The bytes of pixels for each byte of a file: deflate's ratio, one bit a pixel, three channels, thrice for the
    /// pixels in the file, the upright ones and those of the wanted size.
    static let images = MemoryBound(ratio: 3 * 3 * 8 * 1100)

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
