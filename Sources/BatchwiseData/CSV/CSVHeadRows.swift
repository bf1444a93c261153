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
        /// Whether every cell is a text.
        var isAllText: Bool { cells.allSatisfy { $0 == .text } }
        /// Whether one cell alone is filled, as in a line with the title of the table.
        var isTitle: Bool { filled == 1 && (cells.count == 1 || cells.count > 2) }
    }

    /// The rows among which the header may end.
    private static let most = 10

    /// The first rows.
    private(set) var first: [Row] = []
    /// The number of fields that most rows have.
    private(set) var width = 0
    /// Whether the window ends within the first rows.
    private(set) var isCut = false
    /// Whether columns have values, and whether they have texts, in the rows behind the first ones.
    private var hasValue: [Bool] = []
    private var hasText: [Bool] = []
    private let scanner: CSVScanner
    private let skipsBad: Bool

    init(_ scanner: CSVScanner, skipsBad: Bool) throws(DataError) {
        self.scanner = scanner
        self.skipsBad = skipsBad
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        var counts: [Int] = []
        var usual = 0
        while let row = try sample.next() {
            counts.append(row.fields.count)
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
                hasText = hasValue
            }
            for (column, cell) in cells.enumerated() {
                if cell == .value { hasValue[column] = true }
                if cell == .text { hasText[column] = true }
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

    private static func cell(_ field: CSVScanner.Field, of scanner: CSVScanner) -> Cell {
        if field.range.isEmpty { return .empty }
        if CSVNumber.isMissing(scanner.bytes, field.range) { return .missing }
        let isValue =
            CSVNumber.parse(scanner.bytes, field.range, comma: CSV.comma(scanner.delimiter)) != nil
            || CSVDate.parse(scanner.bytes, field.range) != nil
        return isValue ? .value : .text
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

// MARK: - The header

extension CSVHeadRows {
    /// The place of the last row of the header; nil where the rows are data from the first one on.
    ///
    /// A header ends with a row that has no value, but has texts where all rows below have values. The rows above it
    /// are part of the header, or titles. A table of texts alone has a header where the first row's cells are all
    /// different and none of them occurs in its own column below.
    ///
    /// - Parameter isSaid: whether it is known that there is a header.
    /// - Throws: `DataError.headerUnclear` where the first rows may be a header and may be data.
    func header(isSaid: Bool) throws(DataError) -> Int? {
        for place in first.indices.reversed() where try ends(place, isSaid) { return place }
        let titles = width > 1 ? first.prefix { $0.isTitle && ($0.cells.count == 1 || width > 2) }.count : 0
        guard !isSaid else { return titles < first.count ? titles : 0 }
        if let place = first.indices.dropFirst().first(where: { isMisplacedHeader($0) }) {
            throw unclear(
                place, "seems to name the columns, but the rows above it hold values; remove these")
        }
        if first[0].hasValues { return nil }
        if first[0].cells.indices.contains(where: { isValues($0, below: 0) }) { return 0 }
        if titles > 0, titles < first.count {
            throw unclear(
                0, "has one cell alone that is filled, as a title has; remove the line if it is none of the data")
        }
        return try headerOfTexts() ? 0 : nil
    }

    /// Whether the header ends with this row.
    private func ends(_ place: Int, _ isSaid: Bool) throws(DataError) -> Bool {
        let count = countOfNames(place)
        guard count > 0, !hasData(above: place) else { return false }
        let hasNames = first[..<place].contains { $0.cells.count == width && $0.isAllText }
        guard hasNames else { return true }
        // the columns have names above it: another row of names has one for each, or it may be data
        guard count > 1 else { return false }
        if first[place].isAllText, Set(try names(place)).count == width { return true }
        let hasMissing = first[place].cells.indices.contains {
            first[place].cells[$0] == .missing && isValues($0, below: place)
        }
        guard !hasMissing, !isSaid else { return false }
        throw unclear(
            place,
            "has texts where all rows below hold numbers or dates; remove it if it is a part of the header, and "
                + "write NA for missing values if it is data")
    }

    /// The number of columns in which the row has a text, and all rows below have values; 0 for a row with a value.
    private func countOfNames(_ place: Int) -> Int {
        let row = first[place]
        guard row.cells.count == width, !row.hasValues, !isRepeated(place) else { return 0 }
        return row.cells.indices.count { row.cells[$0] == .text && isValues($0, below: place) }
    }

    /// Whether a row above has a value where all rows below have values.
    private func hasData(above place: Int) -> Bool {
        first[..<place].contains { row in
            row.cells.count == width
                && row.cells.indices.contains { row.cells[$0] == .value && isValues($0, below: place) }
        }
    }

    /// Whether the row names all columns below rows of which none does.
    private func isMisplacedHeader(_ place: Int) -> Bool {
        first[place].isAllText && countOfNames(place) >= 2
            && !first[..<place].contains { $0.cells.count == width && !$0.hasValues && $0.filled > 1 }
    }

    /// Whether a column has values below the row, and nothing else.
    private func isValues(_ column: Int, below place: Int) -> Bool {
        guard column < width else { return false }
        var found = column < hasValue.count && hasValue[column]
        if column < hasText.count, hasText[column] { return false }
        for row in first.indices.dropFirst(place + 1) where first[row].cells.count == width && !isRepeated(row) {
            switch first[row].cells[column] {
            case .text: return false
            case .value: found = true
            case .empty, .missing: break
            }
        }
        return found
    }

    /// Whether the row is one of those above it once more, and has no value.
    private func isRepeated(_ place: Int) -> Bool {
        let row = first[place]
        guard !row.hasValues, row.cells.count > 1 else { return false }
        return first[..<place].contains {
            $0.bytes.count == row.bytes.count && scanner.bytes[$0.bytes].elementsEqual(scanner.bytes[row.bytes])
        }
    }

    private func unclear(_ place: Int, _ detail: String) -> DataError {
        .headerUnclear(file: scanner.path, line: first[place].start.line, detail: detail)
    }
}

// MARK: - Tables of texts

extension CSVHeadRows {
    /// Whether the first row of a table without values names the columns.
    private func headerOfTexts() throws(DataError) -> Bool {
        let head = first[0]
        // one row alone is a header without data where it could be nothing else
        guard first.count > 1 || head.cells.count > 1 else { return false }
        let names = try texts(0)
        let isFull = head.isAllText && Set(names).count == names.count
        let second =
            first.count > 3 && first[1].isAllText && first[1].cells.count == head.cells.count ? try texts(1) : nil
        var (recurs, secondRecurs, repeatLine) = (false, false, Int?.none)
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        var count = 0
        while count <= min(1000, max(Self.most, 200_000 / head.cells.count)), let row = try sample.next() {
            defer { count += 1 }
            guard count > 0 else { continue }
            let texts = row.fields.map { sample.scanner.text(of: $0) }
            if texts == names {
                repeatLine = repeatLine ?? row.start.line
                continue
            }
            for (column, text) in texts.enumerated() where column < names.count && !text.isEmpty {
                if text == names[column] { recurs = true }
                if count > 1, let second, text == second[column] { secondRecurs = true }
            }
        }
        if isFull, !recurs, let repeatLine, names.count > 1 {
            throw .headerUnclear(
                file: scanner.path, line: repeatLine,
                detail: "repeats the first row; if that names the columns, say so and remove this line")
        }
        if head.cells.contains(.empty), head.filled > 1, second != nil, !recurs, !secondRecurs {
            throw unclear(0, "has empty cells and may be a part of the header; remove it if it is none of the data")
        }
        return isFull && !recurs
    }

    /// The texts of one of the first rows.
    ///
    /// - Throws: `DataError.notText` where they are not UTF-8.
    func names(_ place: Int) throws(DataError) -> [String] {
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        for _ in 0..<place { _ = try sample.next() }
        guard let row = try sample.next() else { return [] }
        var names: [String] = []
        for field in row.fields { names.append(try sample.scanner.string(of: field)) }
        return names
    }

    private func texts(_ place: Int) throws(DataError) -> [[UInt8]] {
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        for _ in 0..<place { _ = try sample.next() }
        guard let row = try sample.next() else { return [] }
        return row.fields.map { sample.scanner.text(of: $0) }
    }

    /// Whole rows from the beginning of a table on.
    private struct Sample {
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
