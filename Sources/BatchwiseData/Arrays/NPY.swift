import Batchwise
import Foundations

/// NumPy's file of one array, versions 1 to 3.
enum NPY: DataFormat {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// numpy refuses headers over 10,000 characters unless told otherwise.
    private static let longestHeader = 1 << 16

    /// Whether a file's first bytes are those of NPY.
    static func recognises(_ head: [UInt8]) -> Bool { head.starts(with: magic) }

    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes, file.array == nil, recognises(bytes.head) else { return nil }
        if bytes.atMost > reading.memory, let shards = try shards(try ByteSource(path: file.path)) {
            return try ArrayFile(shards, path: file.path, channels: reading.channels, memory: reading.memory)
        }
        return try ArrayFile(try read(bytes), path: file.path, channels: reading.channels)
    }

    /// Reads an array of numbers or booleans into row-major order; object arrays, text and records are refused.
    static func read(_ source: ByteSource) throws(DataError) -> NumericArray {
        let header = try header(of: source)
        guard let count = elementCount(header.shape) else {
            throw bad(source, "the shape \(header.shape) is too large")
        }
        var storage = try read(source, descr: header.descr, count: count)
        try source.expectEnd(format: "NPY")
        if header.fortranOrder { storage = storage.rowMajor(shape: header.shape) }
        return NumericArray(shape: header.shape, storage: storage)
    }

    /// The array read from where it lies, for a plain file whose numbers need no rewriting; nil for other files.
    static func shards(_ source: ByteSource) throws(DataError) -> ArrayShards? {
        let header = try header(of: source)
        guard source.packing == .none, !header.fortranOrder || header.shape.count < 2, let rows = header.shape.first,
            rows > 0, let element = ArrayElement(rawValue: header.descr), element != .int64,
            let count = elementCount(header.shape), count > 0
        else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: element.size)
        guard !overflow, bytes <= source.atMost else {
            throw .truncated(file: source.path, format: "NPY", expected: overflow ? .max : bytes, found: source.atMost)
        }
        guard bytes == source.atMost else { throw .trailingBytes(file: source.path, format: "NPY") }
        let file = try InputFile(source.path)
        return ArrayShards(
            element, shape: Array(header.shape.dropFirst()),
            shards: [.init(file: file, offset: file.length - bytes, rows: 0..<rows, checksum: nil)])
    }

    /// Reads the header before the elements.
    static func header(of source: ByteSource) throws(DataError) -> NPYHeader {
        let start = try source.array(of: UInt8.self, count: 8, format: "NPY")
        guard recognises(start), (1...3).contains(start[6]) else {
            throw bad(source, "version \(start[6]).\(start[7]) is not known")
        }
        let lengthBytes = try source.array(of: UInt8.self, count: start[6] == 1 ? 2 : 4, format: "NPY")
        let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= longestHeader else { throw bad(source, "it claims \(length) bytes") }
        guard let header = NPYHeader(try source.array(of: UInt8.self, count: length, format: "NPY")) else {
            throw bad(source, "it is not a dictionary of descr, fortran_order and shape as numpy writes for numbers")
        }
        return header
    }

    private static func read(
        _ source: ByteSource, descr: String, count: Int
    ) throws(DataError) -> NumericArray.Storage {
        let order = descr.first
        let isBig = order == ">" || (order == "=" && 1.bigEndian == 1)
        guard let order, "<>=|".contains(order) else { throw unsupported(source, descr) }
        switch descr.dropFirst() {
        case "b1":
            let values = try source.array(of: UInt8.self, count: count, format: "NPY")
            guard values.allSatisfy({ $0 < 2 }) else { throw bad(source, "a boolean is neither 0 nor 1") }
            return .booleans(values)
        case "u1": return .bytes(try source.array(of: UInt8.self, count: count, format: "NPY"))
        case "i1": return .integers(try widened(source, Int8.self, count, isBig))
        case "i2": return .integers(try widened(source, Int16.self, count, isBig))
        case "u2": return .integers(try widened(source, UInt16.self, count, isBig))
        case "i4": return .integers(try widened(source, Int32.self, count, isBig))
        case "u4": return .integers(try widened(source, UInt32.self, count, isBig))
        case "i8": return .integers(try source.integers(Int64.self, count: count, bigEndian: isBig, format: "NPY"))
        case "u8": return .integers(try widened(source, UInt64.self, count, isBig))
        case "f2":
            let bits = try source.integers(UInt16.self, count: count, bigEndian: isBig, format: "NPY")
            return .floats(bits.map(float(half:)))
        case "f4": return .floats(try source.floats(count: count, bigEndian: isBig, format: "NPY"))
        case "f8": return .doubles(try source.doubles(count: count, bigEndian: isBig, format: "NPY"))
        default: throw unsupported(source, descr)
        }
    }

    private static func widened<T: FixedWidthInteger & BitwiseCopyable>(
        _ source: ByteSource, _ type: T.Type, _ count: Int, _ isBig: Bool
    ) throws(DataError) -> [Int64] {
        try source.requireRoom(for: count, of: Int64.self)
        let values = try source.integers(type, count: count, bigEndian: isBig, format: "NPY")
        guard values.allSatisfy({ Int64(exactly: $0) != nil }) else {
            throw .unsupported(file: source.path, detail: "holds integers of 2^63 and more; save it as float64")
        }
        return values.map { Int64(truncatingIfNeeded: $0) }
    }

    /// IEEE binary16 as Float, exactly. (Float16 is not on every platform.)
    static func float(half bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Float(bits & 0x3FF)
        return switch exponent {
        case 0: sign * fraction * 0x1p-24
        case 31: fraction == 0 ? sign * .infinity : .nan
        default: sign * (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
        }
    }

    private static func bad(_ source: ByteSource, _ detail: String) -> DataError {
        .badHeader(file: source.path, format: "NPY", detail: detail)
    }

    private static func unsupported(_ source: ByteSource, _ descr: String) -> DataError {
        if descr.contains("O") {
            return .unsupported(
                file: source.path,
                detail: "holds Python objects, which can run code when read; save it as numbers, such as float32, or "
                    + "labels as texts: np.save(file, y.astype(str))")
        }
        return .unsupported(
            file: source.path, detail: "holds elements of type '\(descr)'; save it as numbers, such as float32")
    }
}
