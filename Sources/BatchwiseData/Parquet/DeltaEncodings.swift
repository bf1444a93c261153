import Batchwise

/// Parquet's encodings by differences: of whole numbers, of the lengths of texts, and of the beginnings of texts.
///
/// See Encodings.md of Apache Parquet. Numbers wrap around, as in the writers.
enum DeltaEncodings {
    /// The most values in a block; writers put 128 there.
    private static let largestBlock = 1 << 16

    /// Numbers of DELTA_BINARY_PACKED, at most `limit` of them.
    static func integers(_ bytes: inout ParquetBytes, limit: Int) throws(ParquetFault) -> [Int64] {
        let (blockSize, parts) = (try bytes.varint(), try bytes.varint())
        let count = try bytes.varint()
        var value = try bytes.zigzag()
        guard (1...UInt64(largestBlock)).contains(blockSize), blockSize % 128 == 0, parts > 0, blockSize % parts == 0,
            (blockSize / parts) % 32 == 0
        else { throw .damaged("blocks of \(blockSize) differences in \(parts) parts") }
        guard count <= UInt64(limit) else { throw .damaged("\(count) differences for \(limit) values") }
        let (partSize, partCount, total) = (Int(blockSize / parts), Int(parts), Int(count))
        var values: [Int64] = []
        guard total > 0 else { return values }
        values.reserveCapacity(min(total, 1 << 20))
        values.append(value)
        while values.count < total {
            let smallest = try bytes.zigzag()
            let widths = try bytes.take(partCount)
            for place in widths where values.count < total {
                let width = Int(bytes.storage[place])
                guard width <= 64 else { throw .damaged("differences of \(width) bits") }
                let some = min(partSize, total - values.count)
                // the last part may be cut to the values that there are
                let size = min(partSize * width / 8, bytes.count)
                guard (some * width + 7) / 8 <= size else { throw .damaged("differences are cut short") }
                let start = try bytes.take(size).lowerBound
                let mask = width == 64 ? UInt64.max : UInt64(1) << UInt64(width) - 1
                for index in 0..<some {
                    let bit = index &* width
                    let (at, shift) = (start &+ bit >> 3, UInt64(bit & 7))
                    var difference = bytes.word(at: at) >> shift
                    if shift > 0, width > 56 { difference |= bytes.word(at: at &+ 8) << (64 &- shift) }
                    value = value &+ smallest &+ Int64(bitPattern: difference & mask)
                    values.append(value)
                }
            }
        }
        return values
    }

    /// Texts of DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
    static func texts(_ bytes: inout ParquetBytes, count: Int) throws(ParquetFault) -> ParquetSlices {
        let lengths = try lengths(&bytes, count: count)
        var slices = ParquetSlices(storage: bytes.storage)
        slices.places.reserveCapacity(count)
        for length in lengths { slices.places.append(try bytes.take(length)) }
        return slices
    }

    /// Texts of DELTA_BYTE_ARRAY: each repeats the beginning of the one before.
    ///
    /// - Parameter room: the bytes that the file may still unpack to.
    static func sharedTexts(
        _ bytes: inout ParquetBytes, count: Int, room: inout Int
    ) throws(ParquetFault) -> ParquetSlices {
        let shared = try lengths(&bytes, count: count)
        let rests = try texts(&bytes, count: count)
        var storage: [UInt8] = []
        var places: [Range<Int>] = []
        places.reserveCapacity(count)
        var last = 0..<0
        for (length, rest) in zip(shared, rests.places) {
            guard length <= last.count else { throw .damaged("a text repeats more than the one before has") }
            room -= length + rest.count
            guard room >= 0 else { throw .unsupported(ParquetCodec.tooClose) }
            let start = storage.count
            for place in last.prefix(length) { storage.append(storage[place]) }
            storage.append(contentsOf: bytes.storage[rest])
            last = start..<storage.count
            places.append(last)
        }
        storage.append(contentsOf: repeatElement(0, count: ParquetBytes.padding))
        return ParquetSlices(storage: storage, places: places)
    }

    private static func lengths(_ bytes: inout ParquetBytes, count: Int) throws(ParquetFault) -> [Int] {
        let values = try integers(&bytes, limit: count)
        guard values.count == count else { throw .damaged("\(values.count) lengths of \(count) texts") }
        var lengths: [Int] = []
        lengths.reserveCapacity(count)
        // lengths are of 32 bits, and so are the differences between them
        for value in values {
            let length = Int(Int32(truncatingIfNeeded: value))
            guard length >= 0 else { throw .damaged("a text of \(length) bytes") }
            lengths.append(length)
        }
        return lengths
    }
}
