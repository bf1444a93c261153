/// Signs and codes of currencies, before a number or behind it.
enum Currency {
    private static let texts: [[UInt8]] = [
        "US$", "C$", "A$", "R$", "HK$", "NZ$", "$", "\u{20AC}", "\u{A3}", "\u{A5}", "\u{20B9}", "\u{20BD}", "\u{20A9}",
        "\u{20BA}", "\u{20AB}", "\u{20AA}", "\u{E3F}", "kr.", "kr", "Kr", "Rs.", "Rs", "Fr.", "z\u{142}", "K\u{10D}",
        "Ft", "USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "BRL", "CAD",
        "AUD", "NZD", "MXN", "ZAR", "SGD", "HKD", "KRW", "TRY", "RUB", "ILS", "THB", "Euro", "euro",
    ].map { Array($0.utf8) }

    static func isKnown(_ text: String) -> Bool { texts.contains { $0.elementsEqual(text.utf8) } }

    /// Passes a currency, and returns its place.
    static func passed(_ cursor: inout CellCursor) -> Range<Int>? {
        for text in texts where cursor.at + text.count <= cursor.end {
            guard cursor.bytes[cursor.at..<cursor.at + text.count].elementsEqual(text) else { continue }
            let end = cursor.at + text.count
            // a code is a whole word
            let isWord = text[text.count - 1] | 0x20 >= 0x61 && text[text.count - 1] | 0x20 <= 0x7A
            if isWord, end < cursor.end, cursor.bytes[end] | 0x20 >= 0x61, cursor.bytes[end] | 0x20 <= 0x7A { continue }
            defer { cursor.at = end }
            return cursor.at..<end
        }
        return nil
    }
}

/// Letters and words that stand for powers of ten.
enum Scale {
    private static let texts: [(text: [UInt8], power: Int)] = [
        ("bn", 9), ("Bn", 9), ("mn", 6), ("Mn", 6), ("Mio.", 6), ("Mio", 6), ("Mrd.", 9), ("Mrd", 9), ("k", 3),
        ("K", 3), ("M", 6), ("B", 9), ("thousand", 3), ("million", 6), ("billion", 9), ("lakh", 5), ("crore", 7),
    ].map { (Array($0.0.utf8), $0.1) }

    /// Passes such a word that no letter follows, and returns its power of ten.
    static func passed(_ cursor: inout CellCursor) -> Int? {
        for (text, power) in texts where cursor.at + text.count <= cursor.end {
            let end = cursor.at + text.count
            guard cursor.bytes[cursor.at..<end].elementsEqual(text) else { continue }
            if end < cursor.end, cursor.bytes[end] | 0x20 >= 0x61, cursor.bytes[end] | 0x20 <= 0x7A { continue }
            cursor.at = end
            return power
        }
        return nil
    }
}

/// Units of measurement behind a number.
enum Unit {
    private static let longest = 16

    /// Passes a unit, and returns its end: one word of letters, degrees or percent, with a power of 2 or 3, per
    /// another.
    static func end(_ cursor: inout CellCursor) -> Int? {
        let first = cursor.at
        var letters = 0
        while !cursor.isAtEnd, cursor.next != UInt8(ascii: ")") {
            guard let byte = cursor.next else { break }
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x25, 0x80...: letters += 1
            // m2, m^3, km/h
            case 0x32, 0x33:
                guard letters > 0, cursor.at + 1 == cursor.end || cursor.bytes[cursor.at + 1] == 0x2F else {
                    return nil
                }
            case 0x2F, 0x5E: guard letters > 0 else { return nil }
            default: return nil
            }
            cursor.at += 1
        }
        guard letters > 0, cursor.at - first <= longest else { return nil }
        // the beginning of an exponent is no unit
        let isExponent = letters == 1 && cursor.at - first == 1 && cursor.bytes[first] | 0x20 == UInt8(ascii: "e")
        return isExponent ? nil : cursor.at
    }
}
