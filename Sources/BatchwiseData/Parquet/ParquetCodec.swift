import Batchwise
internal import CZlib
internal import CZstd

/// The compression of a column's pages.
enum ParquetCodec: Int {
    case none, snappy, gzip
    case zstandard = 6

    /// The most bytes that a byte unpacks to. Zstandard has no bound, and pages of a usual size may have any ratio.
    private var largestRatio: Int { self == .snappy ? 32 : 1100 }
    private static let usualSize = 1 << 23

    init(number: Int) throws(ParquetFault) {
        guard let codec = Self(rawValue: number) else {
            let names = [3: "LZO", 4: "Brotli", 5: "LZ4", 7: "LZ4_RAW"]
            throw .unsupported(
                "is packed with \(names[number] ?? "codec \(number)"), which is not read here; write it again with "
                    + "compression=\"zstd\" or \"snappy\"")
        }
        self = codec
    }

    /// Unpacks bytes, which become exactly `size`.
    ///
    /// - Parameter room: the bytes that the file may still unpack to.
    func unpacked(_ packed: ParquetBytes, size: Int, room: inout Int) throws(ParquetFault) -> ParquetBytes {
        if self == .none {
            guard size == packed.count else { throw .damaged("a page of \(size) bytes has \(packed.count)") }
            return packed
        }
        guard size <= room else { throw .unsupported(Self.tooClose) }
        if self == .zstandard { try Self.verify(packed, size) }
        guard size <= max(packed.count * largestRatio, self == .zstandard ? Self.usualSize : 64) else {
            throw .damaged("a page of \(packed.count) bytes claims \(size)")
        }
        room -= size
        var isWhole = size == 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size + ParquetBytes.padding) { buffer, count in
            buffer.initialize(repeating: 0)
            count = buffer.count
            guard size > 0 else { return }
            let output = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size])
            packed.storage.withUnsafeBytes { storage in
                let input = UnsafeRawBufferPointer(rebasing: storage[packed.at..<packed.end])
                switch self {
                case .none: break
                case .snappy: isWhole = Snappy.unpack(input, into: output)
                case .gzip: isWhole = Self.inflate(input, into: output)
                case .zstandard:
                    let found = ZSTD_decompress(output.baseAddress, size, input.baseAddress, input.count)
                    isWhole = ZSTD_isError(found) == 0 && found == size
                }
            }
        }
        guard isWhole else { throw .damaged("a page cannot be unpacked") }
        return ParquetBytes(bytes, 0..<size)
    }

    /// Makes sure that a frame which tells its own size agrees, before there is room for it.
    private static func verify(_ packed: ParquetBytes, _ size: Int) throws(ParquetFault) {
        let told = packed.storage.withUnsafeBytes { storage in
            ZSTD_getFrameContentSize(storage.baseAddress! + packed.at, packed.count)
        }
        // the two largest numbers mean that it is unknown, and that there is no frame
        guard told >= UInt64.max - 1 || told == UInt64(size) else {
            throw .damaged("a page of \(size) bytes unpacks to \(told)")
        }
    }

    static let tooClose =
        "unpacks to far more than its own size, as files made to fill memory do; write it again as several files"

    /// Unpacks gzip, or zlib's own format.
    private static func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        var stream = z_stream()
        let anyHeader: Int32 = 47
        // both lengths have been read from 32 bits, or lie in a file that has been checked
        guard let inputCount = UInt32(exactly: input.count), let outputCount = UInt32(exactly: output.count),
            inflateInit2_(&stream, anyHeader, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return false }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
        stream.avail_in = inputCount
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.avail_out = outputCount
        var status = CZlib.inflate(&stream, Z_FINISH)
        // some writers put several members into a page
        while status == Z_STREAM_END, stream.avail_in > 0, stream.avail_out > 0 {
            inflateReset(&stream)
            status = CZlib.inflate(&stream, Z_FINISH)
        }
        return status == Z_STREAM_END && stream.avail_out == 0
    }
}
