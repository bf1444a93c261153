import Batchwise

/// Cuts the bytes of a table into fields, one at a time, by RFC 4180 and by what files contain in practice.
///
/// Blanks around a field are no part of it; inside quotes everything is. Empty lines are no rows. A line ends with LF,
/// CR LF or CR.
///
/// Where the bytes are a part of the text, a field or row that reaches their end is marked as cut, because it may go on
/// behind them.
struct CSVScanner {
    /// The place of a field. For a quoted field it is the range between the quotes.
    struct Field: Equatable {
        var range: Range<Int>
        var line: Int
        /// The field holds doubled quotes, so its text differs from its bytes.
        var hasDoubledQuotes = false
        var isLastOfRow = false
    }

    let path: String
    let bytes: UnsafeBufferPointer<UInt8>
    let delimiter: UInt8
    private(set) var position: Int
    /// The line of `position`, from 1.
    private(set) var line: Int
    /// Whether the end of the bytes has been reached, and the text goes on behind it: the row must be read again from
    /// where it began.
    private(set) var isCut = false
    /// The place where the row began, and its line.
    private(set) var rowStart: (position: Int, line: Int)
    /// The first column of the row, from 1, in which a quote stands within a cell that does not begin with one.
    private(set) var quoteColumn: Int?
    /// Whether the text ends where the bytes do.
    private let isWhole: Bool
    /// Whether line ends within quotes are lines of the file.
    private let countsQuotedLines: Bool
    fileprivate let start: UnsafePointer<UInt8>
    private let delimiters: ByteWord

    /// A scanner of the text in the window, valid until the window moves.
    init(
        path: String, window: TextWindow, delimiter: UInt8, position: Int = 0, line: Int = 1,
        countsQuotedLines: Bool = true
    ) {
        self.path = path
        self.countsQuotedLines = countsQuotedLines
        self.delimiter = delimiter
        self.position = position
        self.line = line
        rowStart = (position, line)
        isWhole = window.isLast
        bytes = UnsafeBufferPointer(start: window.start, count: window.count)
        start = window.start
        delimiters = ByteWord(repeating: delimiter)
    }

    /// Goes to the next line that is not empty; false when there is none.
    mutating func nextRow() -> Bool {
        quoteColumn = nil
        while true {
            rowStart = (position, line)
            var at = position
            while isBlank(start[at]) { at += 1 }
            guard at < bytes.count, isWhole || at + 1 < bytes.count else {
                isCut = !isWhole
                return false
            }
            guard bytes[at] == lineFeed || bytes[at] == carriageReturn else { return true }
            position = at
            endLine()
        }
    }

    /// The next field of the row.
    mutating func nextField() throws(DataError) -> Field {
        var at = position
        while isBlank(start[at]) { at += 1 }
        if start[at] == quote { return try quotedField(from: at) }
        let first = at
        at = try separator(from: at)
        var end = at
        while end > first, isBlank(start[end - 1]) { end -= 1 }
        var field = Field(range: first..<end, line: line)
        position = at
        field.isLastOfRow = passSeparator()
        return field
    }

    /// The next field where it is a plain number, which most are: digits with a sign and a point. Else nothing is
    /// passed.
    @inline(__always)
    mutating func nextNumber() -> (value: Double, isLastOfRow: Bool)? {
        var at = position
        while start[at] == space { at += 1 }
        guard let value = CSVNumber.plain(start, &at) else { return nil }
        let end = start[at]
        if end == delimiter {
            position = at + 1
            return (value, false)
        }
        guard end == lineFeed || end == carriageReturn || at == bytes.count else { return nil }
        position = at
        return (value, passSeparator())
    }

    /// The place of the first delimiter or line end from here on, or the end of the text.
    private mutating func separator(from place: Int) throws(DataError) -> Int {
        var at = place
        while at < bytes.count {
            let word = ByteWord(start + at)
            let found =
                word.equal(delimiters) | word.equal(lineFeeds) | word.equal(carriageReturns) | word.equal(quotes)
            guard found != 0 else {
                at += 8
                continue
            }
            at += ByteWord.place(found)
            guard start[at] == quote else { return at }
            try note(quote: at)
            at += 1
        }
        return bytes.count
    }

    /// Notes a quote within a cell that does not begin with one.
    ///
    /// - Throws: `DataError.quoteWithinCell` where a second quote ends another cell of the row: then the quotes hold a
    ///   separator, so that the row would be cut within them.
    private mutating func note(quote opening: Int) throws(DataError) {
        if quoteColumn == nil { quoteColumn = try column() }
        guard !endsCell(opening) else { return }
        var at = opening + 1
        var holdsDelimiter = false
        while at < bytes.count, start[at] != quote, start[at] != lineFeed, start[at] != carriageReturn {
            if start[at] == delimiter { holdsDelimiter = true }
            at += 1
        }
        if holdsDelimiter, at < bytes.count, start[at] == quote, endsCell(at) {
            throw .quoteWithinCell(file: path, line: line, column: try column())
        }
    }

    /// Whether nothing follows the quote in its cell.
    private func endsCell(_ quote: Int) -> Bool {
        var at = quote + 1
        while isBlank(start[at]) { at += 1 }
        guard at < bytes.count else { return isWhole }
        return start[at] == delimiter || start[at] == lineFeed || start[at] == carriageReturn
    }

