/// A file of comma-separated values, or several: its dialect and header are known when it has been opened.
package struct CSV: Sendable {
    package let path: String
    /// Comma, semicolon, tab or bar.
    package let delimiter: UInt8
    package let hasHeader: Bool
    /// The names in the header; "column 1" and so on where there are none.
    package let names: [String]
    private let text: FileText
    /// Further files of the same columns.
    var parts: [Part] = []
    /// Where the first row of data may begin, and its line.
    private let start: (position: Int, line: Int)

    /// - Parameter header: whether the first row names the columns; nil finds out.
    package init(path: String, header: Bool? = nil) throws(DataError) {
        try self.init(ByteSource(path: path), header: header)
    }

    init(_ source: ByteSource, header: Bool?) throws(DataError) {
        try self.init(path: source.path, text: try FileText(source), header: header)
    }

    package init(path: String, bytes: [UInt8], header: Bool?) throws(DataError) {
        try self.init(path: path, text: FileText(bytes), header: header)
    }

    private init(path: String, text: FileText, header: Bool?) throws(DataError) {
        let bytes = text.bytes
        try Self.requireText(bytes, path)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var scanner = CSVScanner(
            path: path, text: text, delimiter: UInt8(ascii: ","), position: bytes.starts(with: mark) ? 3 : 0)
        while scanner.nextRow(), bytes[scanner.position] == UInt8(ascii: "#") { scanner.skipLine() }
        delimiter = CSVDialect.delimiter(ofName: path) ?? CSVDialect.delimiter(of: text, from: scanner.position)
        scanner = CSVScanner(
            path: path, text: text, delimiter: delimiter, position: scanner.position, line: scanner.line)
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
        self.text = text
        self.hasHeader = hasHeader
        self.names = names
        start = hasHeader ? (first.position, first.line) : (scanner.position, scanner.line)
    }

    /// Reads all rows; `kinds` has one entry a column, and nil takes every column as it is.
    package func table(kinds: [Table.Kind]? = nil) throws(DataError) -> Table {
        let kinds = kinds ?? names.map { _ in .either }
        guard parts.isEmpty else { return try joined(kinds: kinds) }
        var reader = CSVReader(self, kinds: kinds)
        return try reader.table()
    }

    /// A guess how many rows there are, where so many take the bytes up to this position. A row has a byte for each
    /// column at least.
    func rows(after rows: Int, endingAt position: Int) -> Int {
        let each = max(names.count, (position - start.position) / rows)
        return min((text.count - start.position) / names.count, rows + (text.count - position) / each / 50 * 51 + 50)
    }

    /// At the first row of data.
    func scanner() -> CSVScanner {
        CSVScanner(path: path, text: text, delimiter: delimiter, position: start.position, line: start.line)
    }

    /// Where commas do not separate, a comma in a number is its decimal point only if the separator is a semicolon,
    /// which is used for that reason; where they do, a comma inside quotes separates thousands.
    static func comma(_ delimiter: UInt8) -> CSVNumber.Comma {
        switch delimiter {
        case UInt8(ascii: ","): .thousands
        case UInt8(ascii: ";"): .decimal
        default: .none
        }
    }

    private static func requireText(_ bytes: UnsafeBufferPointer<UInt8>, _ path: String) throws(DataError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .notText(file: path, line: 1, detail: "UTF-16")
        }
        if bytes.prefix(4096).contains(0) {
            throw .unsupported(file: path, detail: "is neither a table nor an IDX or NPY file")
        }
    }
}
