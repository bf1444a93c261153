import Batchwise

/// A file of comma-separated values, or several: its dialect and header are known when it has been opened.
package struct CSV: Sendable {
    /// A column takes some memory whatever is in it: a line of commas must not fill it.
    static let mostColumns = 1 << 16

    package let path: String
    /// Comma, semicolon, tab or bar.
    package let delimiter: UInt8
    package let hasHeader: Bool
    /// The names in the header; "column 1" and so on where there are none.
    package let names: [String]
    /// The lines of the header, which no row of the data repeats.
    let headerLines: [KnownLine]
    /// Notices to a person about the rows above the data.
    let notices: [String]
    let badLines: DataSource.BadLines
    /// Further files of the same columns.
    var parts: [Part] = []
    private let origin: Origin
    /// The place where the first row of data may begin, and its line.
    private let start: (position: Int, line: Int)
    /// The bytes of text that are in memory at a time.
    private let room: Int

    /// The place of the text: a file or memory.
    private enum Origin {
        case file(String)
        case bytes([UInt8])
    }

    /// - Parameter header: whether the first row names the columns; nil finds out.
    package init(
        path: String, header: Bool? = nil, badLines: DataSource.BadLines = .refuse
    ) throws(DataError) {
        try self.init(ByteSource(path: path), header: header, badLines: badLines)
    }

    init(_ source: ByteSource, header: Bool?, badLines: DataSource.BadLines) throws(DataError) {
        try self.init(path: source.path, .file(source.path), source, header, badLines, room: 1 << 18)
    }

    /// - Parameter room: the bytes of text that are in memory at a time.
    package init(
        path: String, bytes: [UInt8], header: Bool?, badLines: DataSource.BadLines = .refuse, room: Int = 1 << 18
    ) throws(DataError) {
        guard !bytes.isEmpty else { throw .noRows(path) }
        let source = try ByteSource(path: path, bytes: bytes)
        try self.init(path: path, .bytes(bytes), source, header, badLines, room: room)
    }

    private init(
        path: String, _ origin: Origin, _ source: ByteSource, _ header: Bool?, _ badLines: DataSource.BadLines,
        room: Int
    ) throws(DataError) {
        let window = try TextWindow(source, room: 1 << 20)
        var head = try CSVHead(window, path: path, header: header, badLines: badLines)
        while head == nil {
            try window.move(to: 0)
            head = try CSVHead(window, path: path, header: header, badLines: badLines)
        }
        guard let head else { throw .noRows(path) }
        var seen: Set<String> = []
        for name in head.names where !seen.insert(name).inserted { throw .duplicateColumn(file: path, name: name) }
        self.path = path
        self.origin = origin
        self.room = room
        delimiter = head.delimiter
        hasHeader = head.hasHeader
        names = head.names
        headerLines = head.headerLines
        notices = head.notices
        self.badLines = badLines
        start = head.start
    }

    /// Reads all rows; `kinds` has one entry a column, and nil takes every column as it is.
    package func table(kinds: [Table.Kind]? = nil) throws(DataError) -> Table {
        let kinds = kinds ?? names.map { _ in .either }
        guard parts.isEmpty else { return try joined(kinds: kinds) }
        var reader = CSVReader(self, kinds: kinds)
        return try reader.table()
    }

    /// The text from the first row of data on, and the line where that is.
    func rows() throws(DataError) -> (window: TextWindow, line: Int) {
        let source =
            switch origin {
            case .file(let path): try ByteSource(path: path)
            case .bytes(let bytes): try ByteSource(path: path, bytes: bytes)
            }
        let window = try TextWindow(source, room: max(room, start.position))
        guard start.position <= window.count else { throw .changes(file: path) }
        try window.move(to: start.position)
        return (window, start.line)
    }

    /// Cuts the text in the window into cells.
    func scanner(_ window: TextWindow, line: Int) -> CSVScanner {
        CSVScanner(path: path, window: window, delimiter: delimiter, line: line)
    }

    /// An estimate of the number of rows in `count` bytes, where the first `rows` rows end at this position of the
    /// text. A row has a byte for each column at least.
    func rows(of count: Int, where rows: Int, endAt position: Int) -> Int {
        let each = max(names.count, position / rows)
        return min(count / names.count, rows + (count - position) / each / 50 * 51 + 50)
    }

    private static func source(_ bytes: [UInt8], _ path: String) throws(DataError) -> ByteSource {
        try ByteSource(
            path: path, stream: MemoryStream(bytes), packing: .none, bound: bytes.count, expected: bytes.count)
    }

    /// The meaning of a comma in a number.
    package var comma: CSVNumber.Comma { Self.comma(delimiter) }

    /// Where commas do not separate, a comma in a number is its decimal point only if the separator is a semicolon,
    /// which is used for that reason; where they do, a comma inside quotes separates thousands.
    static func comma(_ delimiter: UInt8) -> CSVNumber.Comma {
        switch delimiter {
        case UInt8(ascii: ","): .thousands
        case UInt8(ascii: ";"): .decimal
        default: .none
        }
    }
}
