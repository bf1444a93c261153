import Batchwise

/// A table in memory: columns, each of one type over the whole file.
///
/// ```swift
/// let table = try Table(contentsOf: "houses.csv")
/// if case .numeric(let prices) = table.columns[0].values { print(prices.max() ?? .nan) }
/// ```
public struct Table: Equatable, Sendable {
    /// The values of a column.
    public enum Values: Equatable, Sendable {
        /// Numbers; NaN is a missing value.
        case numeric([Double])
        /// Texts, as indices into `levels`, which are sorted by their UTF-8 bytes; -1 is a missing value.
        case categorical(codes: [Int32], levels: [String])
        /// The column was not read, because it is not needed.
        case skipped
    }

    /// A column and its values, one a row.
    public struct Column: Equatable, Sendable {
        /// The name in the header, or `column 1` and so on.
        public let name: String
        /// The values of all rows.
        public let values: Values
        /// Whether the numbers were dates, and are seconds since the beginning of 1970 in UTC.
        public let isDate: Bool

        init(name: String, values: Values, isDate: Bool = false) {
            self.name = name
            self.values = values
            self.isDate = isDate
        }
    }

    /// The type that a column is read as.
    package enum Kind: Equatable, Sendable {
        /// Numeric when every value in the file is a number, or every value is a date; else categorical.
        case either
        case numeric
        case date
        case categorical
        case skip
    }

    /// The rows of one of several files.
    package struct Part: Equatable, Sendable {
        package let path: String
        package let firstRow: Int
    }

    /// The file, or the first of several.
    public var path: String { parts.first?.path ?? "" }
    /// The columns, in the order of the file.
    public internal(set) var columns: [Column]
    /// The number of rows.
    public internal(set) var rowCount: Int
    /// The line of each row of a text, from 1; quoted line ends and comments make it differ from the row's number.
    package internal(set) var lines: [UInt32]
    package let parts: [Part]

    /// Whether the rows are lines of a text; rows of a database are only numbered.
    var hasLines = true
    /// The number of the first row, from 0, where these are some of more rows without lines.
    var firstRow = 0
    /// Notices to a person about how the rows were read.
    var notices: [String] = []
    /// For each line of the text that is left out, the number of rows before it.
    var skippedRows: [Int] = []
    /// The notations of columns whose cells are not written as programs write them.
    var notations: [Int: ColumnNotation] = [:]
    /// For each column, the evidence of the points in its numbers; empty where they are settled.
    var points: [PlainPoints] = []
    /// Notices about columns that are given where the column stays text.
    var textNotices: [Int: [String]] = [:]
    /// Notices about columns that are given where the column is numbers.
    var numberNotices: [Int: [String]] = [:]

    package func line(_ row: Int) -> Int {
        if hasLines { return Int(lines[row]) }
        // rows are counted in their own file
        return firstRow + row + 1 - (parts.last { $0.firstRow <= row }?.firstRow ?? 0)
    }

    /// The file that a row is from.
    package func file(_ row: Int) -> String { parts.last { $0.firstRow <= row }?.path ?? path }
}

extension Table {
    /// Reads a file of separated values, compressed or not.
    ///
    /// - Parameters:
    ///   - path: the file, or a pattern such as `part-*.csv` of several, read in the order of their names.
    ///   - header: whether the first row names the columns; nil finds out.
    public init(contentsOf path: String, header: Bool? = nil) throws(DataError) {
        let reading = Reading(format: .csv, header: header)
        guard let file = try reading.formats.open([path], reading) as? any TableFile else {
            throw .unsupported(file: path, detail: "holds an array, and a table was expected")
        }
        self = try file.decided(TableReading.all)
    }
}
