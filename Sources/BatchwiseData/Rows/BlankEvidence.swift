import Batchwise

/// Whether blanks cut the first lines of a text into rows of one length, with numbers among their cells.
struct BlankEvidence {
    /// The number of cells that most lines have.
    private(set) var width = 0
    /// Whether the first line has a cell less than all others, and no number.
    private(set) var hasUnnamedFirst = false
    /// Whether blanks separate the cells, as far as they alone can show it.
    private(set) var isShown = false
    /// Whether all lines have the same number of cells.
    private(set) var isEven = false
    private(set) var firstLine = 1
    private let lines: [(bytes: ArraySlice<UInt8>, number: Int)]

    init(_ lines: [(bytes: ArraySlice<UInt8>, number: Int)]) {
        self.lines = lines
        let rows = lines.map { Array(BlankCells($0.bytes)) }
        guard let head = rows.first, let width = CSVDialect.mostFrequent(rows.map(\.count)), width > 1 else { return }
        self.width = width
        firstLine = lines[0].number
        let isShort = rows.count > 1 && head.count == width - 1 && !head.contains(where: Self.isNumber)
        let uneven = rows.dropFirst(isShort ? 1 : 0).count { $0.count != width }
        guard isShort || head.count == width, uneven <= rows.count / 25 else { return }
        let body = (rows.count > 1 ? rows.dropFirst() : rows[...]).filter { $0.count == width }
        guard !body.isEmpty else { return }
        let numeric = (0..<width).count { column in
            body.allSatisfy { Self.isNumber($0[column]) } && body.contains { !CSVNumber.isMissing($0[column]) }
        }
        guard rows.count > 1 ? numeric > 0 : numeric == width else { return }
        guard !Self.areGroupedOrDates(lines.map(\.bytes), rows) else { return }
        hasUnnamedFirst = isShort
        isEven = uneven == 0
        isShown = true
    }

    /// Whether blanks separate the cells though a delimiter cuts the lines evenly too: each line has more cells by blanks,
    /// and one of the delimiter's own cells holds numbers that several blanks set apart.
    func overrides(_ delimiter: UInt8, _ fields: Int) -> Bool {
        guard width > fields else { return false }
        let rows = lines.dropFirst(lines.count > 1 ? 1 : 0)
        return rows.allSatisfy { line in
            line.bytes.split(separator: delimiter).contains { cell in
                let cells = Array(BlankCells(cell))
                let trimmed = cell.drop(while: BlankCells.isBlank)
                let isWide = zip(trimmed, trimmed.dropFirst()).contains {
                    BlankCells.isBlank($0) && BlankCells.isBlank($1)
                }
                return isWide && cells.count > 1 && cells.allSatisfy(Self.isNumber)
            }
        }
    }

    /// Whether every line is a date with a time, or one number whose thousands blanks set apart.
    private static func areGroupedOrDates(_ lines: [ArraySlice<UInt8>], _ rows: [[ArraySlice<UInt8>]]) -> Bool {
        let areDates = lines.dropFirst().allSatisfy { line in
            let bytes = Array(line)
            return bytes.withUnsafeBufferPointer { CSVDate.parse($0, $0.indices) != nil }
        }
        if lines.count > 1, areDates { return true }
        return zip(lines, rows).allSatisfy { line, cells in
            line.count == cells.reduce(cells.count - 1) { $0 + $1.count } && cells.first?.count ?? 9 <= 3
                && cells.dropFirst().allSatisfy { $0.count == 3 && $0.allSatisfy { (0x30...0x39).contains($0) } }
        }
    }

    /// Whether a cell is a number, with a point or a comma, or says that there is none.
    static func isNumber(_ cell: ArraySlice<UInt8>) -> Bool {
        var bytes = Array(cell)
        if let comma = bytes.firstIndex(of: UInt8(ascii: ",")), !bytes.contains(UInt8(ascii: ".")) {
            bytes[comma] = UInt8(ascii: ".")
        }
        return CSVNumber.parse(bytes, bytes.indices) != nil || CSVNumber.isMissing(cell)
    }
}

extension CSVNumber {
    static func isMissing(_ cell: ArraySlice<UInt8>) -> Bool {
        cell.withUnsafeBufferPointer { isMissing($0, $0.indices) }
    }
}
