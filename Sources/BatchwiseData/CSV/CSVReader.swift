import Batchwise
import Foundations

/// Reads the rows of a table, in one pass.
///
/// The cells of a column are numbers, or dates, until one of them is not; from there on they are texts, and the rows
/// before it are read once more in the end. Rows are handed over in runs.
struct CSVReader: ~Copyable {
    private let csv: CSV
    private let columns: UnsafeMutablePointer<CSVColumn>
    private let width: Int
    /// The cells of a run, column by column. Each column begins a few numbers further, so that columns do not compete
    /// for the same lines of the cache.
    private let run: UnsafeMutablePointer<Double>
    private let runLines: UnsafeMutablePointer<UInt32>
    private let runRows, stride: Int
    private let keepsTexts: Bool
    private let skipsBad: Bool
    /// The first bytes of the line that names the columns; no row begins with them where no line does.
    private let namesWord, namesMask: UInt64
    private(set) var notes = CSVNotes()
    private var runCount = 0
    /// The number of rows in the runs before.
    private(set) var rowCount = 0

    /// The cells of rows that follow one another: numbers, with NaN for a missing one, or the numbers of texts, with -1
    /// for a missing one.
    struct Run {
        fileprivate let cells: UnsafePointer<Double>
        fileprivate let stride: Int
        /// The line of each row.
        let lines: UnsafeBufferPointer<UInt32>
        /// An estimate of the number of all rows, where the length of the text is known.
        let expectedRows: Int?

        var count: Int { lines.count }

        func column(_ place: Int) -> UnsafeBufferPointer<Double> {
            UnsafeBufferPointer(start: cells + place * stride, count: lines.count)
        }
    }

    /// - Parameters:
    ///   - levels: the texts that columns are known to have.
    ///   - keepsTexts: whether texts are told apart; else they all are -1.
    init(_ csv: CSV, kinds: [Table.Kind], levels: [CSVLevels]? = nil, keepsTexts: Bool = true) {
        self.csv = csv
        self.keepsTexts = keepsTexts
        skipsBad = csv.badLines == .skip
        (namesWord, namesMask) = csv.headerLines.last.map { ($0.word, $0.mask) } ?? (1, 0)
        width = csv.names.count
        columns = .allocate(capacity: width)
        for (place, kind) in kinds.enumerated() {
            let column = CSVColumn(name: csv.names[place], kind: kind, levels: levels?[place] ?? CSVLevels())
            (columns + place).initialize(to: column)
        }
        runRows = max(1, min(256, (1 << 16) / csv.names.count))
        stride = runRows + 8
        run = .allocate(capacity: csv.names.count * stride)
        runLines = .allocate(capacity: runRows)
    }

    deinit {
        columns.deinitialize(count: width)
        columns.deallocate()
        run.deallocate()
        runLines.deallocate()
    }

    /// The type that the column has been read as so far.
    func reading(_ column: Int) -> CSVColumn.Reading { columns[column].reading }

    /// Whether the column has had a number so far, or only missing values.
    func hasNumbers(_ column: Int) -> Bool { columns[column].hasNumbers }

    /// The texts of the column so far.
    func levels(_ column: Int) -> CSVLevels { columns[column].levels }

    /// The first line of a column of texts all of which stand in single quotes; nil where there is none.
    var lineOfSingleQuotes: Int? {
        for column in 0..<width where columns[column].reading == .texts && columns[column].levels.areInSingleQuotes {
            return columns[column].levels.lineOfSingleQuotes
        }
        return nil
    }

