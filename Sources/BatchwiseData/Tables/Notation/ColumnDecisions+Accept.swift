import Batchwise
import Foundations

/// The value of every text of a column in one notation; NaN for a mark of no value, nil for a text that is no value.
struct ReadCells {
    var values: [Double?]
    /// Whether a text stands for no value, but only in a column of values.
    var areMarks: [Bool]
}

extension ColumnDecisions {
    /// The most that a column of values has of other cells, as a part, and of different texts among them, which are
    /// missing then.
    private static let mostOthers = (part: 0.05, texts: 5)
    /// The most cells of a column of values, as a part, that have one other text again and again, such as "unknown".
    private static let mostOfOne = 0.3

    /// The values of a column's texts where it is a column of values; nil where it is texts, which a notice says where at
    /// least half of its cells are values.
    ///
    /// - Throws: `DataError.notANumber` or `notADate` where the column must be values.
    mutating func accepted(
        _ read: ReadCells, _ column: OpenColumn, _ texts: ColumnTexts, isDate: Bool
    ) throws(DataError) -> (values: [Double], missing: [String])? {
        var (valueCells, otherCells, values) = (0, 0, 0)
        var others: [Int] = []
        for text in 0..<texts.count where texts.counts[text] > 0 && !read.areMarks[text] {
            if read.values[text] != nil {
                valueCells += texts.counts[text]
                values += 1
            } else {
                otherCells += texts.counts[text]
                others.append(text)
            }
        }
        let numbers = read.values.map { $0 ?? .nan }
        let first = others.min { texts.rows[$0] < texts.rows[$1] }
        guard let first else { return values > 0 || column.kind != .either ? (numbers, []) : nil }
        guard column.kind == .either else {
            let (file, line, words) = locate(texts.rows[first])
            let found = texts.text(first)
            if words.hasPrefix("row") {
                throw .badCell(
                    file: file, place: words, column: column.name,
                    detail: "a \(isDate ? "date" : "number") expected, \"\(escaped(found, limit: 60))\" found")
            }
            throw column.kind == .date
                ? .notADate(file: file, line: line, column: column.name, found: found)
                : .notANumber(file: file, line: line, column: column.name, found: found)
        }
        let cells = valueCells + otherCells
        let shown = "\"\(escaped(texts.text(first), limit: 30))\" in \(words(first, texts))"
        let part = others.count == 1 && otherCells > 1 ? Self.mostOfOne : Self.mostOthers.part
        if Double(otherCells) <= part * Double(cells), others.count <= Self.mostOthers.texts,
            values >= max(5, 4 * others.count)
        {
            let name = isDate ? "dates" : "numbers"
            notices.add(
                .almost, column.name,
                "is read as \(name), and \(otherCells) of its \(cells) cells \(otherCells == 1 ? "is none" : "are none") "
                    + "and \(otherCells == 1 ? "is" : "are") taken as missing, first \(shown) "
                    + "(data.columns: {\(escaped(column.name, limit: 60)): one-hot} makes the column text)")
            return (numbers, others.map { texts.text($0) })
        }
        if 2 * valueCells >= cells {
            notices.add(
                .mixed, column.name,
                "is text, though \(valueCells) of its \(cells) cells are numbers or dates; the first that is none is "
                    + shown)
        }
        return nil
    }
}
