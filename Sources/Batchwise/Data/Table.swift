/// A table in memory: columns, each of one type over the whole file.
package struct Table: Equatable, Sendable {
    package enum Values: Equatable, Sendable {
        /// NaN is a missing value.
        case numeric([Double])
        /// Indices into `levels`, which are sorted by their UTF-8 bytes; -1 is a missing value.
        case categorical(codes: [Int32], levels: [String])
        /// Not wanted.
        case skipped
    }

    package struct Column: Equatable, Sendable {
        package let name: String
        package let values: Values
    }

    /// What a reader wants of a column.
    package enum Kind: Equatable, Sendable {
        /// Numeric when every value in the file is a number, else categorical.
        case either
        case numeric
        case categorical
        case skip
    }

    package let path: String
    package let columns: [Column]
    package let rowCount: Int
    /// The line of each row, from 1; quoted line ends and comments make it differ from the row's number.
    package let lines: [UInt32]

    /// Whether the rows are lines of a text; those of a database are only numbered.
    var hasLines = true

    package func line(_ row: Int) -> Int { Int(lines[row]) }
}
