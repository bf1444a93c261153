import Batchwise

/// An array from an IDX or NPY file: row-major, in the widest type of its kind.
package struct NumericArray: Equatable, Sendable {
    package enum Storage: Equatable, Sendable {
        case bytes([UInt8])
        /// Every byte is 0 or 1.
        case booleans([UInt8])
        case integers([Int64])
        case floats([Float])
        case doubles([Double])
    }

    package private(set) var shape: [Int]
    package private(set) var storage: Storage

    /// The size of the first dimension: the number of examples.
    package var count: Int { shape.first ?? 0 }

    /// Puts the examples of another array behind these; false where they are of another shape or kind.
    mutating func append(_ other: NumericArray) -> Bool {
        guard !shape.isEmpty, !other.shape.isEmpty, shape.dropFirst() == other.shape.dropFirst() else { return false }
        switch (storage, other.storage) {
        case (.bytes(let own), .bytes(let more)): storage = .bytes(own + more)
        case (.booleans(let own), .booleans(let more)): storage = .booleans(own + more)
        case (.integers(let own), .integers(let more)): storage = .integers(own + more)
        case (.floats(let own), .floats(let more)): storage = .floats(own + more)
        case (.doubles(let own), .doubles(let more)): storage = .doubles(own + more)
        default: return false
        }
        shape[0] += other.shape[0]
        return true
    }
}

extension ByteSource {
    /// The next `count` integers of either byte order.
    func integers<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, count: Int, bigEndian: Bool, format: String
    ) throws(DataError) -> [T] {
        var values = try array(of: type, count: count, format: format)
        if T.bitWidth > 8, bigEndian != (1.bigEndian == 1) {
            values.withUnsafeMutableBufferPointer { buffer in
                for index in buffer.indices { buffer[index] = buffer[index].byteSwapped }
            }
        }
        return values
    }

    /// The next `count` float32 of either byte order.
    func floats(count: Int, bigEndian: Bool, format: String) throws(DataError) -> [Float] {
        // The usual case goes to its place without a second array.
        if bigEndian == (1.bigEndian == 1) { return try array(of: Float.self, count: count, format: format) }
        let bits = try integers(UInt32.self, count: count, bigEndian: bigEndian, format: format)
        return bits.map { Float(bitPattern: $0) }
    }

    /// The next `count` float64 of either byte order.
    func doubles(count: Int, bigEndian: Bool, format: String) throws(DataError) -> [Double] {
        if bigEndian == (1.bigEndian == 1) { return try array(of: Double.self, count: count, format: format) }
        let bits = try integers(UInt64.self, count: count, bigEndian: bigEndian, format: format)
        return bits.map { Double(bitPattern: $0) }
    }
}
