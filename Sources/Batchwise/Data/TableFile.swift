/// A source whose rows have columns of several kinds: the header is known, the rows are read on demand.
protocol TableFile {
    var path: String { get }
    var names: [String] { get }
    /// Whether the source itself named its columns.
    var hasHeader: Bool { get }
    /// Reads all rows; `kinds` has one entry a column, and nil takes every column as it is.
    func table(kinds: [Table.Kind]?) throws(DataError) -> Table
}

extension CSV: TableFile {}
extension ConvertedData: TableFile {}
