/// Reads the rows of a table into columns, in one pass.
///
/// The cells of a column are numbers until one of them is not; from there on they are texts, and the rows before it are
/// read once more in the end. Numbers go to their columns in runs of rows.
struct CSVReader: ~Copyable {
    private let csv: CSV
    private let comma: CSVNumber.Comma
    private var columns: [CSVColumn]
    private var lines: [UInt32] = []
    /// The numbers of a run of rows, column by column, of which each begins a few numbers further round the cache.
    private let run: UnsafeMutablePointer<Double>
    private var runCount = 0
    private let runRows, stride: Int

    init(_ csv: CSV, kinds: [Table.Kind]) {
        self.csv = csv
        comma = CSV.comma(csv.delimiter)
        columns = csv.names.indices.map { CSVColumn(name: csv.names[$0], kind: kinds[$0]) }
        runRows = max(1, min(256, (1 << 16) / csv.names.count))
        stride = runRows + 8
        run = .allocate(capacity: csv.names.count * stride)
    }

    deinit { run.deallocate() }

    mutating func table() throws(DataError) -> Table {
        try readRows()
        guard !lines.isEmpty else { throw .noRows(csv.path) }
        if columns.contains(where: { $0.unread > 0 }) { try rereadFirstRows() }
        var finished: [Table.Column] = []
        for column in columns { finished.append(try column.finished(path: csv.path, lines: lines)) }
        return Table(path: csv.path, columns: finished, rowCount: lines.count, lines: lines)
    }

    private mutating func readRows() throws(DataError) {
        var scanner = csv.scanner()
        let width = columns.count
        var takesNumbers = columns.map(\.takesNumbers)
        while scanner.nextRow() {
            let line = scanner.line
            var column = 0
            var isLast = false
            repeat {
                if column < width, takesNumbers[column], let number = scanner.nextNumber() {
                    run[column * stride + runCount] = number.value
                    isLast = number.isLastOfRow
                } else {
                    let field = try scanner.nextField()
                    isLast = field.isLastOfRow
                    if column < width, takesNumbers[column] {
                        if let number = try columns[column].number(scanner, field, comma: comma) {
                            run[column * stride + runCount] = number
                        } else {
                            takesNumbers[column] = false
                            columns[column].becomeText(row: lines.count)
                        }
                    }
                    if column < width, !takesNumbers[column] { columns[column].appendText(scanner, field) }
                }
                column += 1
            } while !isLast
            guard column == width else {
                throw .raggedRow(file: csv.path, line: line, expected: width, found: column)
            }
            lines.append(UInt32(clamping: line))
            runCount += 1
            if runCount == runRows { endRun() }
        }
        endRun()
    }

    private mutating func endRun() {
        for column in columns.indices where columns[column].takesNumbers {
            columns[column].append(UnsafeBufferPointer(start: run + column * stride, count: runCount))
        }
        runCount = 0
    }

    private mutating func rereadFirstRows() throws(DataError) {
        let rows = columns.reduce(0) { max($0, $1.unread) }
        var scanner = csv.scanner()
        for row in 0..<rows {
            _ = scanner.nextRow()
            for column in columns.indices {
                let field = try scanner.nextField()
                if row < columns[column].unread { columns[column].setText(scanner, field, row: row) }
            }
        }
    }
}

/// One column on its way from cells to values.
private struct CSVColumn {
    let name: String
    let kind: Table.Kind
    /// Rows whose texts are still to be read.
    private(set) var unread = 0
    private(set) var takesNumbers: Bool
    private var numbers: [Double] = []
    private var codes: [Int32] = []
    private var interner = LevelInterner()
    /// A row in which each text appears, for an error about it.
    private var rows: [Int] = []

    init(name: String, kind: Table.Kind) {
        self.name = name
        self.kind = kind
        takesNumbers = kind == .either || kind == .numeric
    }

    /// The number in a cell, NaN where none is given; nil where it is text, and may be.
    func number(
        _ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, comma: CSVNumber.Comma
    ) throws(DataError) -> Double? {
        if let number = CSVNumber.parse(scanner.bytes, field.range, comma: comma) {
            guard number.isFinite else {
                throw .notFinite(
                    file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
            }
            return number
        }
        if CSVNumber.isMissing(scanner.bytes, field.range) { return .nan }
        guard kind != .numeric else {
            throw .notANumber(file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
        }
        return nil
    }

    mutating func append(_ run: UnsafeBufferPointer<Double>) { numbers.append(contentsOf: run) }

    mutating func becomeText(row: Int) {
        takesNumbers = false
        numbers = []
        unread = row
        codes = [Int32](repeating: -1, count: row)
    }

    mutating func appendText(_ scanner: borrowing CSVScanner, _ field: CSVScanner.Field) {
        if kind != .skip { codes.append(code(scanner, field, row: codes.count)) }
    }

    mutating func setText(_ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, row: Int) {
        codes[row] = code(scanner, field, row: row)
    }

    /// The number of a cell's text, or -1 where none is given.
    private mutating func code(_ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, row: Int) -> Int32 {
        if CSVNumber.isMissing(scanner.bytes, field.range) { return -1 }
        let code: Int32
        if field.hasDoubledQuotes {
            let text = scanner.text(of: field)
            code = interner.code(of: text, 0..<text.count)
        } else {
            code = interner.code(of: scanner.bytes, field.range)
        }
        if interner.count > rows.count { rows.append(row) }
        return code
    }

    func finished(path: String, lines: [UInt32]) throws(DataError) -> Table.Column {
        if kind == .skip { return Table.Column(name: name, values: .skipped) }
        if takesNumbers { return Table.Column(name: name, values: .numeric(numbers)) }
        let order = (0..<interner.count).sorted { interner.text($0).lexicographicallyPrecedes(interner.text($1)) }
        var levels: [String] = []
        var rank = [Int32](repeating: 0, count: order.count)
        for code in order {
            guard let level = String(validating: interner.text(code), as: UTF8.self) else {
                throw .notText(file: path, line: Int(lines[rows[code]]), detail: "not UTF-8")
            }
            rank[code] = Int32(levels.count)
            levels.append(level)
        }
        let ranked = codes.map { $0 < 0 ? -1 : rank[Int($0)] }
        return Table.Column(name: name, values: .categorical(codes: ranked, levels: levels))
    }
}
