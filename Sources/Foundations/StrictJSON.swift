/// A reader of JSON that accepts only the value that its caller expects next, for input of unknown origin.
package struct StrictJSON {
    /// The error for bytes that were not as expected, with the number of the byte at which they stand.
    package struct Fault: Error, Sendable, Equatable {
        package var reason: String
        package var offset: Int

        package init(reason: String, offset: Int) {
            self.reason = reason
            self.offset = offset
        }
    }

    private let bytes: [UInt8]
    private let end: Int
    /// The number of the byte that is read next, counted from the first of the array.
    package private(set) var offset: Int

    /// A reader of the bytes of `range`.
    ///
    /// - Precondition: `range` lies within `bytes`.
    package init(_ bytes: [UInt8], range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// Reads an object and hands each key to `member`, which must read the value. Keys may not repeat.
    package mutating func object(_ member: (inout StrictJSON, _ key: String) throws(Fault) -> Void) throws(Fault) {
        var keys: Set<String> = []
        try list(from: "{", to: "}") { reader throws(Fault) in
            let start = reader.offset
            let key = try reader.string()
            guard keys.insert(key).inserted else {
                throw Fault(reason: "the key \"\(key)\" appears twice", offset: start)
            }
            try reader.punctuation(":")
            try member(&reader, key)
        }
    }

    /// Reads an array and calls `element` for each element, which the closure must read.
    package mutating func array(_ element: (inout StrictJSON) throws(Fault) -> Void) throws(Fault) {
        try list(from: "[", to: "]", element)
    }

    /// Reads an integer from 0 to `Int.max`, written in digits alone: no sign, fraction, exponent or leading zero.
    package mutating func naturalNumber() throws(Fault) -> Int {
        skipSpace()
        let start = offset
        var value = 0
        while let digit = peek(), Self.isDigit(digit) {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            if over || more { throw Fault(reason: "a number is too large", offset: start) }
            value = sum
            offset += 1
        }
        guard offset > start else { throw surprise(expected: "a number of digits alone") }
        if bytes[start] == UInt8(ascii: "0") && offset > start + 1 {
            throw Fault(reason: "a number begins with 0", offset: start)
        }
        if let next = peek(), next == UInt8(ascii: ".") || next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            throw Fault(reason: "a number is not written as an integer", offset: start)
        }
        return value
    }

    /// Reads `true` or `false`.
    package mutating func boolean() throws(Fault) -> Bool {
        skipSpace()
        for (word, value) in [("true", true), ("false", false)]
        where bytes[offset..<end].starts(with: word.utf8) {
            offset += word.utf8.count
            return value
        }
        throw surprise(expected: "true or false")
    }

    /// The kind of a value.
    package enum Kind: Sendable { case object, array, string, number, boolean, null }

    /// The kind of the value that is next, by its first byte.
    package mutating func kind() throws(Fault) -> Kind {
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return .number
        default: throw surprise(expected: "a value")
        }
    }

    /// Reads a number, and gives the place of its text.
    package mutating func number() throws(Fault) -> Range<Int> {
        skipSpace()
        let start = offset
        func fault() -> Fault { Fault(reason: "a number is not written as JSON writes it", offset: start) }
        /// Passes digits, and tells whether there were any.
        func passDigits() -> Bool {
            let first = offset
            while let byte = peek(), Self.isDigit(byte) { offset += 1 }
            return offset > first
        }
        if peek() == UInt8(ascii: "-") { offset += 1 }
        let whole = offset
        guard passDigits(), bytes[whole] != UInt8(ascii: "0") || offset == whole + 1 else { throw fault() }
        if peek() == UInt8(ascii: ".") {
            offset += 1
            guard passDigits() else { throw fault() }
        }
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
            guard passDigits() else { throw fault() }
        }
        return start..<offset
    }

    /// Reads `null`.
    package mutating func null() throws(Fault) {
        skipSpace()
        guard bytes[offset..<end].starts(with: "null".utf8) else { throw surprise(expected: "null") }
        offset += 4
    }

    /// Reads a string, its escapes resolved.
    package mutating func string() throws(Fault) -> String {
        try punctuation("\"")
        let start = offset
        var text: [UInt8] = []
        while let byte = peek(), byte != UInt8(ascii: "\"") {
            if byte < 0x20 { throw Fault(reason: "a string contains a control character", offset: offset) }
            offset += 1
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: Character(try escape()).utf8)
            } else {
                text.append(byte)
            }
        }
        try punctuation("\"", spaceBefore: false)
        guard let string = String(validating: text, as: UTF8.self) else {
            throw Fault(reason: "a string is not UTF-8", offset: start)
        }
        return string
    }

    /// Passes over the bytes before `place`, which the caller has read.
    package mutating func skip(to place: Int) {
        precondition(place >= offset && place <= end)
        offset = place
    }

    /// Reads white space up to the end of the range.
    package mutating func finish() throws(Fault) {
        skipSpace()
        if offset < end { throw surprise(expected: "nothing more") }
    }

    // MARK: Pieces

    private mutating func list(
        from opening: Unicode.Scalar, to closing: Unicode.Scalar, _ element: (inout StrictJSON) throws(Fault) -> Void
    ) throws(Fault) {
        try punctuation(opening)
        skipSpace()
        if peek() == UInt8(ascii: closing) {
            offset += 1
            return
        }
        while true {
            try element(&self)
            skipSpace()
            guard peek() == UInt8(ascii: ",") else { break }
            offset += 1
        }
        try punctuation(closing)
    }

    /// Reads the rest of an escape, after its backslash.
    private mutating func escape() throws(Fault) -> Unicode.Scalar {
        let start = offset - 1
        guard let byte = peek() else { throw surprise(expected: "an escape") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try fourHexDigits()
            if let scalar = Unicode.Scalar(first) { return scalar }
            // A surrogate: only a high one followed by a low one stands for a character.
            if first < 0xdc00, peek() == UInt8(ascii: "\\") {
                offset += 1
                try punctuation("u", spaceBefore: false)
                let second = try fourHexDigits()
                if (0xdc00..<0xe000).contains(second),
                    let scalar = Unicode.Scalar(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
                {
                    return scalar
                }
            }
            throw Fault(reason: "an escape stands for half a character", offset: start)
        default:
            throw Fault(reason: "an escape is unknown", offset: start)
        }
    }

    private mutating func fourHexDigits() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw surprise(expected: "a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private mutating func punctuation(_ mark: Unicode.Scalar, spaceBefore: Bool = true) throws(Fault) {
        if spaceBefore { skipSpace() }
        guard peek() == UInt8(ascii: mark) else { throw surprise(expected: "'\(mark)'") }
        offset += 1
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { offset += 1 }
    }

    private func peek() -> UInt8? {
        offset < end ? bytes[offset] : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private func surprise(expected: String) -> Fault {
        guard let byte = peek() else { return Fault(reason: "it ends where \(expected) should be", offset: offset) }
        let found = (0x21...0x7e).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
        return Fault(reason: "\(found) stands where \(expected) should be", offset: offset)
    }
}
