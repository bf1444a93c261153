import Batchwise

/// The columns of a table that cannot be meant to be learnt from, and others that a person should know of, found in one
/// pass over the rows. The pass ends as soon as no suspicion is left.
///
/// Left out are: an index (a column that counts the rows from 0 or 1, and is named for that or not at all), ids (another
/// whole number in each row, in a column named for that; another text in nearly every row), a copy of a target, and a
/// column without any value. A column that a recipe names in `data.columns` is always kept, and no column is left out
/// where none would be left.
struct ColumnReview {
    /// A column and what has been found out about it.
    struct Entry {
        let place: Int
        let name: String
        let finding: ColumnFinding
    }

    let entries: [Entry]
    /// Whether all columns would be left out, so that none is.
    let isLeftNothing: Bool
    private let file: String

    /// - Parameters:
    ///   - places: the columns that would be learnt from, and for which the recipe has no rule.
    ///   - kept: the number of further columns that are learnt from.
    ///   - targets: the columns to learn.
    init(
        of rows: any TableRows, places: [Int], kept: Int = 0, targets: [Int] = [], hasHeader: Bool
    ) throws(DataError) {
        let columns = rows.columns
        var watches = places.map { ColumnWatch(columns, at: $0, targets: targets, hasHeader: hasHeader) }
        var isSettled = watches.isEmpty
        do throws(DataError) {
            if !isSettled {
                try rows.forEachRun { (run, _) throws(DataError) in
                    for index in watches.indices { watches[index].add(run) }
                    isSettled = watches.allSatisfy(\.isSettled)
                    // this error ends the reading
                    if isSettled { throw .changes(file: rows.path) }
                }
            }
        } catch {
            guard isSettled else { throw error }
        }
        let count = rows.rowCount
        entries = watches.compactMap { watch in
            watch.finding(rows: count).map { Entry(place: watch.place, name: columns[watch.place].name, finding: $0) }
        }
        isLeftNothing = kept == 0 && !places.isEmpty && entries.count { $0.finding.isLeftOut } == places.count
        file = rows.path
    }

    /// The columns that are not learnt from.
    var leftOut: Set<Int> {
        isLeftNothing ? [] : Set(entries.lazy.filter(\.finding.isLeftOut).map(\.place))
    }

    /// Notices to a person, a line each, and no more than a few of a kind.
    var notices: [String] {
        let most = 5
        let file = escaped(file, limit: 200)
        var notices: [String] = []
        for kind in Set(entries.map(\.finding.kind)).sorted() {
            let entries = entries.filter { $0.finding.kind == kind }
            // one more notice takes no more room than the number of those that are left
            let shown = entries.count > most + 1 ? most : entries.count
            notices += entries.prefix(shown).map { "\(file): \(text($0))" }
            if shown < entries.count {
                let names = entries[shown...].prefix(10).map { Self.quoted($0.name) }.joined(separator: ", ")
                let more = entries.count - shown
                notices.append("\(file): so it is with \(more) more columns: \(names)\(more > 10 ? ", ..." : "")")
            }
        }
        return notices
    }

    private func text(_ entry: Entry) -> String {
        let (finding, key) = (entry.finding, Self.key(entry.name))
        let sentence = finding.sentence(Self.quoted(entry.name))
        let choices = finding.rules.map { "data.columns: {\(key): \($0)}" }.joined(separator: " or ")
        switch finding {
        case .manyTexts: return "\(sentence); \(choices) says so, or data.ignore: [\(key)] leaves it out"
        case .line, .renamed, .classes:
            return "\(sentence): data.ignore: [\(key)] leaves it out, if it is not known before the target is"
        case .constant, .counts: return "\(sentence); data.ignore: [\(key)] leaves it out"
        case .empty, .copy, .index, .ids, .texts:
            guard !isLeftNothing else { return "\(sentence); it is learnt from, because no other column is left" }
            return "\(sentence): it is not learnt from, unless \(choices) says so"
        }
    }

    private static func quoted(_ name: String) -> String { "\"\(escaped(name, limit: 60))\"" }

    /// A name as a key of a recipe.
    private static func key(_ name: String) -> String {
        let isPlain =
            name.first?.isLetter == true && name.allSatisfy { $0.isLetter || $0.isNumber || "_ .-".contains($0) }
        return isPlain ? escaped(name, limit: 60) : quoted(name)
    }
}