    /// The column of the cell that begins at `position`, from 1.
    private func column() throws(DataError) -> Int {
        var row = self
        (row.position, row.line, row.quoteColumn) = (rowStart.position, rowStart.line, 0)
        var column = 1
        while row.position < position {
            _ = try row.nextField()
            column += 1
        }
        return column
    }

    /// All fields of a row.
    mutating func row() throws(DataError) -> [Field] {
        var fields: [Field] = []
        repeat {
            fields.append(try nextField())
            guard fields.count <= CSV.mostColumns else {
                throw .unsupported(
                    file: path, detail: "has more than \(CSV.mostColumns) columns; save the numbers as NPY or LIBSVM")
            }
        } while !fields[fields.count - 1].isLastOfRow
        return fields
    }

    /// Passes over a row, and returns the number of its fields.
    mutating func passRow() throws(DataError) -> Int {
        var count = 1
        while try !nextField().isLastOfRow { count += 1 }
        return count
    }

    /// The first eight bytes of the row.
    @inline(__always)
    var firstWord: UInt64 { ByteWord(start + rowStart.position).bits }

    /// Whether the row that begins here is this line.
    func isAt(_ known: KnownLine) -> Bool {
        guard firstWord & known.mask == known.word else { return false }
        let end = rowStart.position + known.bytes.count
        guard end <= bytes.count, bytes[rowStart.position..<end].elementsEqual(known.bytes) else { return false }
        return end == bytes.count ? isWhole : start[end] == lineFeed || start[end] == carriageReturn
    }

    /// Passes over the rest of this line, whatever it contains.
    mutating func skipLine() {
        while position < bytes.count, bytes[position] != lineFeed, bytes[position] != carriageReturn { position += 1 }
        if position < bytes.count { endLine() } else { isCut = !isWhole }
    }

    private mutating func quotedField(from opening: Int) throws(DataError) -> Field {
        let firstLine = line
        var field = Field(range: opening..<opening, line: firstLine)
        var at = opening + 1
        var controls: UInt64 = 0
        while true {
            guard at < bytes.count else {
                guard isWhole else { return cutField() }
                throw .unterminatedQuote(file: path, line: firstLine)
            }
            let word = ByteWord(start + at)
            let found = word.equal(quotes)
            guard found != 0 else {
                controls |= word.below(14)
                at += 8
                continue
            }
            // the bits below the lowest set bit
            controls |= word.below(14) & ((found & (0 &- found)) &- 1)
            at += ByteWord.place(found)
            guard start[at + 1] == quote else { break }
            field.hasDoubledQuotes = true
            at += 2
        }
        field.range = (opening + 1)..<at
        if controls != 0, countsQuotedLines { line += lineEnds(in: field.range) }
        at += 1
        while isBlank(start[at]) { at += 1 }
        guard at == bytes.count || start[at] == delimiter || start[at] == lineFeed || start[at] == carriageReturn else {
            throw .textAfterQuote(file: path, line: line)
        }
        position = at
        field.isLastOfRow = passSeparator()
        return field
    }

    /// Marks a field that goes on behind the bytes.
    private mutating func cutField() -> Field {
        isCut = true
        return Field(range: bytes.count..<bytes.count, line: line, isLastOfRow: true)
    }

    /// A CR counts where no LF follows, so that a pair is one.
    private func lineEnds(in range: Range<Int>) -> Int {
        var (count, at) = (0, range.lowerBound)
        while at < range.upperBound {
            let word = ByteWord(start + at)
            if word.equal(lineFeeds) | word.equal(carriageReturns) == 0 {
                at += 8
                continue
            }
            for at in at..<min(at + 8, range.upperBound)
            where start[at] == lineFeed || start[at] == carriageReturn && start[at + 1] != lineFeed { count += 1 }
            at += 8
        }
        return count
    }

    /// Passes the separator or line end at `position`; true when the row ends here.
    @inline(__always)
    private mutating func passSeparator() -> Bool {
        guard position < bytes.count else {
            isCut = !isWhole
            return true
        }
        if bytes[position] == delimiter {
            position += 1
            return false
        }
        endLine()
        return true
    }

    private mutating func endLine() {
        if bytes[position] == carriageReturn {
            // a line feed may follow behind the bytes
            if position + 1 == bytes.count, !isWhole { isCut = true }
            if position + 1 < bytes.count, bytes[position + 1] == lineFeed { position += 1 }
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
private let quotes = ByteWord(repeating: UInt8(ascii: "\""))
private let lineFeeds = ByteWord(repeating: UInt8(ascii: "\n"))
private let carriageReturns = ByteWord(repeating: UInt8(ascii: "\r"))

extension CSVScanner {
    /// The bytes of a field's text.
    func text(of field: Field) -> [UInt8] {
        let raw = UnsafeBufferPointer(rebasing: bytes[field.range])
        return field.hasDoubledQuotes ? Self.undoubled(raw) : Array(raw)
    }

    /// A text without the second of two quotes.
    static func undoubled(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var at = 0
        while at < raw.count {
            result.append(raw[at])
            at += raw[at] == quote ? 2 : 1
        }
        return result
    }

    /// The address where a field's bytes begin. Eight bytes behind the field are readable.
    func start(of field: Field) -> UnsafePointer<UInt8> { start + field.range.lowerBound }

    /// A field's text as a string; fails when it is not UTF-8.
    func string(of field: Field) throws(DataError) -> String {
        guard let string = String(validating: text(of: field), as: UTF8.self) else {
            throw .notText(file: path, line: field.line, detail: "not UTF-8")
        }
        return string
    }
}
