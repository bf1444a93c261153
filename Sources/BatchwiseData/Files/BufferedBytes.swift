import Batchwise

/// The bytes of a source that have been read and not passed yet.
struct BufferedBytes {
    private static let chunk = 1 << 16

    private let source: ByteSource
    /// The bytes from the last refill on.
    private(set) var bytes: [UInt8] = []
    /// The place of the byte that is next.
    var at = 0
    /// Whether the source has no more bytes.
    private(set) var isAtEnd = false

    init(_ source: ByteSource) { self.source = source }

    /// Reads more bytes behind those that have not been passed, as many as these are at least.
    ///
    /// - Throws: `DataError.tooLarge` where too many bytes are not passed.
    mutating func refill() throws(DataError) {
        let passed = min(at, bytes.count)
        if passed > 0 {
            bytes.removeFirst(passed)
            at -= passed
        }
        let used = bytes.count
        guard used <= memoryLimit else { throw .tooLarge(file: source.path, bytes: used, limit: memoryLimit) }
        let room = max(used, min(Self.chunk, max(source.atMost, 1)))
        bytes += repeatElement(0, count: room)
        let got = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try source.read(into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[used...])))
        }
        bytes.removeLast(room - got)
        isAtEnd = got < room
    }

    /// Reads the first bytes, and passes the mark of UTF-8 where it is there.
    mutating func begin() throws(DataError) {
        try refill()
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }
}
