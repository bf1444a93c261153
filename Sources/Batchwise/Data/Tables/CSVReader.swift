/// Reads the rows of a table into columns, in one pass.
///
/// The cells of a column are numbers, or dates, until one of them is not; from there on they are texts, and the rows
/// before it are read once more in the end. Numbers go to their columns in runs of rows.
struct CSVReader: ~Copyable {
    private let csv: CSV
    private let comma: CSVNumber.Comma
    private let columns: UnsafeMutablePointer<CSVColumn>
    private let width: Int
    private var lines: [UInt32] = []
    /// The numbers of a run of rows, column by column, of which each begins a few numbers further round the cache.
    private let run: UnsafeMutablePointer<Double>
    private var runCount = 0
    private let runRows, stride: Int

    init(_ csv: CSV, kinds: [Table.Kind]) {
        self.csv = csv
        comma = CSV.comma(csv.delimiter)
        width = csv.names.count
        columns = .allocate(capacity: width)
        for (place, kind) in kinds.enumerated() {
            (columns + place).initialize(to: CSVColumn(name: csv.names[place], kind: kind))
        }
        runRows = max(1, min(256, (1 << 16) / csv.names.count))
        stride = runRows + 8
        run = .allocate(capacity: csv.names.count * stride)
    }

    deinit {
        columns.deinitialize(count: width)
        columns.deallocate()
        run.deallocate()
    }

    mutating func table() throws(DataError) -> Table {
        try readRows()
        guard !lines.isEmpty else { throw .noRows(csv.path) }
        if (0..<width).contains(where: { columns[$0].unread > 0 }) { try rereadFirstRows() }
        var finished: [Table.Column] = []
        for column in 0..<width { finished.append(try columns[column].finished(path: csv.path, lines: lines)) }
        return Table(
            columns: finished, rowCount: lines.count, lines: lines, parts: [.init(path: csv.path, firstRow: 0)])
    }

    private mutating func readRows() throws(DataError) {
        var scanner = csv.scanner()
        var reading = (0..<width).map { columns[$0].reading }
        while scanner.nextRow() {
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
                    if column < width {
                        try read(field, of: scanner, column)
                        reading[column] = columns[column].reading
                    }
                }
                column += 1
            } while !isLast
            guard column == width else {
                throw .raggedRow(file: csv.path, line: line, expected: width, found: column)
            }
            lines.append(UInt32(clamping: line))
            runCount += 1
            if runCount == runRows { endRun(csv.rows(after: lines.count, endingAt: scanner.position)) }
        }
        endRun(lines.count)
    }

    /// Reads a cell that is no plain number.
    private func read(_ field: CSVScanner.Field, of scanner: borrowing CSVScanner, _ column: Int) throws(DataError) {
        let (columns, run) = (columns, run)
        if columns[column].reading != .texts {
            let before = UnsafeBufferPointer(start: run + column * stride, count: runCount)
            if let number = try columns[column].number(scanner, field, after: before, comma: comma) {
                run[column * stride + runCount] = number
                return
            }
            columns[column].becomeText(row: lines.count)
        }
        columns[column].appendText(scanner, field)
    }

    /// - Parameter rows: how many rows there may be in all.
    private mutating func endRun(_ rows: Int) {
        if lines.count == runCount { reserve(rows) }
        let columns = columns
        for column in 0..<width where columns[column].reading != .texts {
            columns[column].append(UnsafeBufferPointer(start: run + column * stride, count: runCount))
        }
        runCount = 0
    }

    private mutating func reserve(_ rows: Int) {
        lines.reserveCapacity(rows)
        let columns = columns
        for column in 0..<width { columns[column].reserve(rows) }
    }

    private mutating func rereadFirstRows() throws(DataError) {
        let columns = columns
        let rows = (0..<width).reduce(0) { max($0, columns[$1].unread) }
        var scanner = csv.scanner()
        for row in 0..<rows {
            _ = scanner.nextRow()
            for column in 0..<width {
                let field = try scanner.nextField()
                if row < columns[column].unread { columns[column].setText(scanner, field, row: row) }
            }
        }
    }
}
