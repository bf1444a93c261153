import Batchwise
import Foundations

/// A reader of the bytes of a file, or of a part of a file, in order. It unpacks gzip and Zstandard files on the way.
///
/// No memory is allocated because a file claims to need it. The file's own length bounds what can still come, and bytes
/// that are packed closer than ten to one get room only as they come.
final class ByteSource {
    /// Deflate cannot pack more than 1032 bytes into one. Zstandard can, and such files are refused.
    static let largestRatio = 1100
    /// The bytes for which room is made in advance, for each byte of a packed file.
    private static let trustedRatio = 10
    /// Files that pack more closely than this, beyond the first 128 MiB, are made to fill memory: text rarely packs better
    /// than 20:1.
    private static let plausibleRatio = 100
    private static let plausibleBytes = 1 << 27

    /// The path of the file, for errors.
    let path: String
    let packing: Packing
    /// The first bytes, at most 512, for telling the format; they are read again by `read(into:)`.
    let head: [UInt8]
    /// The encoding that the bytes had before they became UTF-8; nil where they are those of the file.
    let encoding: DataSource.TextEncoding?
    private let stream: any ByteStream
    /// The most bytes that the source can give.
    private let bound: Int
    /// The bytes that the source probably gives.
    private let expected: Int
    /// The bytes for which room may be made before they have come.
    private let trusted: Int
    /// The most bytes that a packed file may unpack to; nil where nothing is packed.
    private let mostUnpacked: Int?
    private var position = 0

    convenience init(path: String) throws(DataError) {
        let file = try InputFile(path)
        let (product, overflow) = file.length.multipliedReportingOverflow(by: Self.largestRatio)
        let bound = overflow ? .max : product
        let packing = try Packing(file)
        switch packing {
        case .none: try self.init(path: path, stream: file, packing: packing, bound: file.length, expected: file.length)
        case .gzip:
            try self.init(
                path: path, stream: GzipFile(file), packing: packing, bound: bound,
                expected: GzipFile.claimedLength(of: file), packed: file.length)
        case .zstandard:
            try self.init(
                path: path, stream: ZstdFile(file), packing: packing, bound: bound,
                expected: ZstdFile.claimedLength(of: file) ?? .max, packed: file.length)
        }
    }

    /// A source of bytes that are in memory.
    convenience init(path: String, bytes: [UInt8]) throws(DataError) {
        try self.init(
            path: path, stream: MemoryStream(bytes), packing: .none, bound: bytes.count, expected: bytes.count)
    }

    /// A text of another encoding in UTF-8.
    convenience init(transcoding source: ByteSource, from encoding: DataSource.TextEncoding) throws(DataError) {
        let (product, overflow) = source.atMost.multipliedReportingOverflow(by: encoding.growth)
        try self.init(
            path: source.path, stream: Transcoder(source, encoding), packing: source.packing,
            bound: overflow ? .max : product / 3 + 4, expected: source.expected, encoding: encoding)
    }

    /// - Parameters:
    ///   - bound: the most bytes that the stream can give: exact where nothing is packed and the bytes are the file's.
    ///   - expected: the bytes that it probably gives.
    ///   - packed: the bytes that they are packed in; nil where they are not.
    init(
        path: String, stream: any ByteStream, packing: Packing, bound: Int, expected: Int, packed: Int? = nil,
        encoding: DataSource.TextEncoding? = nil
    ) throws(DataError) {
        self.path = path
        self.encoding = encoding
        self.packing = packing
        self.stream = stream
        self.bound = bound
        trusted =
            packed.map { min(bound, max(1 << 16, $0 > .max / Self.trustedRatio ? .max : $0 * Self.trustedRatio)) }
            ?? bound
        mostUnpacked = packed.map {
            let (product, overflow) = $0.multipliedReportingOverflow(by: Self.plausibleRatio)
            return overflow ? .max : max(product, Self.plausibleBytes)
        }
        self.expected = min(expected, trusted, 1 << 28)
        var head = [UInt8](repeating: 0, count: 512)
        let count = try head.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try stream.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard count > 0 else { throw .emptyFile(path) }
        self.head = Array(head[..<count])
    }

