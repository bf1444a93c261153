import Batchwise

/// A number as a cell has it, cut into its parts: a sign, digits with signs among them, an exponent and a unit.
struct WrittenNumber {
    /// The evidence that a cell gives of the meaning of a point or comma.
    enum Signs: Equatable {
        /// No point and no comma; `digits` of the whole number.
        case none(digits: Int, isGrouped: Bool)
        /// The sign can only be the decimal sign.
        case decimal(DecimalSign)
        /// The sign can only separate groups of digits.
        case grouping(DecimalSign)
        /// One to three digits, the sign, and three digits, of which the last may be 0.
        case doubtful(DecimalSign, endsInZero: Bool)
    }

    var isNegative = false
    private(set) var signs = Signs.none(digits: 0, isGrouped: false)
    /// The digits with the signs among them.
    private(set) var core = 0..<0
    private(set) var exponent = 0
    /// The currency before the number, or the unit behind it.
    private(set) var unit = 0..<0
    private(set) var isCurrency = false
    /// The power of ten that a letter such as k stands for; 0 where there is none.
    private(set) var scale = 0
    private(set) var hasExponent = false

    /// The longest cell that can be a number.
    private static let longest = 64

    /// Cuts a cell; nil where it is no number in any notation.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= Self.longest else { return nil }
        var cursor = CellCursor(bytes)
        cursor.passBlanks()
        cursor.trimEnd()
        var (isSigned, isEnclosed) = (false, false)
        while !cursor.isAtEnd, !cursor.nextIsDigit {
            if cursor.next == UInt8(ascii: ".") || cursor.next == UInt8(ascii: ",") { break }
            if !isSigned, let negative = Self.sign(&cursor) {
                (isSigned, isNegative) = (true, negative)
            } else if !isEnclosed, !isSigned, cursor.passes("(") {
                (isEnclosed, isSigned, isNegative) = (true, true, true)
            } else if unit.isEmpty, let currency = Currency.passed(&cursor) {
                (unit, isCurrency) = (currency, true)
            } else {
                return nil
            }
            cursor.passBlanks()
        }
        guard let signs = Self.core(&cursor) else { return nil }
        (self.signs, core) = (signs.signs, signs.range)
        guard passExponent(&cursor) else { return nil }
        passNoCents(&cursor)
        let tight = cursor.at
        cursor.passBlanks()
        if cursor.isAtEnd, isEnclosed { return nil }
        if isEnclosed, cursor.passes(")") {
            isEnclosed = false
            cursor.passBlanks()
        }
        if !isSigned, mayEndInSign, cursor.at == tight || cursor.end - cursor.at == 1, cursor.passes("-") {
            (isSigned, isNegative) = (true, true)
            cursor.passBlanks()
        }
        guard passUnit(&cursor, isTight: cursor.at == tight) else { return nil }
        if isEnclosed {
            guard cursor.passes(")") else { return nil }
            cursor.passBlanks()
        }
        guard cursor.isAtEnd else { return nil }
    }

    /// Whether a cell is a number or an amount of money, and not a word with a number in it.
    static func isAmount(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if CSVNumber.parse(bytes, bytes.indices) != nil { return true }
        guard let number = WrittenNumber(bytes) else { return false }
        return number.unit.isEmpty || number.isCurrency
    }

    /// Passes the dash of a price without cents: 12,- or 12.\u{2013}, where the sign before it is the decimal sign.
    private mutating func passNoCents(_ cursor: inout CellCursor) {
        guard case .decimal = signs, let last = core.last, !(48...57).contains(cursor.bytes[last]) else { return }
        _ = cursor.passes("--") || cursor.passes("-") || cursor.passes("\u{2013}") || cursor.passes("\u{2014}")
    }

    /// Whether a minus behind the number is its sign: grades such as 2- are no numbers below zero.
    private var mayEndInSign: Bool {
        switch signs {
        case .none(let digits, let isGrouped): digits > 2 || isGrouped
        case .decimal, .grouping, .doubtful: true
        }
    }

    private static func sign(_ cursor: inout CellCursor) -> Bool? {
        if cursor.passes("-") || cursor.passes("\u{2212}") || cursor.passes("\u{2013}") { return true }
        return cursor.passes("+") ? false : nil
    }

    private mutating func passExponent(_ cursor: inout CellCursor) -> Bool {
        guard let letter = cursor.next, letter | 0x20 == UInt8(ascii: "e") else { return true }
        var ahead = cursor
        ahead.at += 1
        let negative = Self.sign(&ahead)
        guard ahead.nextIsDigit else { return true }
        let value = ahead.digits().value
        guard !ahead.nextIsDigit else { return false }
        exponent = negative == true ? -value : value
        hasExponent = true
        cursor = ahead
        switch signs {
        // no groups stand before an exponent
        case .doubtful(let sign, _): signs = .decimal(sign)
        default: break
        }
        return true
    }

    /// Passes a letter that scales, and a unit or currency.
    private mutating func passUnit(_ cursor: inout CellCursor, isTight: Bool) -> Bool {
        guard !cursor.isAtEnd, cursor.next != UInt8(ascii: ")") else { return true }
        var scaled = cursor
        if let power = Scale.passed(&scaled) {
            var after = scaled
            after.passBlanks()
            if after.isAtEnd || after.next == UInt8(ascii: ")") || unit.isEmpty && Currency.passed(&after) != nil {
                scale = power
                cursor = scaled
                cursor.passBlanks()
                if cursor.isAtEnd || cursor.next == UInt8(ascii: ")") {
                    if unit.isEmpty { unit = scaled.at..<scaled.at }
                    return true
                }
            }
        }
        // a currency stands on one side
        guard unit.isEmpty else { return false }
        let first = cursor.at
        var currency = cursor
        if Currency.passed(&currency) != nil, currency.isAtEnd || currency.next == UInt8(ascii: ")") {
            isCurrency = true
            unit = first..<currency.at
            cursor = currency
            return true
        }
        guard scale == 0 else { return false }
        guard let end = Unit.end(&cursor) else { return false }
        unit = first..<end
        return true
    }
}

typealias DecimalSign = DataSource.DecimalSign
