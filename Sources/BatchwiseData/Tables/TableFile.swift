import Foundations
import Batchwise
/// A file of rows and columns; its columns are known when it has been opened.
protocol TableFile {
    var path: String { get }
    /// The names of the columns.
    var names: [String] { get }
    /// Whether the file itself names its columns.
    var hasHeader: Bool { get }
    /// Which rows of a database these are; nil for a file that is one table.
    var database: DatabaseRows? { get }
    /// Reads all rows; `kinds` has one entry a column, and nil takes every column as it is.
    func table(kinds: [Table.Kind]?) throws(DataError) -> Table
    /// The same rows, which may stay on the disk where they are more than `memory` bytes.
    func rows(kinds: [Table.Kind]?, memory: Int) throws(DataError) -> any TableRows
}

extension TableFile {
    /// No file but a database holds several tables.
    var database: DatabaseRows? { nil }

    func rows(kinds: [Table.Kind]?, memory: Int) throws(DataError) -> any TableRows {
        MemoryRows(try table(kinds: kinds))
    }

    /// A column by its name or, when none has that name, by its number from 1.
    func place(of column: String) throws(DataError) -> Int {
        if let place = names.firstIndex(of: column) { return place }
        if let number = Int(column), names.indices.contains(number - 1) { return number - 1 }
        throw .unknownColumn(file: path, name: column, nearest: nearestName(to: column, in: names), columns: names)
    }
}

extension CSV: TableFile {}
