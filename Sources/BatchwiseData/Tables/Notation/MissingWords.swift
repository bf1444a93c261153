/// Words for a missing value.
enum MissingWords {
    /// Words that no column means as a text.
    private static let words: [[UInt8]] = [
        "?", "NA", "na", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "N/A", "n/a", "<NA>", "<na>", "NaT",
        "-nan", "-NaN", "n.a.", "N.A.", "\\N", "(null)", "<null>", "<NULL>", "--", "..", "#N/A", "#n/a", "#NA",
        "#DIV/0!",
        "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A N/A", "#####",
    ].map { Array($0.utf8) }

    private static let longest = 8

    /// The first bytes of the words.
    private static let starts: [Bool] = {
        var starts = [Bool](repeating: false, count: 256)
        for word in words { starts[Int(word[0])] = true }
        return starts
    }()

    /// Whether a cell says in any column that there is no value.
    static func contains(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = cell.first else { return true }
        guard cell.count <= longest, starts[Int(first)] else { return false }
        return words.contains { $0.count == cell.count && $0.elementsEqual(cell) }
    }

    /// Marks that stand for no value in a column of numbers or dates, and may be a text elsewhere.
    private static let marks: [[UInt8]] = ["-", ".", "\u{2013}", "\u{2014}", "---", "...", "\u{2026}", "*", ":"].map {
        Array($0.utf8)
    }

    /// Whether a cell says in a column of numbers or dates that there is no value.
    static func isMark(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        cell.count <= 3 && marks.contains { $0.count == cell.count && $0.elementsEqual(cell) }
    }
}
