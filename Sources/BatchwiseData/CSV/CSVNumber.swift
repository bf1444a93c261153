import Batchwise

/// Numbers and missing values in cells, read from the bytes without making a string.
package enum CSVNumber {
    /// A cell as a number, or nil when it is none: decimal digits with sign, point and exponent, or inf.
    ///
    /// Rounds correctly, as `Double.init(_: String)` does.
    static func parse(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
        bytes.withUnsafeBufferPointer { parse($0, range) }
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double? {
        var at = range.lowerBound
        let end = range.upperBound
        guard at < end else { return nil }
        let isNegative = bytes[at] == UInt8(ascii: "-")
        if isNegative || bytes[at] == UInt8(ascii: "+") { at += 1 }

        var mantissa: UInt64 = 0
        var digits = 0
        var significant = 0
        var pointAt: Int?
        scan: while at < end {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                if significant > 0 || byte != UInt8(ascii: "0") { significant += 1 }
                if significant <= 19 { mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0")) }
            case UInt8(ascii: ".") where pointAt == nil: pointAt = digits
            default: break scan
            }
            at += 1
        }
        guard digits > 0 else { return at < end ? infinity(bytes, at..<end, isNegative) : nil }
        var exponent = 0
        if at < end {
            guard bytes[at] | 0x20 == UInt8(ascii: "e"), let written = integer(bytes, (at + 1)..<end) else {
                return nil
            }
            exponent = written
        }
        exponent -= pointAt.map { digits - $0 } ?? 0

        // Both factors are exact in a Double, so one rounding gives the right result (Clinger's fast path).
        if significant <= 19, mantissa <= 1 << 53, abs(exponent) <= 22 {
            let value = Double(mantissa)
            let scaled = exponent < 0 ? value / powersOfTen[-exponent] : value * powersOfTen[exponent]
            return isNegative ? -scaled : scaled
        }
        return slow(bytes, range)
    }

    /// Reads digits with a sign and a point, and tells where they end; nil for a number that is written in another way,
    /// or needs more care.
    ///
    /// It reads words of eight bytes, also from the bytes behind the number.
    @inline(__always)
    static func plain(_ text: UnsafePointer<UInt8>, _ at: inout Int) -> Double? {
        let sign = text[at] == UInt8(ascii: "-") ? 1 : 0
        // most numbers end in the word that they begin in: one read, and the next number need not wait for another
        let word = ByteWord(text + at).dropping(sign).decimal
        if word.length &+ sign < 8, word.value >= 0 {
            at &+= word.length &+ sign
            let value = Double(word.value)
            return signed(word.places > 0 ? value / powersOfTen[word.places] : value, sign)
        }
        at &+= sign
        return long(text, &at).map { signed($0, sign) }
    }

    /// Reads digits and a point of any length, behind the sign.
    @inline(__always)
    private static func long(_ text: UnsafePointer<UInt8>, _ at: inout Int) -> Double? {
        let word = ByteWord(text + at).decimal
        guard word.value >= 0 else { return nil }
        at &+= word.length
        var mantissa = UInt64(word.value)
        var digits = word.length
        var places = word.places
        if places >= 0 {
            digits &-= 1
            if word.length == 8 {
                let more = appendDigits(text, &at, &mantissa)
                digits &+= more
                places &+= more
            }
        } else {
            digits &+= appendDigits(text, &at, &mantissa)
            places = 0
            if text[at] == UInt8(ascii: ".") {
                at &+= 1
                places = appendDigits(text, &at, &mantissa)
                digits &+= places
            }
        }
        // nineteen digits do not overflow; a whole number beyond 2^53 has neighbours that are the same Double
        guard digits <= 19, mantissa <= 1 << 53 || places > 0 else { return nil }
        return mantissa <= 1 << 53 ? Double(Int64(mantissa)) / powersOfTen[places] : quotient(mantissa, places)
    }

    /// A branch would be guessed wrong for half of the numbers around zero.
    @inline(__always)
    private static func signed(_ value: Double, _ sign: Int) -> Double {
        Double(bitPattern: value.bitPattern | UInt64(truncatingIfNeeded: sign) &<< 63)
    }

    /// Passes digits, appends them to the mantissa, and gives their number.
    @inline(__always)
    private static func appendDigits(_ text: UnsafePointer<UInt8>, _ at: inout Int, _ mantissa: inout UInt64) -> Int {
        var total = 0
        while true {
            let (count, value) = ByteWord(text + at).digits
            mantissa = mantissa &* wholePowersOfTen[count] &+ value
            at &+= count
            total &+= count
            if count < 8 { return total }
        }
    }

    /// `mantissa / 10^places`, rounded once, of a mantissa of at least 54 bits and at least one place.
    private static func quotient(_ mantissa: UInt64, _ places: Int) -> Double {
        let divisor = wholePowersOfTen[places]
        let (left, right) = (mantissa.leadingZeroBitCount, divisor.leadingZeroBitCount)
        let dividend = mantissa &<< UInt64(left)
        // 63 or 64 bits of the quotient, at most two units too small in the last place; 53 bits are kept
        var quotient = dividend.multipliedFullWidth(by: reciprocals[places]).high
        let half: UInt64 = 1 &<< UInt64(10 - quotient.leadingZeroBitCount)
        let rest = quotient & (2 * half - 1)
        if rest + 2 >= half, rest <= half {
            let exact = (divisor &<< UInt64(right)).dividingFullWidth((dividend >> 1, dividend << 63))
            quotient = exact.remainder == 0 ? exact.quotient : exact.quotient | 1
        } else {
            // the rest is not near half, so it is enough that the lowest bit says that something follows
            quotient |= 1
        }
        return Double(quotient) * Double(bitPattern: UInt64(960 + right - left) << 52)
    }

    /// `2^127 / 10^n`, of a power shifted to 64 bits, rounded down.
    private static let reciprocals: [UInt64] = [
        0, 0xCCCC_CCCC_CCCC_CCCC, 0xA3D7_0A3D_70A3_D70A, 0x8312_6E97_8D4F_DF3B,
        0xD1B7_1758_E219_652B, 0xA7C5_AC47_1B47_8423, 0x8637_BD05_AF6C_69B5, 0xD6BF_94D5_E57A_42BC,
        0xABCC_7711_8461_CEFC, 0x8970_5F41_36B4_A597, 0xDBE6_FECE_BDED_D5BE, 0xAFEB_FF0B_CB24_AAFE,
        0x8CBC_CC09_6F50_88CB, 0xE12E_1342_4BB4_0E13, 0xB424_DC35_095C_D80F, 0x901D_7CF7_3AB0_ACD9,
        0xE695_94BE_C44D_E15B, 0xB877_AA32_36A4_B449, 0x9392_EE8E_921D_5D07, 0xEC1E_4A7D_B695_61A5,
    ]

    private static let wholePowersOfTen: [UInt64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]

    /// Whether a number is whole, written without point and exponent, and beyond 2^53: a Double cannot tell it from
    /// its neighbours.
    static func isBeyondDouble(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        var magnitude: UInt64 = 0
        for (place, byte) in bytes[range].enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // the magnitude stays where it is once it is large enough
                if magnitude <= 1 << 53 { magnitude = magnitude * 10 + UInt64(byte - UInt8(ascii: "0")) }
            case UInt8(ascii: "-") where place == 0, UInt8(ascii: "+") where place == 0: break
            default: return false
            }
        }
        return magnitude > 1 << 53
    }

    /// Whether a cell says that there is no value.
    static func isMissing(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        MissingWords.contains(UnsafeBufferPointer(rebasing: bytes[range]))
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    private static func integer(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
        var at = range.lowerBound
        guard at < range.upperBound else { return nil }
        let isNegative = bytes[at] == UInt8(ascii: "-")
        if isNegative || bytes[at] == UInt8(ascii: "+") { at += 1 }
        guard at < range.upperBound else { return nil }
        var value = 0
        while at < range.upperBound {
            guard bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") else { return nil }
            // an exponent of 1,000,000 is far beyond any Double, and the bound keeps the value from overflowing
            value = min(value * 10 + Int(bytes[at] - UInt8(ascii: "0")), 1_000_000)
            at += 1
        }
        return isNegative ? -value : value
    }

    private static func infinity(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ isNegative: Bool)
        -> Double?
    {
        let word = bytes[range].map { $0 | 0x20 }
        guard word == Array("inf".utf8) || word == Array("infinity".utf8) else { return nil }
        return isNegative ? -.infinity : .infinity
    }

    /// The standard library's own conversion, for long or extreme numbers; the form is already known to be right.
    private static func slow(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double? {
        Double(String(decoding: bytes[range], as: UTF8.self))
    }
}