    /// Reads all rows into columns.
    mutating func table() throws(DataError) -> Table {
        var lines: [UInt32] = []
        let (columns, width, path) = (columns, width, csv.path)
        try forEachRun { (run) throws(DataError) in
            if lines.isEmpty, let rows = run.expectedRows {
                let (bytes, overflow) = rows.multipliedReportingOverflow(by: 8 * width)
                guard !overflow, bytes <= memoryLimit else {
                    throw .tooLarge(file: path, bytes: overflow ? .max : bytes, limit: memoryLimit)
                }
                lines.reserveCapacity(rows)
                for column in 0..<width { columns[column].reserve(rows) }
            }
            lines.append(contentsOf: run.lines)
            for column in 0..<width { columns[column].append(run.column(column)) }
        }
        guard !lines.isEmpty else { throw .noRows(path) }
        if (0..<width).contains(where: { columns[$0].unread > 0 }) { try rereadFirstRows() }
        let (notices, textNotices) = (notices(rows: lines.count), textNotices())
        let points = (0..<width).map { self.points($0) }
        var finished: [Table.Column] = []
        for column in 0..<width { finished.append(try columns[column].finished(path: path)) }
        return Table(
            columns: finished, rowCount: lines.count, lines: lines, parts: [.init(path: path, firstRow: 0)],
            notices: notices, skippedRows: notes.skippedRows, points: points, textNotices: textNotices,
            numberNotices: csv.zeroNotices)
    }

    /// Notices to a person about the rows that were read.
    func notices(rows: Int) -> [String] { csv.notices + notes.notices(csv, rows: rows) }

    /// Notices about columns that are given where a column stays text.
    func textNotices() -> [Int: [String]] {
        var notices: [Int: [String]] = [:]
        for column in 0..<width {
            if let notice = columns[column].notice(file: csv.path) { notices[column] = [notice] }
        }
        return notices
    }

    /// The evidence of the points in a column's numbers so far.
    func points(_ column: Int) -> PlainPoints {
        guard columns[column].reading == .numbers else { return .none }
        if csv.decimal.contains(column) { return .decimal }
        return columns[column].points == .none && csv.pointed.contains(column) ? .doubtful : columns[column].points
    }

    /// Goes to the next row to read; false at the end of the text, and where the window cuts the row.
    ///
    /// - Parameter notes: where lines are noted that are left out.
    private func nextRow(
        _ scanner: inout CSVScanner, _ notes: inout CSVNotes, rows: Int
    ) throws(DataError) -> Bool {
        while scanner.nextRow() {
            if !skipsBad {
                // nearly every row begins with other bytes than the names
                guard scanner.firstWord & namesMask == namesWord, isHeader(scanner) else { return true }
                throw .repeatedHeader(file: csv.path, line: scanner.line)
            }
            var after = scanner
            let fields = try? after.passRow()
            if fields == width, !after.isCut, !isHeader(scanner) { return true }
            // where the quotes are wrong, only the line is left out: the row could be the rest of the text
            if fields == nil {
                after = scanner
                after.skipLine()
            }
            let line = scanner.line
            scanner = after
            guard !scanner.isCut else { return false }
            notes.skip(line: line, rows: rows)
        }
        return false
    }

    /// Whether the row is a line of the header once more.
    private func isHeader(_ scanner: CSVScanner) -> Bool { csv.headerLines.contains { scanner.isAt($0) } }

    /// Hands over all rows.
    ///
    /// - Parameter mostLevelBytes: bytes that the texts of a column may have.
    mutating func forEachRun(
        mostLevelBytes: Int = .max, _ body: (Run) throws(DataError) -> Void
    ) throws(DataError) {
        let (window, line) = try csv.rows()
        var scanner = csv.scanner(window, line: line)
        var reading = (0..<width).map { columns[$0].reading }
        var notes = CSVNotes()
        reading: while true {
            while try nextRow(&scanner, &notes, rows: rowCount &+ runCount) {
                let line = scanner.line
                var column = 0
                var isLast = false
                repeat {
                    if column < width, reading[column] == .numbers, let number = scanner.nextNumber() {
                        run[column &* stride &+ runCount] = number.value
                        isLast = number.isLastOfRow
                    } else {
                        let field = try scanner.nextField()
                        isLast = field.isLastOfRow
                        if scanner.isCut { break }
                        if column < width {
                            if reading[column] == .texts {
                                run[column &* stride &+ runCount] = code(column, scanner.start(of: field), field)
                            } else {
                                try read(field, of: scanner, column)
                                reading[column] = columns[column].reading
                            }
                        }
                    }
                    column += 1
                } while !isLast
                if scanner.isCut { break }
                if column < width, csv.badLines == .pad, scanner.quoteColumn == nil {
                    for place in column..<width { run[place &* stride &+ runCount] = columns[place].missing }
                    notes.pad(line: line)
                } else if column != width {
                    if column == 1, endsInComments(scanner, window) {
                        notes.comment(line: line)
                        break reading
                    }
                    throw .raggedRow(file: csv.path, line: line, expected: width, found: column)
                }
                if let quote = scanner.quoteColumn { notes.quote(line: line, column: quote) }
                runLines[runCount] = UInt32(clamping: line)
                runCount += 1
                if runCount == runRows { try endRun(body, window, scanner.position, mostLevelBytes) }
            }
            guard scanner.isCut else { break }
            try window.move(to: scanner.rowStart.position)
            scanner = csv.scanner(window, line: scanner.rowStart.line)
        }
        if runCount > 0 { try endRun(body, window, scanner.position, mostLevelBytes) }
        self.notes = notes
    }

