import Batchwise

// The number and the text of a value.

extension ParquetMeaning {
    /// The number in a cell; dates are seconds since 1970. nil for a whole number that no Double can tell from its
    /// neighbours.
    @inline(__always)
    func number(_ value: Int64) -> Double? {
        switch self {
        case .signed: return value.magnitude <= 1 << 53 ? Double(value) : nil
        case .unsigned:
            let value = UInt64(bitPattern: value)
            return value <= 1 << 53 ? Double(value) : nil
        case .decimal(let scale):
            guard value.magnitude > 1 << 53 || scale > 22 else { return Double(value) / Self.powersOfTen[scale] }
            return scale == 0 ? nil : Double(ParquetDecimal.text(value, scale: scale)) ?? .nan
        case .date: return Double(value) * 86_400
        case .timestamp(let perSecond), .time(let perSecond): return Self.seconds(value, perSecond)
        case .boolean, .float, .half, .text, .uuid, .empty: return Double(value)
        }
    }

    /// The number nearest to a whole number beyond 2^53.
    func nearest(_ value: Int64) -> Double { self == .unsigned ? Double(UInt64(bitPattern: value)) : Double(value) }

    /// The text of a cell, for a column that is wanted as texts.
    func text(_ value: Int64) -> String {
        switch self {
        case .unsigned: return "\(UInt64(bitPattern: value))"
        case .boolean: return value == 0 ? "false" : "true"
        case .decimal(let scale): return ParquetDecimal.text(value, scale: scale)
        case .date: return CSVDate.text(Double(value) * 86_400)
        case .timestamp(let perSecond):
            let (whole, rest) = Self.divided(value, perSecond)
            return Self.text(seconds: whole, fraction: rest, perSecond)
        case .time(let perSecond): return numberText(Self.seconds(value, perSecond))
        case .signed, .float, .half, .text, .uuid, .empty: return "\(value)"
        }
    }

    /// The text of a number of a column of floats, or of a moment in seconds.
    func text(_ number: Double) -> String {
        guard isDate else { return numberText(number) }
        let whole = number.rounded(.down)
        guard abs(whole) < 0x1p53 else { return "\(number)" }
        return Self.text(seconds: Int64(whole), fraction: Int64((number - whole) * 1e6), 1_000_000)
    }

    /// As texts of dates in CSV files are read: whole seconds, and a fraction between 0 and 1.
    private static func seconds(_ value: Int64, _ perSecond: Int64) -> Double {
        let (whole, rest) = divided(value, perSecond)
        return Double(whole) + Double(rest) / Double(perSecond)
    }

    private static func divided(_ value: Int64, _ divisor: Int64) -> (whole: Int64, rest: Int64) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }

    /// `2024-03-01T12:30:05.25Z`
    private static func text(seconds: Int64, fraction: Int64, _ perSecond: Int64) -> String {
        let text = CSVDate.text(Double(seconds))
        guard fraction > 0, CSVDate.calendar.contains(Double(seconds)) else { return text }
        var digits = "\(perSecond + fraction)".dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return (text.hasSuffix("Z") ? String(text.dropLast()) : text + "T00:00:00") + "." + digits + "Z"
    }

    private static let powersOfTen: [Double] = (0...22).map { power in (0..<power).reduce(1) { value, _ in value * 10 }
    }
}
