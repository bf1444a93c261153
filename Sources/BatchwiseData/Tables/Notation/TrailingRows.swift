import Foundations

/// Rows at the end of a table that are none of its data: a row of totals, and comments.
struct TrailingRows {
    /// A cell of one of the last rows.
    enum Cell: Equatable {
        case missing
        case number
        /// A text, which other rows may have too.
        case text(Int)
    }

    /// The most rows that are looked at.
    static let most = 16

    /// The number of rows to leave out.
    private(set) var count = 0
    /// A notice for each kind of row.
    private(set) var notices: [String] = []

    /// - Parameters:
    ///   - last: the cells of the last rows, in their order.
    ///   - texts: the different texts of each column of texts.
    init(
        _ last: [[Cell]], rowCount: Int, names: [String], texts: [ColumnTexts?], locate: ColumnDecisions.Locate
    ) {
        var (totals, comments): ([(Int, String)], [(Int, String)]) = ([], [])
        for (index, cells) in last.enumerated().reversed() where rowCount - (last.count - index) > 1 {
            let filled = cells.indices.filter { cells[$0] != .missing }
            let row = rowCount - (last.count - index)
            /// The text of a cell that no other row has.
            func own(_ column: Int) -> String? {
                guard case .text(let text) = cells[column], let texts = texts[column], texts.counts[text] == 1 else {
                    return nil
                }
                return texts.text(text)
            }
            if filled.count == 1, names.count > 1, let text = own(filled[0]), Self.isComment(text) {
                comments.append((row, text))
            } else if let text = filled.lazy.compactMap({ own($0) }).first(where: { Self.isTotal($0) }),
                filled.count > 1, Self.areAmounts(cells, filled, texts)
            {
                totals.append((row, text))
            } else {
                break
            }
            count += 1
        }
        for (rows, what) in [(totals, "a total of other rows"), (comments, "a comment")] {
            guard let (row, text) = rows.last else { continue }
            let (file, _, words) = locate(row)
            let others = rows.count > 1 ? ", and so are \(rows.count - 1) more at the end" : ""
            notices.append(
                "\(escaped(file, limit: 200)): \(words) seems to be \(what) (\"\(escaped(text, limit: 40))\") and is left "
                    + "out\(others)")
        }
    }

    /// Whether all cells but the word are numbers, and one at least is.
    private static func areAmounts(_ cells: [Cell], _ filled: [Int], _ texts: [ColumnTexts?]) -> Bool {
        var (numbers, words) = (0, 0)
        for column in filled {
            guard case .text(let text) = cells[column], let texts = texts[column] else {
                numbers += 1
                continue
            }
            if texts.withBytes(text, { WrittenNumber($0) != nil }) { numbers += 1 } else { words += 1 }
        }
        return words == 1 && numbers > 0
    }

    private static let totals: Set<String> = [
        "total", "totals", "grand total", "sum", "sums", "sub total", "subtotal", "average", "avg", "avg.", "mean",
        "median", "overall", "all", "std", "stdev", "std dev", "standard deviation", "minimum", "maximum", "count",
        "summe", "gesamt", "gesamtsumme", "insgesamt", "durchschnitt", "mittelwert",
        "mittel", "totale", "media", "somme", "moyenne", "total général", "suma", "promedio", "total general", "totaal",
        "som", "gemiddelde", "soma", "média", "summa", "genomsnitt", "итого", "всего", "合计", "总计", "合計",
    ]

    private static let sums: Set<String> = [
        "total", "totals", "grand total", "sub total", "subtotal", "summe", "zwischensumme", "gesamtsumme", "insgesamt",
        "totale", "sous-total", "somme", "subtotale", "totaal", "subtotaal", "合计", "总计", "合計", "小计",
    ]

    /// Whether a text names a sum of other rows, wherever it stands.
    static func isSum(_ text: String) -> Bool { text.utf8.count <= 20 && sums.contains(text.lowercased()) }

    private static func isTotal(_ text: String) -> Bool {
        guard text.utf8.count <= 40 else { return false }
        var word = text.lowercased()
        while let last = word.last, last == ":" || last == " " || last == "." && word != "avg." { word.removeLast() }
        return totals.contains(word) || word.hasPrefix("total ") || word.hasPrefix("grand total")
    }

    private static let comments = [
        "source", "note", "quelle", "anmerkung", "hinweis", "fuente", "nota", "remarque", "copyright", "©", "(c)", "*",
        "†", "‡", "¹", "--", "end of", "generated", "exported", "last updated", "updated", "downloaded", "stand:",
    ]

    static func isComment(_ text: String) -> Bool {
        let start = String(text.prefix(24)).lowercased()
        return comments.contains { start.hasPrefix($0) }
    }
}
