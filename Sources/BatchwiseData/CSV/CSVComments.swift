import Batchwise

/// The lines above a table that begin with a number sign: comments, names of columns, or rows.
enum CSVComments {
    /// The scanner at the first row: at the last lines of comments that have as many cells as the row behind them, or
    /// where it was.
    ///
    /// NumPy writes names as "# a,b", and the first column of a table may hold colours, tags or numbers such as #1. Above
    /// a row of texts alone they are comments, for that may hold the names.
    static func rows(before scanner: CSVScanner, _ window: TextWindow, _ delimiter: UInt8) -> CSVScanner {
        var row = CSVScanner(
            path: scanner.path, window: window, delimiter: delimiter, position: scanner.position, line: scanner.line)
        let fields = row.nextRow() ? (try? row.row()) ?? [] : []
        let isData = fields.contains { [.value, .written].contains(CSVHeadRows.cell($0, of: row)) }
        guard !row.isCut, isData || fields.isEmpty else { return scanner }
        var lines: [(start: CSVScanner, width: Int)] = []
        var line = CSVScanner(path: scanner.path, window: window, delimiter: delimiter)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if line.bytes.starts(with: mark) {
            line = CSVScanner(path: scanner.path, window: window, delimiter: delimiter, position: mark.count)
        }
        while line.position < scanner.position, line.nextRow(), line.position < scanner.position {
            let start = line
            let isComment = line.bytes[line.position] == UInt8(ascii: "#")
            let count = isComment ? (try? line.passRow()) ?? 0 : 0
            if count == 0 {
                line = start
                line.skipLine()
            }
            lines.append((start, count))
        }
        // without another row the lines themselves are the table
        let wanted = fields.isEmpty ? lines.last?.width ?? 0 : fields.count
        guard wanted > 1,
            let place = lines.lastIndex(where: { $0.width != wanted }).map({ $0 + 1 }) ?? lines.indices.first,
            place < lines.count
        else { return scanner }
        return lines[place].start
    }
}
