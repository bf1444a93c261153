import Batchwise
import Foundations

/// The format of MNIST: two zeros, a type, the number of dimensions, big-endian dimensions, big-endian data.
enum IDX: DataFormat {
    /// Whether a file's first bytes are an IDX header.
    static func recognises(_ head: [UInt8]) -> Bool {
        head.count >= 4 && head[0] == 0 && head[1] == 0 && [8, 9, 11, 12, 13, 14].contains(head[2]) && head[3] > 0
    }

    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes, recognises(bytes.head) else { return nil }
        return try ArrayFile(try read(bytes), path: file.path, channels: reading.channels)
    }

    /// Reads the header, allocates memory for the numbers only when the file can hold them, and verifies that nothing
    /// follows them.
    static func read(_ source: ByteSource) throws(DataError) -> NumericArray {
        let magic = try source.array(of: UInt8.self, count: 4, format: "IDX")
        guard recognises(magic) else {
            throw .badHeader(file: source.path, format: "IDX", detail: "it begins with \(magic)")
        }
        let shape = try source.integers(UInt32.self, count: Int(magic[3]), bigEndian: true, format: "IDX")
            .map { Int($0) }
        guard let count = elementCount(shape) else {
            throw .badHeader(file: source.path, format: "IDX", detail: "the shape \(shape) is too large")
        }
        let storage = try read(source, type: magic[2], count: count)
        try source.expectEnd(format: "IDX")
        return NumericArray(shape: shape, storage: storage)
    }

    private static func read(
        _ source: ByteSource, type: UInt8, count: Int
    ) throws(DataError) -> NumericArray.Storage {
        switch type {
        case 0x08: .bytes(try source.array(of: UInt8.self, count: count, format: "IDX"))
        case 0x09: .integers(try widened(source, Int8.self, count))
        case 0x0B: .integers(try widened(source, Int16.self, count))
        case 0x0C: .integers(try widened(source, Int32.self, count))
        case 0x0D: .floats(try source.floats(count: count, bigEndian: true, format: "IDX"))
        default: .doubles(try source.doubles(count: count, bigEndian: true, format: "IDX"))
        }
    }

    private static func widened<T: FixedWidthInteger & BitwiseCopyable>(
        _ source: ByteSource, _ type: T.Type, _ count: Int
    ) throws(DataError) -> [Int64] {
        try source.requireRoom(for: count, of: Int64.self)
        return try source.integers(type, count: count, bigEndian: true, format: "IDX").map { Int64($0) }
    }
}
