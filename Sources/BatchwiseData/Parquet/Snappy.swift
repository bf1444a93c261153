/// Google's Snappy, as Parquet packs pages with it: see format_description.txt of Snappy.
enum Snappy {
    /// Unpacks a block that fills the output exactly; false where it is damaged.
    static func unpack(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard let source = input.baseAddress, let target = output.baseAddress else { return false }
        var (at, done) = (0, 0)
        guard let length = length(input, &at), length == output.count else { return false }
        while at < input.count {
            let tag = Int(input[at])
            at += 1
            if tag & 3 == 0 {
                guard let count = literalCount(tag, input, &at), count <= input.count - at,
                    count <= output.count - done
                else { return false }
                (target + done).copyMemory(from: source + at, byteCount: count)
                at += count
                done += count
            } else {
                let (extra, count) = tag & 3 == 1 ? (1, 4 + (tag >> 2) & 7) : (tag & 3 == 2 ? 2 : 4, 1 + tag >> 2)
                guard let low = number(of: extra, input, &at) else { return false }
                let distance = tag & 3 == 1 ? (tag >> 5) << 8 | low : low
                guard distance > 0, distance <= done, count <= output.count - done else { return false }
                copy(target + done, distance: distance, count: count, room: output.count - done)
                done += count
            }
        }
        return done == output.count
    }

    /// Repeats bytes from `distance` before; the copy may overlap its source, and then repeats itself.
    @inline(__always)
    private static func copy(_ target: UnsafeMutableRawPointer, distance: Int, count: Int, room: Int) {
        if distance >= 8, count &+ 8 <= room {
            // whole words, which may go beyond the copy, never beyond the output
            var done = 0
            while done < count {
                let word = (target + done - distance).loadUnaligned(as: UInt64.self)
                (target + done).storeBytes(of: word, as: UInt64.self)
                done &+= 8
            }
        } else {
            let bytes = target.assumingMemoryBound(to: UInt8.self)
            for place in 0..<count { bytes[place] = bytes[place &- distance] }
        }
    }

    private static func length(_ input: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
        var (value, shift) = (0, 0)
        while at < input.count, shift < 35 {
            let byte = Int(input[at])
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    private static func literalCount(_ tag: Int, _ input: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
        let short = tag >> 2
        guard short >= 60 else { return short + 1 }
        return number(of: short - 59, input, &at).map { $0 + 1 }
    }

    private static func number(of bytes: Int, _ input: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
        guard bytes <= input.count - at else { return nil }
        var value = 0
        for place in 0..<bytes { value |= Int(input[at + place]) << (8 * place) }
        at += bytes
        return value
    }
}
