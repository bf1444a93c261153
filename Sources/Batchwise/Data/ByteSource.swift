/// The bytes of a file in order, inflated on the way when it is a gzip file.
///
/// Nothing is allocated on the word of a file: what can still come is bounded by the file's own length.
final class ByteSource {
    /// Deflate cannot pack more than 1032 bytes into one.
    static let largestRatio = 1100

    let path: String
    let isCompressed: Bool
    /// The first bytes, at most 512, for telling the format; they are read again by `read(into:)`.
    let head: [UInt8]
    private let file: InputFile
    private let gzip: GzipFile?
    private var position = 0

    init(path: String) throws(DataError) {
        self.path = path
        let file = try InputFile(path)
        let gzip = try GzipFile.recognises(file) ? GzipFile(file) : nil
        self.file = file
        self.gzip = gzip
        isCompressed = gzip != nil
        var head = [UInt8](repeating: 0, count: 512)
        let count = try head.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try Self.read(file, gzip, into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard count > 0 else { throw .emptyFile(path) }
        self.head = Array(head[..<count])
    }

    /// The most bytes that can still come: exact for a plain file, a bound for a compressed one.
    var atMost: Int {
        guard isCompressed else { return max(0, file.length - position) }
        let (product, overflow) = file.length.multipliedReportingOverflow(by: Self.largestRatio)
        return max(0, (overflow ? .max : product) - position)
    }

    /// Fills the buffer; returns fewer bytes than asked only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var done = 0
        if position < head.count {
            done = min(buffer.count, head.count - position)
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<done]).copyBytes(from: head[position..<(position + done)])
        }
        if done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            done += try Self.read(file, gzip, into: rest)
        }
        position += done
        return done
    }

    /// The next `count` values as they lie in the file; fails before allocating when so many cannot be there.
    func array<T: BitwiseCopyable & AdditiveArithmetic>(
        of type: T.Type, count: Int, format: String
    ) throws(DataError) -> [T] {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
        guard count >= 0, !overflow, bytes <= atMost else {
            throw .truncated(file: path, format: format, expected: overflow ? .max : bytes, found: atMost)
        }
        guard bytes <= memoryLimit else { throw .tooLarge(file: path, bytes: bytes, limit: memoryLimit) }
        var failure: DataError?
        let result = [T](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(DataError) {
                let raw = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                let found = try self.read(into: raw)
                if found < bytes {
                    failure = .truncated(file: self.path, format: format, expected: bytes, found: found)
                } else {
                    initialized = count
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return result
    }

    /// All that is left of a text.
    func text() throws(DataError) -> [UInt8] { try rest(limit: textLimit) }

    /// Text rarely packs better than 20:1; what claims more than 100:1 is made to fill memory.
    var textLimit: Int { isCompressed ? min(max(1 << 26, atMost / 11), 1 << 32) : memoryLimit }

    /// All that is left, at most `limit` bytes.
    func rest(limit: Int) throws(DataError) -> [UInt8] {
        if !isCompressed {
            guard atMost <= limit else { throw .tooLarge(file: path, bytes: atMost, limit: limit) }
        }
        // One byte more than expected, so that the end is seen without growing.
        var bytes = [UInt8](repeating: 0, count: min(try expectedRest(), limit) + 1)
        var used = 0
        while true {
            used += try bytes.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
                try self.read(
                    into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[used...])))
            }
            if used < bytes.count { break }
            guard used <= limit else { throw .tooLarge(file: path, bytes: used, limit: limit) }
            bytes.append(contentsOf: repeatElement(0, count: min(used, limit + 1 - used)))
        }
        bytes.removeLast(bytes.count - used)
        return bytes
    }

    /// Nothing may follow; also what verifies the last checksum of a gzip file.
    func expectEnd(format: String) throws(DataError) {
        var byte = [UInt8](repeating: 0, count: 1)
        let found = try byte.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try self.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard found == 0 else { throw .trailingBytes(file: path, format: format) }
    }

    /// A plain file's rest is known; a gzip file ends with the length of its last member, which is a hint.
    private func expectedRest() throws(DataError) -> Int {
        guard isCompressed else { return atMost }
        var last = [UInt8](repeating: 0, count: 4)
        _ = try last.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try self.file.peek(at: max(0, self.file.length - 4), into: UnsafeMutableRawBufferPointer(buffer))
        }
        let hint = last.reversed().reduce(0) { $0 << 8 | Int($1) }
        return min(hint, atMost, 1 << 28)
    }

    private static func read(
        _ file: InputFile, _ gzip: GzipFile?, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DataError) -> Int {
        if let gzip { try gzip.read(into: buffer) } else { try file.read(into: buffer) }
    }
}
