/// Cells of a sheet that are merged from one row to others: all of these rows mean the value of the first.
///
/// Cells that are merged in the first row, such as names of a header, or across columns, are left as they stand.
struct MergedCells {
    /// More ranges than this in a sheet are not looked at.
    private static let most = 100_000

    /// For each column, the last row of each range by its first one.
    private var bottoms: [Int: [Int: Int]] = [:]
    private var count = 0
    /// The first range as the sheet writes it.
    private(set) var first: String?

    /// Notes a range such as A2:A11; other texts are none.
    mutating func add(_ text: String) {
        let ends = text.split(separator: ":").map(String.init)
        guard ends.count == 2, count < Self.most, let column = SheetCells.column(ends[0]),
            SheetCells.column(ends[1]) == column, let top = Self.row(ends[0]), let bottom = Self.row(ends[1]),
            top > 1, bottom > top
        else { return }
        count += 1
        first = first ?? text
        bottoms[column, default: [:]][top] = bottom
    }

    private static func row(_ cell: String) -> Int? { Int(cell.drop { $0.isLetter }) }

    /// The last row of the range that begins here; nil where none does.
    func bottom(_ column: Int, row: Int) -> Int? { bottoms[column]?[row] }

    /// The columns that have ranges, from 0.
    var columns: [Int] { bottoms.keys.sorted() }
}

/// Gives the rows of merged cells the values of the first ones, while rows pass from the first to the last.
struct MergedValues {
    private let merged: MergedCells
    private let columns: [Int]
    /// For each column, the last row of the range that was begun last, and its value.
    private var values: [Int: (bottom: Int, value: SheetCells.Value)] = [:]

    init(_ merged: MergedCells) {
        self.merged = merged
        columns = merged.columns
    }

    /// The cells of a row with those that are merged with cells above.
    mutating func filled(_ cells: [SheetCells.Cell], row: Int) -> [SheetCells.Cell] {
        guard !columns.isEmpty else { return cells }
        var added: [SheetCells.Cell] = []
        for column in columns {
            if let cell = cells.first(where: { $0.column == column }) {
                values[column] = merged.bottom(column, row: row).map { ($0, cell.value) }
            } else if let known = values[column], row <= known.bottom {
                added.append(.init(column: column, value: known.value))
            }
        }
        return added.isEmpty ? cells : (cells + added).sorted { $0.column < $1.column }
    }
}
