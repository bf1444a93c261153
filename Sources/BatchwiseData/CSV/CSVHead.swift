import Batchwise
import Foundations

/// The beginning of a table of text: its delimiter, the rows above its data, and the names of its columns.
struct CSVHead {
    let delimiter: UInt8
    let hasHeader: Bool
    /// The names in the header; "column 1" and so on where there are none.
    let names: [String]
    /// The place where the first row of data may begin, and its line.
    let start: (position: Int, line: Int)
    /// The lines of the header.
    private(set) var headerLines: [KnownLine] = []
    /// Notices to a person about rows that are no data.
    private(set) var notices: [String] = []

    /// Reads the beginning of the text; nil where the window is too small to tell.
    ///
    /// - Parameter header: whether the text names the columns; nil finds out.
    init?(
        _ window: TextWindow, path: String, header: Bool?, badLines: DataSource.BadLines
    ) throws(DataError) {
        let bytes = UnsafeBufferPointer(start: window.start, count: window.count)
        try Self.requireText(bytes, path)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var scanner = CSVScanner(
            path: path, window: window, delimiter: UInt8(ascii: ","), position: bytes.starts(with: mark) ? 3 : 0)
        let line = bytes[scanner.position...].prefix(64).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let said = try CSVDialect.delimiter(ofFirst: ArraySlice(line), path: path)
        if said != nil { scanner.skipLine() }
        while scanner.nextRow(), bytes[scanner.position] == UInt8(ascii: "#") { scanner.skipLine() }
        delimiter =
            said ?? CSVDialect.delimiter(ofName: path) ?? CSVDialect.delimiter(in: window, from: scanner.position)

        let first = CSVScanner(
            path: path, window: window, delimiter: delimiter, position: scanner.position, line: scanner.line)
        let rows = try CSVHeadRows(first, skipsBad: badLines == .skip)
        guard !rows.isCut || window.count >= Self.mostBytes && rows.first.count > 1 else { return nil }
        guard !rows.first.isEmpty else { throw .noRows(path) }
        let place = header == false ? nil : try rows.header(isSaid: header == true)
        hasHeader = place != nil
        guard let place else {
            names = rows.first[0].cells.indices.map { "column \($0 + 1)" }
            start = rows.first[0].start
            notices += Self.notice(oneColumn: rows, names, bytes, path)
            return
        }
        let found = try CSVNames(rows, through: place)
        (names, start) = (found.names, rows.first[place].end)
        notices += [found.notice(file: escaped(path, limit: 200))].compactMap { $0 }
        if names.count > 1 {
            headerLines = found.rows.map { KnownLine(Array(bytes[rows.first[$0].bytes])) }
        }
        notices += Self.notice(oneColumn: rows, names, bytes, path)
    }

    /// The bytes of text in which the first rows are looked for, unless a single row is longer.
    private static let mostBytes = 1 << 24

    private static func notice(
        oneColumn rows: CSVHeadRows, _ names: [String], _ bytes: UnsafeBufferPointer<UInt8>, _ path: String
    ) -> [String] {
        guard names.count == 1 else { return [] }
        let lines = rows.first.map { Array(bytes[$0.bytes]) }
        return [CSVDialect.notice(oneColumn: lines, file: escaped(path, limit: 200))].compactMap { $0 }
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
