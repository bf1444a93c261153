import Batchwise

/// Bytes of a Parquet file, read in order and never beyond their end. At least sixteen bytes lie behind them in memory,
/// so that eight can be loaded wherever one may be read.
struct ParquetBytes {
    static let padding = 16

    /// The memory in which the bytes lie.
    let storage: [UInt8]
    private(set) var at: Int
    let end: Int

    /// - Parameter range: the bytes to read; the storage goes on for `padding` bytes behind it at least.
    init(_ storage: [UInt8], _ range: Range<Int>) {
        precondition(range.upperBound + Self.padding <= storage.count)
        self.storage = storage
        at = range.lowerBound
        end = range.upperBound
    }

    /// The bytes that are left.
    var count: Int { end - at }

    mutating func byte() throws(ParquetFault) -> UInt8 {
        guard at < end else { throw .damaged("it ends too early") }
        at += 1
        return storage[at - 1]
    }

    /// Passes over so many bytes, and gives their place in the storage.
    mutating func take(_ count: Int) throws(ParquetFault) -> Range<Int> {
        guard count >= 0, count <= end - at else {
            throw .damaged("a length of \(count), where \(end - at) bytes are left")
        }
        at += count
        return at - count..<at
    }

    /// A number of seven bits a byte, the lowest first.
    mutating func varint() throws(ParquetFault) -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while true {
            let next = try byte()
            guard shift < 63 || shift == 63 && next <= 1 else { throw .damaged("a number of more than 64 bits") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    /// A signed number, as 0, -1, 1, -2 and so on are numbered.
    mutating func zigzag() throws(ParquetFault) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A length in four bytes.
    mutating func length() throws(ParquetFault) -> Int {
        let place = try take(4)
        return Int(UInt32(truncatingIfNeeded: word(at: place.lowerBound)))
    }

    /// The eight bytes from a place of the storage on, which must not lie behind the end.
    @inline(__always)
    func word(at place: Int) -> UInt64 {
        storage.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt64.self)) }
    }

    /// A part of the bytes, to be read on its own.
    func part(_ range: Range<Int>) -> ParquetBytes { ParquetBytes(storage, range) }
}
