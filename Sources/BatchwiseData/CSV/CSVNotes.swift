import Batchwise
import Foundations

/// Lines of a table that a person should know of.
struct NotedLines: Equatable, Sendable {
    /// The number of lines that are named; the others are only counted.
    private static let mostNamed = 5

    private(set) var count = 0
    private(set) var first: [Int] = []

    mutating func add(_ line: Int) {
        count += 1
        if first.count < Self.mostNamed { first.append(line) }
    }

    /// `line 3`, `lines 3 and 8`, or `lines 3, 8, 9, 11, 20 and 17 more`.
    var text: String {
        var parts = first.map(String.init)
        if count > first.count { parts.append("\(count - first.count) more") }
        guard let last = parts.popLast() else { return "no line" }
        return parts.isEmpty ? "line \(last)" : "lines \(parts.joined(separator: ", ")) and \(last)"
    }
}

/// The lines of a file that were not read as they stand, noted while its rows are read.
struct CSVNotes {
    /// Lines that are left out.
    private(set) var skipped = NotedLines()
    /// For each line that is left out, the number of rows before it.
    private(set) var skippedRows: [Int] = []
    /// The first line of comments behind the data.
    private var comments: Int?
    /// Lines with too few fields.
    private var padded = NotedLines()
    /// Lines in which a quote stands within a cell that does not begin with one.
    private var quotes = NotedLines()
    private var quoteColumn = 0

    mutating func skip(line: Int, rows: Int) {
        skipped.add(line)
        skippedRows.append(rows)
    }

    mutating func comment(line: Int) { comments = line }

    mutating func pad(line: Int) { padded.add(line) }

    mutating func quote(line: Int, column: Int) {
        if quotes.count == 0 { quoteColumn = column }
        quotes.add(line)
    }

    /// One text for each kind of line that there is.
    func notices(_ csv: CSV, rows: Int) -> [String] {
        var notices: [String] = []
        let file = escaped(csv.path, limit: 200)
        func name(_ column: Int) -> String {
            csv.names.indices.contains(column - 1) ? escaped(csv.names[column - 1], limit: 60) : "\(column)"
        }
        if skipped.count > 0 {
            notices.append(
                "\(file): \(skipped.count) of \(rows + skipped.count) lines cannot be read and \(verb(skipped)) left "
                    + "out: \(skipped.text)")
        }
        if let comments {
            notices.append("\(file): comments stand behind the data, from line \(comments) on, and are left out")
        }
        if padded.count > 0 {
            notices.append(
                "\(file): \(padded.count) of \(rows) rows \(padded.count == 1 ? "has" : "have") too few fields, and "
                    + "empty cells stand for the missing ones: \(padded.text)")
        }
        if quotes.count > 0 {
            notices.append(
                "\(file): a quote stands within a cell that does not begin with one, in \(quotes.text), first in the "
                    + "column \"\(name(quoteColumn))\": it is read as text, but a separator or a quote may be missing")
        }
        return notices
    }

    private func verb(_ lines: NotedLines) -> String { lines.count == 1 ? "is" : "are" }
}

extension CSVColumn {
    /// A text for a person where the column stays text and may be meant otherwise.
    func notice(file path: String) -> String? {
        let (file, column) = (escaped(path, limit: 200), escaped(name, limit: 60))
        if reading == .texts, kind != .skip, let line = levels.lineOfSingleQuotes {
            return "\(file): cells of the column \"\(column)\" stand in single quotes, first in line \(line); these "
                + "quotes are read as a part of the text, because only double quotes enclose cells"
        }
        return nil
    }
}
