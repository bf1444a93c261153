import Batchwise

/// Decimal numbers: a whole number, divided by a power of ten.
enum ParquetDecimal {
    /// The digits of the widest decimals that writers have, which are 256 bits.
    static let mostDigits = 76
    static let longest = 32

    /// The text of a number of at most 64 bits.
    static func text(_ value: Int64, scale: Int) -> String {
        text(digits: "\(value.magnitude)", isNegative: value < 0, scale: scale)
    }

    /// The text of a number of many bits, the highest byte first, in two's complement; nil where it is too long.
    static func text(_ bytes: ArraySlice<UInt8>, scale: Int) -> String? {
        guard bytes.count <= longest, let first = bytes.first else { return nil }
        let isNegative = first >= 0x80
        var magnitude = Array(bytes)
        if isNegative {
            var carry = true
            for place in magnitude.indices.reversed() {
                magnitude[place] = ~magnitude[place] &+ (carry ? 1 : 0)
                carry = carry && magnitude[place] == 0
            }
        }
        var digits: [UInt8] = []
        while magnitude.contains(where: { $0 != 0 }) {
            var rest = 0
            for place in magnitude.indices {
                let value = rest << 8 | Int(magnitude[place])
                magnitude[place] = UInt8(value / 10)
                rest = value % 10
            }
            digits.append(UInt8(ascii: "0") + UInt8(rest))
        }
        return text(
            digits: digits.isEmpty ? "0" : String(decoding: digits.reversed(), as: UTF8.self), isNegative: isNegative,
            scale: scale)
    }

    /// The value of at most eight bytes, the highest first; nil of more.
    @inline(__always)
    static func value(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard bytes.count <= 8, let first = bytes.first else { return nil }
        var value: Int64 = first >= 0x80 ? -1 : 0
        for byte in bytes { value = value << 8 | Int64(byte) }
        return value
    }

    private static func text(digits: String, isNegative: Bool, scale: Int) -> String {
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let sign = isNegative ? "-" : ""
        return scale == 0 ? sign + padded : "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }
}
