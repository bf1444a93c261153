import Batchwise

/// The way in which the numbers of a column are written.
public struct NumberNotation: Codable, Equatable, Sendable {
    /// The sign between the whole number and the decimal places.
    public typealias DecimalSign = DataSource.DecimalSign

    /// The decimal sign; the other of point and comma separates groups of digits.
    public var decimal: DecimalSign
    /// The currency or unit of all numbers; nil where they have none.
    public var unit: String?
    /// Texts that stand for no value.
    public var missing: [String]

    /// Numbers with this decimal sign.
    public init(decimal: DecimalSign = .point, unit: String? = nil, missing: [String] = []) {
        self.decimal = decimal
        self.unit = unit
        self.missing = missing
    }

    /// Whether this is how programs write numbers.
    var isPlain: Bool { self == NumberNotation() }

    /// A cell as a number; nil where it is none in this notation. Rounds once, as `Double.init(_: String)` does.
    func value(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        WrittenNumber(bytes).flatMap { value($0, bytes) }
    }

    func value(_ number: WrittenNumber, _ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        let places: DecimalSign?
        switch number.signs {
        case .none: places = nil
        case .decimal(let sign):
            guard sign == decimal else { return nil }
            places = sign
        case .grouping(let sign):
            guard sign != decimal else { return nil }
            places = nil
        case .doubtful(let sign, _): places = sign == decimal ? sign : nil
        }
        var plain: [UInt8] = []
        plain.reserveCapacity(number.core.count + 12)
        for byte in bytes[number.core] {
            if byte &- 48 < 10 {
                plain.append(byte)
            } else if let places, byte == places.byte {
                plain.append(UInt8(ascii: "."))
            }
        }
        let exponent = number.exponent + number.scale
        if exponent != 0 { plain += "e\(exponent)".utf8 }
        guard let magnitude = CSVNumber.parse(plain, plain.indices), magnitude.isFinite else { return nil }
        return number.isNegative ? -magnitude : magnitude
    }
}

extension DataSource.DecimalSign {
    var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }
    var other: Self { self == .point ? .comma : .point }
}
