extension RecipeValue {
    /// The value of a text without quotes, by the core schema of YAML 1.2: 010 is ten, and 1:30, yes and 1_000 are texts.
    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        case ".nan", ".NaN", ".NAN": self = .double(.nan)
        default: self = Self.number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> RecipeValue? {
        // a number of more digits than this is none that a recipe can mean
        guard let first = text.utf8.first, text.utf8.count <= 1000 else { return nil }
        let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        let digits = isSigned ? text.dropFirst() : text[...]
        switch digits {
        case ".inf", ".Inf", ".INF": return .double(first == UInt8(ascii: "-") ? -.infinity : .infinity)
        default: break
        }
        if !isSigned, let radix = ["0o": 8, "0x": 16][text.prefix(2)] {
            let rest = text.dropFirst(2)
            // the initialiser of Int would take a sign
            guard rest.allSatisfy(\.isHexDigit) else { return nil }
            return Int(rest, radix: radix).map { .int($0) }
        }
        guard isDecimal(digits.utf8) else { return nil }
        if let int = Int(text) { return .int(int) }
        return Double(text).map { .double($0) }
    }

    /// Digits with at most one point, and an exponent behind them.
    private static func isDecimal(_ bytes: Substring.UTF8View) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
        var rest = bytes.drop(while: isDigit)
        var digits = bytes.count - rest.count
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst()
            rest = fraction.drop(while: isDigit)
            digits += fraction.count - rest.count
        }
        guard digits > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }
}
