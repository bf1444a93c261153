import Batchwise

/// Eight bytes of a text at once, the first of them lowest.
///
/// A search gives a word that marks each found byte by its top bit. Bytes behind the first found one may be marked
/// wrongly; the first one is always right.
struct ByteWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080
    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    let bits: UInt64

    @inline(__always)
    private init(bits: UInt64) { self.bits = bits }

    /// The eight bytes from `start` on, which must all be readable.
    @inline(__always)
    init(_ start: UnsafePointer<UInt8>) {
        bits = UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    init(repeating byte: UInt8) { bits = UInt64(byte) &* Self.ones }

    /// Searches for bytes that are equal to those of the other word in the same place.
    @inline(__always)
    func equal(_ other: ByteWord) -> UInt64 {
        let difference = bits ^ other.bits
        return (difference &- Self.ones) & ~difference & Self.tops
    }

    /// Searches for bytes below `limit`, which is at most 128.
    @inline(__always)
    func below(_ limit: UInt8) -> UInt64 {
        (bits &- UInt64(limit) &* Self.ones) & ~bits & Self.tops
    }

    /// The number of decimal digits that the word begins with, and their value.
    @inline(__always)
    var digits: (count: Int, value: UInt64) {
        let values = bits ^ Self.zeros
        let count = Self.place(Self.others(values))
        return (count, Self.joined(values, count))
    }

    /// The digits that the word begins with, among which a point may be: how many bytes they are, how many of them
    /// stand behind the point, or -1 without one, and the number that they are without it, or -1 where there are none.
    @inline(__always)
    var decimal: (length: Int, places: Int, value: Int) {
        let values = bits ^ Self.zeros
        let others = Self.others(values)
        let point = Self.place(others)
        guard bits >> UInt64(truncatingIfNeeded: 8 &* point) & 0xFF == 0x2E else {
            return (point, -1, point > 0 ? Int(truncatingIfNeeded: Self.joined(values, point)) : -1)
        }
        // the point that was found is ASCII, so the search is right about the byte behind it too
        let length = Self.place(others & (others &- 1))
        guard length > 1 else { return (length, 0, -1) }
        let before: UInt64 = (1 &<< UInt64(truncatingIfNeeded: 8 &* point)) &- 1
        let digits = (values & before) | ((values >> 8) & ~before)
        return (length, length &- point &- 1, Int(truncatingIfNeeded: Self.joined(digits, length &- 1)))
    }

    /// Searches a word of digits' values for bytes that are no digits.
    @inline(__always)
    private static func others(_ values: UInt64) -> UInt64 { ((values &+ 0x76 &* ones) | values) & tops }

    /// The number whose digits are the first bytes. They are moved to the end, behind zeros; neighbours are joined
    /// three times.
    @inline(__always)
    private static func joined(_ values: UInt64, _ count: Int) -> UInt64 {
        var value = values << UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        value = value &* 10 &+ (value &>> 8)
        let low: UInt64 = 0x0000_00FF_0000_00FF
        value = (value & low) &* 0x000F_4240_0000_0064 &+ ((value &>> 16) & low) &* 0x0000_2710_0000_0001
        return value &>> 32
    }

    /// The word without its first bytes, fewer than eight; zeros follow the others.
    @inline(__always)
    func dropping(_ count: Int) -> ByteWord { ByteWord(bits: bits &>> UInt64(truncatingIfNeeded: 8 &* count)) }

    /// The first bytes, fewer than eight, with zeros for the others.
    @inline(__always)
    func first(_ count: Int) -> UInt64 { bits & ((1 &<< UInt64(truncatingIfNeeded: 8 &* count)) &- 1) }

    /// The number of bytes before the first one that a search has found; 8 where it found none.
    @inline(__always)
    static func place(_ found: UInt64) -> Int { found.trailingZeroBitCount >> 3 }
}