    /// The most bytes that can still come: exact for a plain file, a bound for others.
    var atMost: Int { max(0, bound - position) }

    /// Whether the number of bytes is known before they are read.
    var isExact: Bool { packing == .none && encoding == nil }

    /// Fills the buffer; returns fewer bytes than asked only at the end. Throws where a packed file gives more bytes than
    /// is plausible.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var done = 0
        if position < head.count {
            done = min(buffer.count, head.count - position)
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<done]).copyBytes(from: head[position..<(position + done)])
        }
        if done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            done += try stream.read(into: rest)
        }
        position += done
        if let mostUnpacked, position > mostUnpacked { throw .packedTooClosely(file: path, limit: mostUnpacked) }
        return done
    }

    /// The next `count` values as they lie in the file; fails before allocating when so many cannot be there.
    func array<T: BitwiseCopyable & AdditiveArithmetic>(
        of type: T.Type, count: Int, format: String
    ) throws(DataError) -> [T] {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
        guard count >= 0, !overflow, bytes <= atMost else {
            if packing == .zstandard, bytes <= memoryLimit { throw .packedTooClosely(file: path, limit: atMost) }
            throw .truncated(file: path, format: format, expected: overflow ? .max : bytes, found: atMost)
        }
        try requireRoom(for: count, of: type)
        guard bytes <= memoryLimit else { throw .tooLarge(file: path, bytes: bytes, limit: memoryLimit) }
        var result: [T] = []
        repeat {
            // makes room at once for what a file of this length may well hold, and for the rest of a closely packed
            // file as it comes
            let next = min(count, max(trusted / MemoryLayout<T>.stride, 2 * result.count))
            result = try extended(result, to: next) { found in
                .truncated(
                    file: self.path, format: format, expected: bytes,
                    found: found + result.count * MemoryLayout<T>.stride)
            }
        } while result.count < count
        return result
    }

    /// Throws where so many values in memory are more than a packed file may unpack to.
    func requireRoom<T>(for count: Int, of type: T.Type) throws(DataError) {
        guard let mostUnpacked, count > mostUnpacked / MemoryLayout<T>.stride else { return }
        throw .packedTooClosely(file: path, limit: mostUnpacked)
    }

    /// Appends the next values of the file to these.
    private func extended<T: BitwiseCopyable>(
        _ values: [T], to count: Int, orThrow truncated: (_ found: Int) -> DataError
    ) throws(DataError) -> [T] {
        var failure: DataError?
        let result = [T](unsafeUninitializedCapacity: count) { buffer, initialized in
            _ = UnsafeMutableBufferPointer(rebasing: buffer[..<values.count]).initialize(fromContentsOf: values)
            let raw = UnsafeMutableRawBufferPointer(
                UnsafeMutableBufferPointer(rebasing: buffer[values.count..<count]))
            do throws(DataError) {
                let found = try self.read(into: raw)
                if found < raw.count { failure = truncated(found) } else { initialized = count }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return result
    }

    /// Reads all bytes that are left of a text.
    func text() throws(DataError) -> [UInt8] { try rest(limit: memoryLimit) }

    /// Reads all bytes that are left, at most `limit` of them.
    func rest(limit: Int) throws(DataError) -> [UInt8] {
        if isExact {
            guard atMost <= limit else { throw .tooLarge(file: path, bytes: atMost, limit: limit) }
        }
        // There is room for one byte more than expected, so that the end is seen without growing.
        var bytes = [UInt8](repeating: 0, count: min(max(0, expected - position), limit) + 1)
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

    /// Throws where bytes follow. This also verifies the last checksum of a compressed file.
    func expectEnd(format: String) throws(DataError) {
        var byte = [UInt8](repeating: 0, count: 1)
        let found = try byte.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try self.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard found == 0 else { throw .trailingBytes(file: path, format: format) }
    }
}
