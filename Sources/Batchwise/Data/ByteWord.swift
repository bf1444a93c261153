/// Eight bytes of a text at once, the first of them lowest.
///
/// A search gives a word with the top bit of every byte that is looked for, and perhaps of some behind the first; the
/// first is always right.
struct ByteWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    let bits: UInt64

    /// The bytes from `start` on, of which all eight must be readable.
    @inline(__always)
    init(_ start: UnsafePointer<UInt8>) {
        bits = UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    init(repeating byte: UInt8) { bits = UInt64(byte) &* Self.ones }

    /// Where this word has the bytes of the other.
    @inline(__always)
    func equal(_ other: ByteWord) -> UInt64 {
        let difference = bits ^ other.bits
        return (difference &- Self.ones) & ~difference & Self.tops
    }

    /// Where bytes are below `limit`, which is at most 128.
    @inline(__always)
    func below(_ limit: UInt8) -> UInt64 {
        (bits &- UInt64(limit) &* Self.ones) & ~bits & Self.tops
    }

    /// The number of decimal digits that the word begins with, and their value.
    @inline(__always)
    var digits: (count: Int, value: UInt64) {
        let values = bits ^ (0x30 &* Self.ones)
        let others = ((values &+ 0x76 &* Self.ones) | values) & Self.tops
        let count = others.trailingZeroBitCount >> 3
        guard count > 0 else { return (0, 0) }
        // the digits end in the highest byte, behind zeros; neighbours are joined three times
        var value = values &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        value = value &* 10 &+ (value &>> 8)
        let low: UInt64 = 0x0000_00FF_0000_00FF
        value = (value & low) &* 0x000F_4240_0000_0064 &+ ((value &>> 16) & low) &* 0x0000_2710_0000_0001
        return (count, value &>> 32)
    }

    /// The first bytes, fewer than eight, with zeros for the others.
    @inline(__always)
    func first(_ count: Int) -> UInt64 { bits & ((1 &<< UInt64(truncatingIfNeeded: 8 &* count)) &- 1) }

    /// The number of bytes before the first that a search has found, which is 8 where nothing was.
    @inline(__always)
    static func place(_ found: UInt64) -> Int { found.trailingZeroBitCount >> 3 }
}
