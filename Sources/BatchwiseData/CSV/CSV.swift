import Batchwise
import Foundations

/// A file of comma-separated values or of other rows of text, or several: its dialect and header are known when it has
/// been opened.
package struct CSV: Sendable {
    /// A column takes some memory whatever is in it: a line of commas must not fill it.
    static let mostColumns = 1 << 16

    package let path: String
    /// The format of the container that the rows are from.
    package let format: DataDescription.Format
    /// The separator of cells: comma, semicolon, tab, bar, or another that is said or found.
    package let delimiter: UInt8
    package let hasHeader: Bool
    /// The names in the header; "column 1" and so on where there are none.
    package let names: [String]
    /// The names that several columns have in the file; those behind the first have a number here: "x.2".
    package let repeatedNames: Set<String>
    /// The lines of the header, which no row of the data repeats.
    let headerLines: [KnownLine]
    /// Notices to a person about the text and the rows above the data.
    private(set) var notices: [String]
    let badLines: DataSource.BadLines
    /// The columns in whose first rows a point may group digits, and those in which one cannot.
    let pointed, decimal: Set<Int>
    /// The columns in which a whole number begins with a zero, with a notice.
    let zeroNotices: [Int: [String]]
    /// Further files of the same columns.
    var parts: [Part] = []
    private var origin: TextOrigin
    /// The header setting of the recipe; nil finds out.
    private let header: Bool?
    /// The names that the columns may have.
    private let expected: ExpectedNames?
    /// Whether the text was made of objects of JSON.
    var areRowsOfJSON = false
    /// Whether the text has no beginning, whose dialect and names are known.
    private var isContinued = false
    /// The place where the first row of data may begin, and its line.
    private var start: (position: Int, line: Int)
    /// The bytes of text that are in memory at a time.
    private let room: Int

    /// - Parameter header: whether the first row names the columns; nil finds out.
    package init(
        path: String, header: Bool? = nil, badLines: DataSource.BadLines = .refuse
    ) throws(DataError) {
        try self.init(TextOrigin(path: path), header: header, badLines: badLines)
    }

    /// - Parameter room: the bytes of text that are in memory at a time.
    package init(
        path: String, bytes: [UInt8], header: Bool?, names: ExpectedNames? = nil,
        badLines: DataSource.BadLines = .refuse, form: DataSource.TextForm = DataSource.TextForm(), room: Int = 1 << 18
    ) throws(DataError) {
        guard !bytes.isEmpty else { throw .noRows(path) }
        try self.init(
            TextOrigin(path: path, place: .bytes(bytes), form: form), header: header, names: names, badLines: badLines,
            room: room)
    }

    /// - Parameter source: the text from its beginning, where it is open already.
    init(
        _ origin: TextOrigin, _ source: ByteSource? = nil, format: DataDescription.Format = .csv, header: Bool?,
        names: ExpectedNames? = nil, badLines: DataSource.BadLines, room: Int = 1 << 18
    ) throws(DataError) {
        self = try Self.opened(origin, source, format, header, names, badLines, room)
    }

    /// Opens a text, and opens it in another way where an error shows that it has another encoding or other quotes.
    private static func opened(
        _ origin: TextOrigin, _ source: ByteSource?, _ format: DataDescription.Format, _ header: Bool?,
        _ expected: ExpectedNames?, _ badLines: DataSource.BadLines, _ room: Int
    ) throws(DataError) -> CSV {
        do throws(DataError) {
            return try CSV(opening: origin, source, format, header, expected, badLines, room)
        } catch {
            // every other way is said in the origin, so that this ends
            guard let other = try origin.readAnew(after: error) else { throw error }
            return try opened(other, nil, format, header, expected, badLines, room)
        }
    }

    private init(
        opening origin: TextOrigin, _ source: ByteSource?, _ format: DataDescription.Format, _ header: Bool?,
        _ expected: ExpectedNames?, _ badLines: DataSource.BadLines, _ room: Int
    ) throws(DataError) {
        let path = origin.path
        var origin = origin
        let opened: ByteSource = if let source { source } else { try origin.open() }
        var window = try TextWindow(opened, room: 1 << 20)
        if let encoding = opened.encoding, origin.container == nil { origin.note(encoding) }
        var delimiter = origin.container?.separator
        if origin.container == nil {
            let dialect = try TextDialect(of: window, origin)
            delimiter = dialect.delimiter
            if let notice = dialect.notice { origin.note(notice) }
            if let container = dialect.container {
                origin.container = container
                delimiter = container.separator
                window = try TextWindow(origin.open(), room: 1 << 20)
            }
        }
        let hasNames = origin.container?.hasHeader == true
        let isContainer = origin.container != nil
        func read() throws(DataError) -> CSVHead? {
            try CSVHead(
                window, path: path, delimiter: delimiter, isContainer: isContainer, hasNames: hasNames, header: header,
                expected, badLines: badLines)
        }
        var head = try read()
        while head == nil {
            try window.move(to: 0)
            head = try read()
        }
        guard let head else { throw .noRows(path) }
        self.path = path
        self.format = format
        self.origin = origin
        self.header = header
        self.expected = expected
        self.room = room
        self.delimiter = head.delimiter
        hasHeader = head.hasHeader
        names = head.names
        repeatedNames = head.repeated
        headerLines = origin.container?.hasHeader == true ? [] : head.headerLines
        notices = origin.notices + head.notices
        (pointed, decimal) = (head.pointed, head.decimal)
        zeroNotices = origin.container == nil ? head.zeroNotices(file: path) : [:]
        self.badLines = badLines
        start = (head.start.position, head.start.line - (origin.container?.linesAbove ?? 0))
    }

    /// Further rows of the same text, from this line on, by the dialect and the names of its beginning.
    func continued(_ bytes: [UInt8], line: Int) -> CSV {
        var csv = self
        csv.origin.place = .bytes(bytes)
        csv.origin.notices = []
        if csv.origin.container is BlankRows { csv.origin.container = BlankRows(hasUnnamedFirst: false) }
        (csv.start, csv.notices, csv.isContinued) = ((0, line), [], true)
        return csv
    }

    /// Reads all rows; `kinds` has one entry a column, and nil takes every column as it is.
    package func table(kinds: [Table.Kind]? = nil) throws(DataError) -> Table {
        try decided(TableReading(kinds: kinds))
    }

    /// Whether the container of the rows tells numbers from texts.
    package var hasTypedNumbers: Bool { areRowsOfJSON || origin.container?.hasTypedNumbers ?? false }

    /// The types of the columns that the container says.
    package var ownKinds: [Table.Kind]? { origin.container?.kinds }

    /// Reads all rows without deciding the meaning of columns that are neither plain numbers nor dates by ISO 8601.
    package func written(kinds: [Table.Kind]? = nil) throws(DataError) -> Table {
        let kinds = known(kinds ?? names.map { _ in .either })
        guard parts.isEmpty else { return try joined(kinds: kinds) }
        do throws(DataError) {
            var reader = CSVReader(self, kinds: kinds)
            let table = try reader.table()
            guard let line = reader.lineOfSingleQuotes, let other = try withSingleQuotes(line: line) else {
                return table
            }
            return try other.written(kinds: kinds)
        } catch {
            guard let other = try readAnew(after: error) else { throw error }
            return try other.written(kinds: kinds)
        }
    }

    /// The types of columns where the container says them, for those that are not wanted as another.
    func known(_ kinds: [Table.Kind]) -> [Table.Kind] {
        guard let own = ownKinds else { return kinds }
        return zip(kinds, own).map { $0 == .either ? $1 : $0 }
    }

    /// The same files in the encoding and with the quotes that they have, where an error shows that these are not the
    /// ones that were supposed; nil where it does not.
    func readAnew(after error: DataError) throws(DataError) -> CSV? {
        if case .notANumber(_, let line, _, let found) = error, found.utf8.count > 1, found.hasPrefix("'"),
            found.hasSuffix("'")
        {
            return try withSingleQuotes(line: line)
        }
        return try reopened { (origin) throws(DataError) in try origin.readAnew(after: error, separator: delimiter) }
    }

    /// The same files, in which single quotes enclose cells; nil where something else is said or known.
    func withSingleQuotes(line: Int) throws(DataError) -> CSV? {
        try reopened { (origin) throws(DataError) in origin.withSingleQuotes(line: line, separator: delimiter) }
    }

    /// The same files, of which some are read in another way; nil where none is.
    private func reopened(_ change: (TextOrigin) throws(DataError) -> TextOrigin?) throws(DataError) -> CSV? {
        var (isOther, all) = (false, [CSV]())
        for csv in [self] + parts.map(\.csv) {
            guard let other = try change(csv.origin) else {
                all.append(csv)
                continue
            }
            isOther = true
            guard !csv.isContinued else {
                var more = csv
                (more.origin, more.notices) = (other, other.notices)
                all.append(more)
                continue
            }
            let opened = try CSV(
                other, format: csv.format, header: csv.header, names: csv.expected, badLines: csv.badLines,
                room: csv.room)
            // the roles of columns are known by their places
            guard opened.names.count == csv.names.count else { return nil }
            all.append(opened)
        }
        guard isOther, var first = all.first else { return nil }
        first.parts = []
        for more in all.dropFirst() { try first.append(more) }
        return first
    }

    /// The text from the first row of data on, and the line where that is.
    func rows() throws(DataError) -> (window: TextWindow, line: Int) {
        let window = try TextWindow(origin.open(), room: max(room, start.position))
        guard start.position <= window.count else { throw .changes(file: path) }
        try window.move(to: start.position)
        return (window, start.line)
    }

    /// Cuts the text in the window into cells.
    func scanner(_ window: TextWindow, line: Int) -> CSVScanner {
        CSVScanner(
            path: path, window: window, delimiter: delimiter, line: line, countsQuotedLines: origin.container == nil)
    }

    /// An estimate of the number of rows in `count` bytes, where the first `rows` rows end at this position of the
    /// text. A row has a byte for each column at least.
    func rows(of count: Int, where rows: Int, endAt position: Int) -> Int {
        let each = max(names.count, position / rows)
        return min(count / names.count, rows + (count - position) / each / 50 * 51 + 50)
    }
}
