import Batchwise

/// Counts of the texts of CSV files, and the cells of their last rows, noted while rows pass.
struct CSVTextCounts {
    private var counts: [[Int]]
    private var rows: [[Int]]
    private(set) var rowCount = 0
    /// The lines of rows in which a text stands first.
    private(set) var lines: [Int: UInt32] = [:]
    /// The cells of the last rows, and their lines.
    private(set) var last: [[TrailingRows.Cell]] = []
    private var lastLines: [UInt32] = []

    init(_ csv: CSV) {
        counts = csv.names.map { _ in [] }
        rows = counts
    }

    mutating func add(_ run: CSVReader.Run, _ part: CSV.Part, _ kinds: [Table.Kind]) {
        for place in kinds.indices where kinds[place] == .categorical {
            let column = run.column(part.places[place])
            for row in 0..<run.count where column[row] >= 0 {
                let text = Int(column[row])
                while counts[place].count <= text {
                    counts[place].append(0)
                    rows[place].append(rowCount + row)
                    lines[rowCount + row] = run.lines[row]
                }
                counts[place][text] += 1
            }
        }
        for row in max(0, run.count - TrailingRows.most)..<run.count {
            last.append(
                kinds.indices.map { place in
                    let cell = run.column(part.places[place])[row]
                    switch kinds[place] {
                    case .skip: return .missing
                    case .categorical: return cell < 0 ? .missing : .text(Int(cell))
                    case .either, .numeric, .date: return cell.isNaN ? .missing : .number
                    }
                })
            lastLines.append(run.lines[row])
        }
        last = Array(last.suffix(TrailingRows.most))
        lastLines = Array(lastLines.suffix(TrailingRows.most))
        rowCount += run.count
    }

    /// The texts of a column with their counts.
    func texts(_ place: Int, _ levels: [String]) -> ColumnTexts {
        var texts = ColumnTexts()
        for level in levels { texts.append(level.utf8) }
        texts.setCounts(counts[place], rows: rows[place])
        return texts
    }

    /// The places of the last rows.
    func locateLast(_ path: String) -> ColumnDecisions.Locate {
        let (first, lines) = (rowCount - last.count, lastLines)
        return { row in
            let line = lines.indices.contains(row - first) ? Int(lines[row - first]) : 0
            return (path, line, "line \(line)")
        }
    }

    /// Takes the cells of the last rows back.
    func remove(last count: Int, from texts: inout [ColumnTexts?]) {
        for cells in last.suffix(count) {
            for (place, cell) in cells.enumerated() {
                if case .text(let text) = cell { texts[place]?.remove(text) }
            }
        }
    }
}
