/// A table for people: the first column is aligned to the left, the others to the right.
struct Columns {
    let header: [String]
    let rows: [[String]]

    /// The lines, the header first.
    var lines: [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.reduce(0) { max($0, $1[column].count) } }
        return all.map { row in
            var line = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
