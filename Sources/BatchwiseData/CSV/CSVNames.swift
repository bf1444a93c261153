import Batchwise

/// The names of the columns of a table of text, out of the rows of its header.
struct CSVNames {
    /// "column 3" where a column has no name.
    let names: [String]
    /// The places of the rows of the header; the others above the data are titles.
    let rows: [Int]
    /// The lines whose names are taken, and those that are passed over.
    private let taken: [Int]
    private let passed: [Int]

    /// Reads the names out of the rows through `last`, the last of the header.
    ///
    /// Where one row alone has a name for every column, and no name twice, its names are taken: it stands below a row
    /// of groups, or above one of units. Else the names of all rows are joined; the name of a group holds for the empty
    /// cells behind it.
    init(_ head: CSVHeadRows, through last: Int) throws(DataError) {
        let width = head.first[last].cells.count
        let rows = (0...last).filter { place in
            place == last || head.first[place].cells.count == width && head.first[place].filled > 1
        }
        var texts: [[String]] = []
        for row in rows { texts.append(try head.names(row)) }
        let full = texts.indices.filter { !texts[$0].contains("") && Set(texts[$0]).count == width }
        // units below the names are a part of none
        let areUnits = try head.isUnits(last)
        let chosen =
            full.count == 1 ? full : Array(areUnits && texts.count > 1 ? texts.indices.dropLast() : texts.indices)
        var joined = [String](repeating: "", count: width)
        for place in chosen {
            var group = ""
            let isGroup = place < texts.count - 1 && texts[place].contains("")
            for (column, text) in texts[place].enumerated() {
                group = text.isEmpty && isGroup ? group : text
                if joined[column].isEmpty {
                    joined[column] = group
                } else if !group.isEmpty {
                    joined[column] += " " + group
                }
            }
        }
        names = joined.enumerated().map { $1.isEmpty ? "column \($0 + 1)" : $1 }
        let lines = chosen.map { head.first[rows[$0]].start.line }
        self.rows = rows
        taken = lines
        passed = head.first[...last].map(\.start.line).filter { !lines.contains($0) }
    }

    /// A notice to a person where more than one row stands above the data.
    func notice(file: String) -> String? {
        guard taken.count + passed.count > 1 else { return nil }
        func text(_ lines: [Int]) -> String {
            var noted = NotedLines()
            lines.forEach { noted.add($0) }
            return noted.text
        }
        let naming = "\(file): \(text(taken)) \(taken.count == 1 ? "names" : "together name") the columns"
        return passed.isEmpty
            ? naming : "\(naming); \(text(passed)) above the data \(passed.count == 1 ? "is" : "are") no row of it"
    }
}