    /// Whether the rows from this one on are comments, each in one cell.
    private func endsInComments(_ scanner: CSVScanner, _ window: TextWindow) -> Bool {
        var rest = CSVScanner(
            path: csv.path, window: window, delimiter: csv.delimiter, position: scanner.rowStart.position,
            line: scanner.rowStart.line)
        while rest.nextRow() {
            guard let field = try? rest.nextField(), field.isLastOfRow, !rest.isCut,
                TrailingRows.isComment(String(decoding: rest.text(of: field), as: UTF8.self))
            else { return false }
        }
        return !rest.isCut
    }

    /// Reads a cell that is no plain number, of a column that holds no text so far.
    private func read(_ field: CSVScanner.Field, of scanner: borrowing CSVScanner, _ column: Int) throws(DataError) {
        let (columns, cells) = (columns, run + column * stride)
        let before = UnsafeBufferPointer(start: cells, count: runCount)
        if let number = try columns[column].number(scanner, field, after: before) {
            cells[runCount] = number
            return
        }
        columns[column].becomeText(rows: rowCount, unread: rowCount + runCount)
        for row in 0..<runCount { cells[row] = -1 }
        cells[runCount] = code(column, scanner.start(of: field), field)
    }

    @inline(__always)
    private func code(_ column: Int, _ start: UnsafePointer<UInt8>, _ field: CSVScanner.Field) -> Double {
        keepsTexts ? Double(columns[column].code(start, field)) : -1
    }

    private mutating func endRun(
        _ body: (Run) throws(DataError) -> Void, _ window: TextWindow, _ position: Int,
        _ mostLevelBytes: Int
    ) throws(DataError) {
        let columns = columns
        for column in 0..<width where columns[column].levels.byteCount > mostLevelBytes {
            throw .tooManyTexts(file: csv.path, column: columns[column].name)
        }
        for column in 0..<width where columns[column].reading == .numbers {
            columns[column].look(at: UnsafeBufferPointer(start: run + column * stride, count: runCount))
        }
        let rows = window.textCount.map { csv.rows(of: $0, where: runCount, endAt: window.offset + position) }
        try body(
            Run(
                cells: run, stride: stride, lines: UnsafeBufferPointer(start: runLines, count: runCount),
                expectedRows: rows))
        rowCount += runCount
        runCount = 0
    }

    private func rereadFirstRows() throws(DataError) {
        let columns = columns
        let rows = (0..<width).reduce(0) { max($0, columns[$1].unread) }
        let (window, line) = try csv.rows()
        var scanner = csv.scanner(window, line: line)
        // the first time, all lines have been noted
        var notes = CSVNotes()
        var row = 0
        while row < rows {
            let isThere = try nextRow(&scanner, &notes, rows: row)
            guard isThere || scanner.isCut else {
                throw .changes(file: csv.path)
            }
            var (column, isLast) = (0, scanner.isCut)
            while !isLast {
                let field = try scanner.nextField()
                isLast = field.isLastOfRow || scanner.isCut
                if column < width, row < columns[column].unread, !scanner.isCut {
                    columns[column].setCode(columns[column].code(scanner.start(of: field), field), row: row)
                }
                column += 1
            }
            if scanner.isCut {
                try window.move(to: scanner.rowStart.position)
                scanner = csv.scanner(window, line: scanner.rowStart.line)
            } else {
                row += 1
            }
        }
    }
}
