import Batchwise

/// A column of a table with texts that training did not have. The features of these texts are all 0.
public struct UnknownTexts: Equatable, Sendable {
    /// The name of the column.
    public let column: String
    /// The number of rows with such a text.
    public let rows: Int

    /// A column with such texts in `rows` rows.
    public init(column: String, rows: Int) {
        self.column = column
        self.rows = rows
    }
}
