import Batchwise
import Foundations

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

    /// A sentence for a person.
    var notice: String {
        let article = column.first.map { letter in "aeiouAEIOU".contains(letter) } == true ? "an" : "a"
        return
            "\(rows) row\(rows == 1 ? " has" : "s have") \(article) \(escaped(column, limit: 60)) that the saved model "
            + "does not know"
    }
}
