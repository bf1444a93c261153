import Batchwise

/// Parquet's hybrid of run lengths and packed bits, which holds levels, places in a dictionary and booleans.
enum RunLengths {
    /// Reads so many numbers of this width in bits.
    static func decode(_ bytes: inout ParquetBytes, width: Int, count: Int) throws(ParquetFault) -> [UInt32] {
        guard (0...32).contains(width) else { throw .damaged("numbers of \(width) bits") }
        // some writers leave out the runs of a dictionary of one value
        guard width > 0 else { return [UInt32](repeating: 0, count: count) }
        var numbers: [UInt32] = []
        numbers.reserveCapacity(min(count, 8 * (bytes.count + 8)))
        while numbers.count < count {
            let head = try bytes.varint()
            let left = count - numbers.count
            if head & 1 == 0 {
                let run = Int(clamping: head >> 1)
                let place = try bytes.take((width + 7) / 8)
                let value = bytes.word(at: place.lowerBound) & (UInt64(1) << UInt64(8 * place.count) - 1)
                guard run > 0, value >> UInt64(width) == 0 else {
                    throw .damaged("a run of \(run) of the number \(value)")
                }
                numbers.append(contentsOf: repeatElement(UInt32(value), count: min(run, left)))
            } else {
                let groups = Int(clamping: head >> 1)
                guard groups > 0, groups <= bytes.count else { throw .damaged("a run of \(groups) groups") }
                // the last group may be cut to the values that there are
                let size = min(groups * width, bytes.count)
                let some = min(8 * groups, left)
                guard (some * width + 7) / 8 <= size else { throw .damaged("a run of \(groups) groups is cut short") }
                let place = try bytes.take(size)
                unpack(bytes, place.lowerBound, width, some, &numbers)
            }
        }
        return numbers
    }

    private static func unpack(
        _ bytes: ParquetBytes, _ start: Int, _ width: Int, _ count: Int, _ numbers: inout [UInt32]
    ) {
        let mask = UInt64(1) << UInt64(width) - 1
        let first = numbers.count
        numbers.append(contentsOf: repeatElement(0, count: count))
        numbers.withUnsafeMutableBufferPointer { numbers in
            for index in 0..<count {
                let bit = index &* width
                let word = bytes.word(at: start &+ bit >> 3) >> UInt64(bit & 7)
                numbers[first &+ index] = UInt32(truncatingIfNeeded: word & mask)
            }
        }
    }
}
