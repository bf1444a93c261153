import Batchwise
import Foundations

/// The beginning of a table of text: its delimiter, the rows above its data, and the names of its columns.
struct CSVHead {
    let delimiter: UInt8
    let hasHeader: Bool
    /// The names in the header; "column 1" and so on where there are none.
    let names: [String]
    /// The names that several columns have in the file; the columns behind the first have other names here.
    let repeated: Set<String>
    /// The place where the first row of data may begin, and its line.
    let start: (position: Int, line: Int)
    /// The lines of the header.
    private(set) var headerLines: [KnownLine] = []
    /// The columns in whose first rows a point may group digits, and those in which one cannot.
    let pointed, decimal: Set<Int>
    /// The first whole number of a column that begins with a zero, and its line.
    private let zeros: [Int: (text: String, line: Int)]
    /// Notices to a person about rows that are no data.
    private(set) var notices: [String] = []

    /// Reads the beginning of the text; nil where the window is too small to tell.
    ///
    /// - Parameters:
    ///   - delimiter: the separator of cells; nil: what the text says or shows.
    ///   - isContainer: whether the rows are those of a container, which has no comments above them.
    ///   - hasNames: whether the first row is known to be the names.
    ///   - header: whether the text names the columns; nil finds out.
    ///   - expected: names that the columns may have.
    init?(
        _ window: TextWindow, path: String, delimiter known: UInt8? = nil, isContainer: Bool = false,
        hasNames: Bool = false, header: Bool?, _ expected: ExpectedNames?, badLines: DataSource.BadLines
    ) throws(DataError) {
        let bytes = UnsafeBufferPointer(start: window.start, count: window.count)
        try Self.requireText(bytes, path)
        // a container has no comments, and no line that says its separator
        let (scanner, said) =
            isContainer
            ? (CSVScanner(path: path, window: window, delimiter: known ?? 0x2C), nil)
            : try Self.beginning(window, path)
        delimiter =
            known ?? said ?? CSVDialect.delimiter(ofName: path)
            ?? CSVDialect.delimiter(in: window, from: scanner.position)

        let begun = isContainer ? scanner : CSVComments.rows(before: scanner, window, delimiter)
        let first = CSVScanner(
            path: path, window: window, delimiter: delimiter, position: begun.position, line: begun.line,
            countsQuotedLines: !isContainer)
        let rows = try CSVHeadRows(first, skipsBad: badLines == .skip)
        guard !rows.isCut || window.count >= Self.mostBytes && rows.first.count > 1 else { return nil }
        guard !rows.first.isEmpty else { throw .noRows(path) }
        (pointed, decimal, zeros) = (rows.pointed, rows.decimal, rows.zeros)
        let place = hasNames ? 0 : try rows.header(said: header, expected)
        hasHeader = place != nil
        guard let place else {
            names = rows.first[0].cells.indices.map { "column \($0 + 1)" }
            start = rows.first[0].start
            repeated = []
            if header == nil, case .doubtful? = try rows.numbersAsNames() {
                notices.append(
                    "\(escaped(path, limit: 200)): line \(start.line) is read as data, though its numbers may be names of "
                        + "the columns; data.header: true says so")
            }
            if !isContainer { notices += Self.notice(oneColumn: rows, names, bytes, path) }
            return
        }
        let found = try CSVNames(rows, through: place)
        let distinct = DistinctNames(found.names)
        (names, start) = (distinct.names, rows.first[place].end)
        repeated = distinct.repeated
        let file = escaped(path, limit: 200)
        notices += [found.notice(file: file), distinct.notice(file: file)].compactMap { $0 }
        if header == nil, !hasNames, rows.first[place].hasValues {
            notices.append(
                "\(file): line \(rows.first[place].start.line) names the columns, though it has numbers; "
                    + "data.header: false reads it as data")
        }
        if names.count > 1 {
            headerLines = found.rows.map { KnownLine(Array(bytes[rows.first[$0].bytes])) }
        }
        if !isContainer { notices += Self.notice(oneColumn: rows, names, bytes, path) }
    }

    /// Notices about columns of codes such as 007, which become numbers.
    func zeroNotices(file: String) -> [Int: [String]] {
        var notices: [Int: [String]] = [:]
        for (column, found) in zeros where column < names.count && found.line >= start.line {
            let name = escaped(names[column], limit: 60)
            notices[column] = [
                "\(escaped(file, limit: 200)): the column \"\(name)\" has \"\(found.text)\" in line \(found.line), a number "
                    + "that begins with a zero: it is read as a number; data.columns: {\(name): one-hot} keeps codes apart"
            ]
        }
        return notices
    }

    /// The first row behind a mark, a line that says the separator, and comments; and what that line says.
    static func beginning(_ window: TextWindow, _ path: String) throws(DataError) -> (CSVScanner, said: UInt8?) {
        let bytes = UnsafeBufferPointer(start: window.start, count: window.count)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var scanner = CSVScanner(
            path: path, window: window, delimiter: UInt8(ascii: ","), position: bytes.starts(with: mark) ? 3 : 0)
        let line = bytes[scanner.position...].prefix(64).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let said = try CSVDialect.delimiter(ofFirst: ArraySlice(line), path: path)
        if said != nil { scanner.skipLine() }
        // a first column of numbers may be called "#"
        while scanner.nextRow(), bytes[scanner.position] == UInt8(ascii: "#"),
            !CSVDialect.delimiters.contains(where: {
                bytes.indices.contains(scanner.position + 1) && bytes[scanner.position + 1] == $0
            })
        {
            scanner.skipLine()
        }
        return (scanner, said)
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
        if bytes.prefix(4096).contains(0) {
            throw .unsupported(
                file: path,
                detail:
                    "is neither a table nor an IDX or NPY file, for it has bytes that are 0; where it is text of two "
                    + "bytes a character, data.encoding: utf-16 says so")
        }
    }
}
