import Batchwise

/// The first rows of a table of text, by the kinds of their cells, which show where its header ends.
struct CSVHeadRows {
    /// The kind of a cell.
    enum Cell: UInt8 {
        case empty
        /// A word for a missing value, such as NA.
        case missing
        /// A number or date.
        case value
        /// A number with a unit, or a date in words, such as 100 m or Jan 2020: a name may look so too.
        case written
        case text
    }

    /// A row without its texts.
    struct Row {
        let start: (position: Int, line: Int)
        let end: (position: Int, line: Int)
        /// The bytes of the row without its line end.
        let bytes: Range<Int>
        let cells: [Cell]

        var filled: Int { cells.count { $0 != .empty } }
        var hasValues: Bool { cells.contains(.value) }
        /// Whether every cell may be a name that is no number.
        var isAllText: Bool { cells.allSatisfy { $0 == .text || $0 == .written } }
        /// Whether one cell alone is filled, as in a line with the title of the table.
        var isTitle: Bool { filled == 1 && (cells.count == 1 || cells.count > 2) }
    }

    /// The rows among which the header may end.
    static let most = 10

    /// The first rows.
    private(set) var first: [Row] = []
    /// The number of fields that most rows have.
    private(set) var width = 0
    /// Whether the window ends within the first rows.
    private(set) var isCut = false
    /// Whether columns have cells of each kind in the rows behind the first ones.
    private(set) var hasValue: [Bool] = []
    private(set) var hasText: [Bool] = []
    private(set) var hasWritten: [Bool] = []
    /// The columns in which a point may group digits, and those in which one cannot.
    private(set) var pointed: Set<Int> = []
    private(set) var decimal: Set<Int> = []
    /// For columns in which a whole number begins with a zero, the first such cell and its line.
    private(set) var zeros: [Int: (text: String, line: Int)] = [:]
    let scanner: CSVScanner
    /// Whether lines that cannot be cut into cells are left out.
    let skipsBad: Bool

    init(_ scanner: CSVScanner, skipsBad: Bool) throws(DataError) {
        self.scanner = scanner
        self.skipsBad = skipsBad
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        var counts: [Int] = []
        var usual = 0
        while let row = try sample.next() {
            counts.append(row.fields.count)
            notePoints(row.fields, sample.scanner)
            noteZeros(row.fields, sample.scanner, line: row.start.line)
            if first.count < Self.most {
                first.append(Row(row.start, sample.scanner, row.fields))
                continue
            }
            if usual == 0 { usual = CSVDialect.mostFrequent(counts.dropLast()) ?? 1 }
            if counts.count > min(1000, max(Self.most, 200_000 / usual)) { break }
            let cells = row.fields.map { Self.cell($0, of: sample.scanner) }
            // a header that comes again says nothing about the cells of its columns, and neither does a ragged row
            guard cells.count == usual else { continue }
            guard cells.contains(.value) || !repeats(row.start.position, sample.scanner) else { continue }
            if hasValue.isEmpty {
                hasValue = [Bool](repeating: false, count: usual)
                (hasText, hasWritten) = (hasValue, hasValue)
            }
            for (column, cell) in cells.enumerated() {
                if cell == .value { hasValue[column] = true }
                if cell == .text { hasText[column] = true }
                if cell == .written { hasWritten[column] = true }
            }
        }
        isCut = sample.scanner.isCut && first.count < Self.most
        width = CSVDialect.mostFrequent(counts) ?? 0
    }

    /// Whether the row at a position is one of the first rows once more.
    private func repeats(_ position: Int, _ after: CSVScanner) -> Bool {
        first.contains { row in
            let end = position + row.bytes.count
            return end <= after.position && end + 2 >= after.position && row.cells.count > 1
                && after.bytes[position..<end].elementsEqual(after.bytes[row.bytes])
        }
    }

    private mutating func notePoints(_ fields: [CSVScanner.Field], _ scanner: CSVScanner) {
        for (column, field) in fields.enumerated() where !decimal.contains(column) {
            let cell = UnsafeBufferPointer(rebasing: scanner.bytes[field.range])
            guard cell.contains(UInt8(ascii: ".")), let number = WrittenNumber(cell) else { continue }
            switch number.signs {
            case .decimal(.point): decimal.insert(column)
            case .doubtful(.point, _): pointed.insert(column)
            case .decimal, .doubtful, .grouping, .none: break
            }
        }
    }

    private mutating func noteZeros(_ fields: [CSVScanner.Field], _ scanner: CSVScanner, line: Int) {
        for (column, field) in fields.enumerated() where field.range.count > 1 && zeros[column] == nil {
            let cell = scanner.bytes[field.range]
            guard cell.first == UInt8(ascii: "0"), cell.count < 20, cell.allSatisfy({ $0 &- 48 < 10 }) else { continue }
            zeros[column] = (String(decoding: cell, as: UTF8.self), line)
        }
    }

    /// The kind of a field.
    static func cell(_ field: CSVScanner.Field, of scanner: CSVScanner) -> Cell {
        if field.range.isEmpty { return .empty }
        if CSVNumber.isMissing(scanner.bytes, field.range) { return .missing }
        let cell = UnsafeBufferPointer(rebasing: scanner.bytes[field.range])
        if WrittenNumber.isAmount(cell) || CSVDate.parse(cell, cell.indices) != nil { return .value }
        return WrittenNumber(cell) != nil || WrittenDate(cell) != nil ? .written : .text
    }
}

extension CSVHeadRows.Row {
    fileprivate init(_ start: (position: Int, line: Int), _ after: CSVScanner, _ fields: [CSVScanner.Field]) {
        self.start = start
        end = (after.position, after.line)
        var last = after.position
        while last > start.position, [10, 13].contains(after.bytes[last - 1]) { last -= 1 }
        bytes = start.position..<last
        cells = fields.map { CSVHeadRows.cell($0, of: after) }
    }
}

extension CSVHeadRows {
    /// Whole rows from the beginning of a table on.
    struct Sample {
        var scanner: CSVScanner
        /// Whether lines that cannot be cut into cells are left out behind the first row.
        let skipsBad: Bool
        private var isFirst = true

        init(scanner: CSVScanner, skipsBad: Bool) {
            self.scanner = scanner
            self.skipsBad = skipsBad
        }

        /// The next row; nil at the end of the text or window.
        mutating func next() throws(DataError) -> (start: (position: Int, line: Int), fields: [CSVScanner.Field])? {
            while scanner.nextRow() {
                let start = (scanner.position, scanner.line)
                let before = scanner
                do throws(DataError) {
                    let fields = try scanner.row()
                    guard !scanner.isCut else { return nil }
                    isFirst = false
                    return (start, fields)
                } catch {
                    guard skipsBad, !isFirst else { throw error }
                    scanner = before
                    scanner.skipLine()
                    if scanner.isCut { return nil }
                }
            }
            return nil
        }
    }
}
