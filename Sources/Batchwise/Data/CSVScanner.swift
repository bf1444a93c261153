/// Cuts the bytes of a table into fields, one at a time, by RFC 4180 and what people really have.
///
/// Blanks around a field are no part of it; inside quotes everything is. Empty lines are no rows. A line ends with LF,
/// CR LF or CR.
struct CSVScanner {
    /// Where a field lies. For a quoted field the range is what is between the quotes.
    struct Field: Equatable {
        var range: Range<Int>
        var line: Int
        /// Holds doubled quotes, so its text is not its bytes.
        var hasDoubledQuotes = false
        var isLastOfRow = false
    }

    let path: String
    let bytes: [UInt8]
    let delimiter: UInt8
    private(set) var position: Int
    /// The line of `position`, from 1.
    private(set) var line: Int

    init(path: String, bytes: [UInt8], delimiter: UInt8, position: Int = 0, line: Int = 1) {
        self.path = path
        self.bytes = bytes
        self.delimiter = delimiter
        self.position = position
        self.line = line
    }

    /// Goes to the next line that is not empty; false when there is none.
    mutating func nextRow() -> Bool {
        while true {
            var at = position
            while at < bytes.count, bytes[at] == space || (bytes[at] == tab && delimiter != tab) { at += 1 }
            guard at < bytes.count else { return false }
            guard bytes[at] == lineFeed || bytes[at] == carriageReturn else { return true }
            position = at
            endLine()
        }
    }

    /// The next field of the row.
    mutating func nextField() throws(DataError) -> Field {
        var at = position
        while at < bytes.count, isBlank(bytes[at]) { at += 1 }
        if at < bytes.count, bytes[at] == quote { return try quotedField(from: at) }
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            if byte == delimiter || byte == lineFeed || byte == carriageReturn { break }
            at += 1
        }
        var end = at
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        var field = Field(range: start..<end, line: line)
        position = at
        field.isLastOfRow = passSeparator()
        return field
    }

    /// The next field where it is a plain number, which most are: digits with a sign and a point. Else nothing is passed.
    mutating func nextNumber() -> (value: Double, isLastOfRow: Bool)? {
        var at = position
        let delimiter = delimiter
        let value: Double? = bytes.withUnsafeBufferPointer { bytes in
            while at < bytes.count, bytes[at] == space { at += 1 }
            let number = CSVNumber.plain(bytes, &at)
            guard at < bytes.count else { return number }
            let end = bytes[at]
            return end == delimiter || end == lineFeed || end == carriageReturn ? number : nil
        }
        guard let value else { return nil }
        position = at
        return (value, passSeparator())
    }

    /// All fields of a row.
    mutating func row() throws(DataError) -> [Field] {
        var fields: [Field] = []
        repeat { fields.append(try nextField()) } while !fields[fields.count - 1].isLastOfRow
        return fields
    }

    /// Passes over the rest of this line whatever is in it.
    mutating func skipLine() {
        while position < bytes.count, bytes[position] != lineFeed, bytes[position] != carriageReturn { position += 1 }
        if position < bytes.count { endLine() }
    }

    private mutating func quotedField(from opening: Int) throws(DataError) -> Field {
        let firstLine = line
        var field = Field(range: opening..<opening, line: firstLine)
        var at = opening + 1
        while true {
            guard at < bytes.count else { throw .unterminatedQuote(file: path, line: firstLine) }
            let byte = bytes[at]
            if byte == quote {
                guard at + 1 < bytes.count, bytes[at + 1] == quote else { break }
                field.hasDoubledQuotes = true
                at += 1
            } else if byte == lineFeed
                || (byte == carriageReturn && (at + 1 == bytes.count || bytes[at + 1] != lineFeed))
            {
                line += 1
            }
            at += 1
        }
        field.range = (opening + 1)..<at
        at += 1
        while at < bytes.count, isBlank(bytes[at]) { at += 1 }
        guard at == bytes.count || bytes[at] == delimiter || bytes[at] == lineFeed || bytes[at] == carriageReturn else {
            throw .textAfterQuote(file: path, line: line)
        }
        position = at
        field.isLastOfRow = passSeparator()
        return field
    }

    /// Passes the separator or line end at `position`; true when the row ends here.
    private mutating func passSeparator() -> Bool {
        guard position < bytes.count else { return true }
        if bytes[position] == delimiter {
            position += 1
            return false
        }
        endLine()
        return true
    }

    private mutating func endLine() {
        if bytes[position] == carriageReturn, position + 1 < bytes.count, bytes[position + 1] == lineFeed {
            position += 1
        }
        position += 1
        line += 1
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == space || (byte == tab && delimiter != tab)
    }
}

private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let quote = UInt8(ascii: "\"")
private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

extension CSVScanner {
    /// The bytes of a field's text.
    func text(of field: Field) -> [UInt8] {
        let raw = bytes[field.range]
        guard field.hasDoubledQuotes else { return Array(raw) }
        var result: [UInt8] = []
        var at = raw.startIndex
        while at < raw.endIndex {
            result.append(raw[at])
            at += raw[at] == quote ? 2 : 1
        }
        return result
    }

    /// A field's text as a string; fails when it is not UTF-8.
    func string(of field: Field) throws(DataError) -> String {
        guard let string = String(validating: text(of: field), as: UTF8.self) else {
            throw .notText(file: path, line: field.line, detail: "not UTF-8")
        }
        return string
    }
}
