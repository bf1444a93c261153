import Batchwise

/// The rows of a table, in memory or on a disk. Cells are numbers, NaN where one is missing; texts are their places
/// among the column's levels, -1 where one is missing.
package protocol TableRows: AnyObject, Sendable {
    var path: String { get }
    var rowCount: Int { get }
    /// The columns without their values.
    var columns: [TableColumn] { get }
    /// The bytes that the rows take, in memory or on a disk.
    var byteCount: Int { get }
    /// The bytes that the rows take on a disk; 0 for rows in memory.
    var storedBytes: Int { get }
    /// How the rows were read.
    var notes: TableNotes { get }

    /// Hands over all rows in their order, a run at a time: those from row `first` on.
    func forEachRun(_ body: (_ run: Table, _ first: Int) throws(DataError) -> Void) throws(DataError)
    /// All rows of these columns, in memory; the others are skipped.
    func table(of places: [Int]) throws(DataError) -> Table
    /// Writes the cells of all columns of these rows, row after row.
    func fill(_ cells: UnsafeMutablePointer<Double>, rows: [Int]) throws(DataError)
    /// Announces runs of rows that will be read soon: a hint.
    func willRead(_ runs: [Range<Int>])
    /// A checksum of the cells: see `RowReader`.
    func contentChecksum() throws(DataError) -> UInt64
}

extension TableRows {
    /// No notes: the rows are read as they stand.
    package var notes: TableNotes { TableNotes(notices: [], skippedRows: []) }
}

/// A column without its values.
package struct TableColumn: Equatable, Sendable {
    var name: String
    var isDate = false
    /// The different texts of a column, sorted by their UTF-8 bytes; cells are their places. nil for numbers.
    var levels: [String]?
    /// The way in which the cells are written, where it is not the way of programs.
    var notation: ColumnNotation?
}

extension Table.Column {
    var description: TableColumn {
        if case .categorical(_, let levels) = values { return TableColumn(name: name, levels: levels) }
        return TableColumn(name: name, isDate: isDate)
    }
}

/// The rows of a table in memory.
final class MemoryRows: TableRows {
    let table: Table
    let columns: [TableColumn]
    var path: String { table.path }
    var rowCount: Int { table.rowCount }
    var storedBytes: Int { 0 }
    var notes: TableNotes { TableNotes(notices: table.notices, skippedRows: table.skippedRows) }

    init(_ table: Table) {
        self.table = table
        columns = table.columns.enumerated().map { place, column in
            var description = column.description
            description.notation = table.notations[place]
            return description
        }
    }

    var byteCount: Int {
        table.columns.reduce(0) { sum, column in
            switch column.values {
            case .numeric: sum + 8 * rowCount
            case .categorical: sum + 4 * rowCount
            case .skipped: sum
            }
        }
    }

    func forEachRun(_ body: (_ run: Table, _ first: Int) throws(DataError) -> Void) throws(DataError) {
        try body(table, 0)
    }

    func table(of places: [Int]) -> Table { table }

    func fill(_ cells: UnsafeMutablePointer<Double>, rows: [Int]) {
        for (place, column) in table.columns.enumerated() {
            var cell = cells + place
            switch column.values {
            case .numeric(let numbers):
                for row in rows {
                    cell.pointee = numbers[row]
                    cell += columns.count
                }
            case .categorical(let codes, _):
                for row in rows {
                    cell.pointee = Double(codes[row])
                    cell += columns.count
                }
            case .skipped: break
            }
        }
    }

    func willRead(_ runs: [Range<Int>]) {}

    func contentChecksum() -> UInt64 {
        var sum = Checksum()
        for column in table.columns {
            switch column.values {
            case .numeric(let numbers): sum.add(numbers)
            case .categorical(let codes, let levels):
                sum.add(codes)
                for level in levels { sum.add(level) }
            case .skipped: break
            }
        }
        return sum.value
    }
}

/// Features that are made of a table's rows when a batch needs them.
final class TableFeatures: RowReader {
    private let rows: any TableRows
    private let width: Int
    /// The place in the table of each encoder's column, and the encoder of its cells.
    private let cells: [(place: Int, encoder: CellEncoder)]
    private let encoder: TableEncoder

    init(_ encoder: TableEncoder, of rows: any TableRows, places: [Int]) {
        self.rows = rows
        self.encoder = encoder
        width = encoder.width
        cells = zip(encoder.columns, places).map { ($1, CellEncoder($0, of: rows.columns[$1])) }
    }

    var storedBytes: Int { rows.storedBytes }
    func willRead(_ runs: [Range<Int>]) { rows.willRead(runs) }
    func contentChecksum() throws(DataError) -> UInt64? { try rows.contentChecksum() }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows wanted: [Int]) throws(DataError) {
        let columns = rows.columns.count
        let numbers = UnsafeMutablePointer<Double>.allocate(capacity: columns * wanted.count)
        defer { numbers.deallocate() }
        try rows.fill(numbers, rows: wanted)
        let features = buffer.bindMemory(to: Float.self)
        features.update(repeating: 0)
        for (index, row) in wanted.enumerated() {
            var feature = features.baseAddress! + index * width
            for (place, cell) in cells {
                cell.encode(numbers[index * columns + place], feature)
                feature += cell.width
            }
            let example = UnsafeBufferPointer(rebasing: features[(index * width)..<((index + 1) * width)])
            if let at = example.firstIndex(where: { !$0.isFinite }) {
                throw .badCell(
                    file: rows.path, place: "row \(row + 1)", column: encoder.name(ofFeature: at),
                    detail: "\(example[at]), after standardising, is not a finite number")
            }
        }
    }
}
