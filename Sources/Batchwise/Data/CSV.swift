/// A file of comma-separated values: its dialect and header are known when it has been opened.
package struct CSV: Sendable {
    package let path: String
    /// Comma, semicolon, tab or bar.
    package let delimiter: UInt8
    package let hasHeader: Bool
    /// The names in the header; "column 1" and so on where there are none.
    package let names: [String]
    private let bytes: [UInt8]
    /// Where the first row of data may begin, and its line.
    private let start: (position: Int, line: Int)

    /// - Parameter header: whether the first row names the columns; nil finds out.
    package init(path: String, header: Bool? = nil) throws(DataError) {
        try self.init(ByteSource(path: path), header: header)
    }

    init(_ source: ByteSource, header: Bool?) throws(DataError) {
        // Text rarely packs better than 20:1; what claims more than 100:1 is made to fill memory.
        let limit = source.isCompressed ? min(max(1 << 26, source.atMost / 11), 1 << 32) : memoryLimit
        try self.init(path: source.path, bytes: try source.rest(limit: limit), header: header)
    }

    package init(path: String, bytes: [UInt8], header: Bool?) throws(DataError) {
        try Self.requireText(bytes, path)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var scanner = CSVScanner(
            path: path, bytes: bytes, delimiter: UInt8(ascii: ","), position: bytes.starts(with: mark) ? 3 : 0)
        while scanner.nextRow(), bytes[scanner.position] == UInt8(ascii: "#") { scanner.skipLine() }
        delimiter = CSVDialect.delimiter(of: bytes, from: scanner.position)
        scanner = CSVScanner(
            path: path, bytes: bytes, delimiter: delimiter, position: scanner.position, line: scanner.line)
        let hasHeader =
            if let header { header } else { try CSVDialect.hasHeader(scanner, comma: Self.comma(delimiter)) }
        var first = scanner
        guard first.nextRow() else { throw .noRows(path) }
        let fields = try first.row()
        var names: [String] = []
        for (index, field) in fields.enumerated() {
            let name = hasHeader ? try first.string(of: field) : ""
            names.append(name.isEmpty ? "column \(index + 1)" : name)
        }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted { throw .duplicateColumn(file: path, name: name) }
        self.path = path
        self.bytes = bytes
        self.hasHeader = hasHeader
        self.names = names
        start = hasHeader ? (first.position, first.line) : (scanner.position, scanner.line)
    }

    /// Reads all rows; `kinds` has one entry a column, and nil takes every column as it is.
    package func table(kinds: [Table.Kind]? = nil) throws(DataError) -> Table {
        var columns = names.indices.map { ColumnReader(name: names[$0], kind: kinds?[$0] ?? .either) }
        // Numbers first. Text is numbered in a second pass, over the columns that turned out to hold some.
        var lines: [UInt32] = []
        try forEachField { (scanner, field, column) throws(DataError) in
            if column == 0 { lines.append(UInt32(clamping: field.line)) }
            try columns[column].readNumber(scanner, field, comma: Self.comma(delimiter))
        }
        guard !lines.isEmpty else { throw .noRows(path) }
        if columns.contains(where: \.isText) {
            try forEachField { (scanner, field, column) throws(DataError) in
                columns[column].readText(scanner, field)
            }
        }
        var finished: [Table.Column] = []
        for column in columns { finished.append(try column.finished(path: path, lines: lines)) }
        return Table(path: path, columns: finished, rowCount: lines.count, lines: lines)
    }

    @inline(__always)
    private func forEachField(
        _ body: (borrowing CSVScanner, CSVScanner.Field, Int) throws(DataError) -> Void
    ) throws(DataError) {
        var scanner = CSVScanner(
            path: path, bytes: bytes, delimiter: delimiter, position: start.position, line: start.line)
        let expected = names.count
        while scanner.nextRow() {
            var column = 0
            var field: CSVScanner.Field
            let line = scanner.line
            repeat {
                field = try scanner.nextField()
                if column < expected { try body(scanner, field, column) }
                column += 1
            } while !field.isLastOfRow
            guard column == expected else {
                throw .raggedRow(file: path, line: line, expected: expected, found: column)
            }
        }
    }

    /// Where commas do not separate, a comma in a number is its decimal point only if the separator is a semicolon,
    /// which is used for that reason; where they do, a comma inside quotes separates thousands.
    private static func comma(_ delimiter: UInt8) -> CSVNumber.Comma {
        switch delimiter {
        case UInt8(ascii: ","): .thousands
        case UInt8(ascii: ";"): .decimal
        default: .none
        }
    }

    private static func requireText(_ bytes: [UInt8], _ path: String) throws(DataError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .notText(file: path, line: 1, detail: "UTF-16")
        }
        if bytes.prefix(4096).contains(0) {
            throw .unsupported(file: path, detail: "is neither a table nor an IDX or NPY file")
        }
    }
}

/// One column on its way from cells to values.
private struct ColumnReader {
    let name: String
    let kind: Table.Kind
    var isText: Bool
    private var numbers: [Double] = []
    private var codes: [Int32] = []
    private var interner = LevelInterner()
    /// The row in which each text appears first, for an error about it.
    private var firstRows: [Int] = []

    init(name: String, kind: Table.Kind) {
        self.name = name
        self.kind = kind
        isText = kind == .categorical
    }

    @inline(__always)
    mutating func readNumber(
        _ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, comma: CSVNumber.Comma
    ) throws(DataError) {
        guard !isText, kind != .skip else { return }
        if let number = CSVNumber.parse(scanner.bytes, field.range, comma: comma) {
            guard number.isFinite else {
                throw .notFinite(
                    file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
            }
            numbers.append(number)
        } else if CSVNumber.isMissing(scanner.bytes, field.range) {
            numbers.append(.nan)
        } else if kind == .numeric {
            throw .notANumber(file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
        } else {
            isText = true
            numbers = []
        }
    }

    @inline(__always)
    mutating func readText(_ scanner: borrowing CSVScanner, _ field: CSVScanner.Field) {
        guard isText else { return }
        if CSVNumber.isMissing(scanner.bytes, field.range) {
            codes.append(-1)
            return
        }
        if field.hasDoubledQuotes {
            let text = scanner.text(of: field)
            codes.append(interner.code(of: text, 0..<text.count))
        } else {
            codes.append(interner.code(of: scanner.bytes, field.range))
        }
        if interner.count > firstRows.count { firstRows.append(codes.count - 1) }
    }

    func finished(path: String, lines: [UInt32]) throws(DataError) -> Table.Column {
        if kind == .skip { return Table.Column(name: name, values: .skipped) }
        guard isText else { return Table.Column(name: name, values: .numeric(numbers)) }
        let order = (0..<interner.count).sorted { interner.text($0).lexicographicallyPrecedes(interner.text($1)) }
        var levels: [String] = []
        var rank = [Int32](repeating: 0, count: order.count)
        for code in order {
            guard let level = String(validating: interner.text(code), as: UTF8.self) else {
                throw .notText(file: path, line: Int(lines[firstRows[code]]), detail: "not UTF-8")
            }
            rank[code] = Int32(levels.count)
            levels.append(level)
        }
        let ranked = codes.map { $0 < 0 ? -1 : rank[Int($0)] }
        return Table.Column(name: name, values: .categorical(codes: ranked, levels: levels))
    }
}
