import Batchwise

/// The number of rows with a text that training did not have in the column: their features of the column are all 0.
public struct UnknownTexts: Equatable, Sendable {
    public let column: String
    public let rows: Int

    /// `rows` rows with such texts.
    public init(column: String, rows: Int) {
        self.column = column
        self.rows = rows
    }
}
