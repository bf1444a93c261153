import Batchwise

/// Errors about cells: they name the line of a text, and the row of a database.
extension Table {
    /// The place of a row, in the words of a message.
    func place(of row: Int) -> String { hasLines ? "line \(line(row))" : "row \(line(row))" }

    func missingValue(row: Int, column: String) -> DataError {
        guard hasLines else { return bad(row, column, "no value; fill it in or remove the row") }
        return .missingValue(file: file(row), line: line(row), column: column)
    }

    func notFinite(row: Int, column: String, found: String) -> DataError {
        guard hasLines else { return bad(row, column, "\(found) is not a finite number") }
        return .notFinite(file: file(row), line: line(row), column: column, found: found)
    }

    func negativeWeight(row: Int, column: String, found: String) -> DataError {
        guard hasLines else { return bad(row, column, "the weight \(found) is below 0") }
        return .negativeWeight(file: file(row), line: line(row), found: found)
    }

    private func bad(_ row: Int, _ column: String, _ detail: String) -> DataError {
        .badCell(file: file(row), place: place(of: row), column: column, detail: detail)
    }
}
