/// Numbers the different texts of a column in order of appearance, without making a string of every cell.
struct LevelInterner {
    /// The texts one after the other, and where each ends.
    private var texts: [UInt8] = []
    private var ends: [Int] = []
    /// Open addressing: the number of a text, or -1; the size is a power of two.
    private var slots = [Int32](repeating: -1, count: 64)

    var count: Int { ends.count }

    /// The number of this text; the next number when it is new.
    mutating func code(of bytes: [UInt8], _ range: Range<Int>) -> Int32 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for at in range { hash = (hash ^ UInt64(bytes[at])) &* 0x100_0000_01b3 }
        var slot = Int(truncatingIfNeeded: splitMix64(hash)) & (slots.count - 1)
        while slots[slot] >= 0 {
            if equals(Int(slots[slot]), bytes, range) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        let code = Int32(ends.count)
        slots[slot] = code
        texts.append(contentsOf: bytes[range])
        ends.append(texts.count)
        if 2 * ends.count > slots.count { grow() }
        return code
    }

    /// The bytes of a text.
    func text(_ code: Int) -> ArraySlice<UInt8> {
        texts[(code == 0 ? 0 : ends[code - 1])..<ends[code]]
    }

    private func equals(_ code: Int, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let start = code == 0 ? 0 : ends[code - 1]
        guard ends[code] - start == range.count else { return false }
        for offset in 0..<range.count where texts[start + offset] != bytes[range.lowerBound + offset] { return false }
        return true
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: 2 * slots.count)
        for code in ends.indices {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in text(code) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            var slot = Int(truncatingIfNeeded: splitMix64(hash)) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(code)
        }
    }
}
