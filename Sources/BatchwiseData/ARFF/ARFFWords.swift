import Batchwise

/// The words and values of a line of ARFF: bare, or in single or double quotes with escapes by a backslash.
struct ARFFWords {
    let line: ArraySlice<UInt8>
    private(set) var at: Int

    init(_ line: ArraySlice<UInt8>) {
        self.line = line
        at = line.startIndex
    }

    /// The next byte that is no blank; nil at the end of the line or where a comment begins.
    mutating func peek() -> UInt8? {
        while at < line.endIndex, line[at] == 0x20 || line[at] == 0x09 { at += 1 }
        return at < line.endIndex && line[at] != UInt8(ascii: "%") ? line[at] : nil
    }

    /// Passes this byte where it is next.
    mutating func passes(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// The next word or value, which ends before one of `ends` or a blank; nil where there is none, or a quote is not
    /// closed.
    mutating func word(endingAt ends: String) -> (text: [UInt8], isQuoted: Bool)? {
        guard let first = peek() else { return nil }
        if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
            at += 1
            return quoted(first).map { ($0, true) }
        }
        let start = at
        while at < line.endIndex, line[at] != 0x20, line[at] != 0x09, line[at] != UInt8(ascii: "%"),
            !ends.utf8.contains(line[at])
        { at += 1 }
        return at > start ? (Array(line[start..<at]), false) : nil
    }

    /// The next value, which may have blanks in it though it is in no quotes.
    mutating func value(endingAt ends: String) -> (text: [UInt8], isQuoted: Bool)? {
        guard var value = word(endingAt: ends) else { return nil }
        while !value.isQuoted, let next = peek(), !ends.utf8.contains(next), let more = word(endingAt: ends) {
            value.text += [0x20] + more.text
        }
        return value
    }

    private mutating func quoted(_ quote: UInt8) -> [UInt8]? {
        var text: [UInt8] = []
        while at < line.endIndex {
            let byte = line[at]
            at += 1
            if byte == quote { return text }
            guard byte == UInt8(ascii: "\\"), at < line.endIndex else {
                text.append(byte)
                continue
            }
            let next = line[at]
            at += 1
            switch next {
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "u"):
                let digits = line[at...].prefix(4)
                guard digits.count == 4, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                at += 4
                text += scalar.utf8
            default: text.append(next)
            }
        }
        return nil
    }
}
