import Batchwise

/// The dialect of a CSV file, found out from its first rows: its delimiter, and whether its first row is a header.
enum CSVDialect {
    /// The dialect and header, from the beginning of the text.
    struct Head {
        let delimiter: UInt8
        let hasHeader: Bool
        /// The names in the header; "column 1" and so on where there are none.
        let names: [String]
        /// The place where the first row of data may begin, and its line.
        let start: (position: Int, line: Int)
        /// Whether the window is too small to tell.
        let isCut: Bool

        /// - Parameter header: whether the first row names the columns; nil finds out.
        init(_ window: TextWindow, path: String, header: Bool?) throws(DataError) {
            let bytes = UnsafeBufferPointer(start: window.start, count: window.count)
            try Self.requireText(bytes, path)
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            var scanner = CSVScanner(
                path: path, window: window, delimiter: UInt8(ascii: ","), position: bytes.starts(with: mark) ? 3 : 0)
            while scanner.nextRow(), bytes[scanner.position] == UInt8(ascii: "#") { scanner.skipLine() }
            delimiter =
                CSVDialect.delimiter(ofName: path) ?? CSVDialect.delimiter(in: window, from: scanner.position)
            let first = CSVScanner(
                path: path, window: window, delimiter: delimiter, position: scanner.position, line: scanner.line)
            scanner = first
            guard scanner.nextRow() || scanner.isCut else { throw .noRows(path) }
            let fields = scanner.isCut ? [] : try scanner.row()
            // the second row must be whole too, because it tells whether the first is a header
            var second = scanner
            if !scanner.isCut, second.nextRow() { _ = try? second.row() }
            guard !second.isCut else {
                (hasHeader, names, start, isCut) = (false, [], (0, 1), true)
                return
            }
            hasHeader =
                if let header { header } else { try CSVDialect.hasHeader(first, comma: CSV.comma(delimiter)) }
            var names: [String] = []
            for (index, field) in fields.enumerated() {
                let name = hasHeader ? try scanner.string(of: field) : ""
                names.append(name.isEmpty ? "column \(index + 1)" : name)
            }
            self.names = names
            start = hasHeader ? (scanner.position, scanner.line) : (first.position, first.line)
            isCut = false
        }

        private static func requireText(_ bytes: UnsafeBufferPointer<UInt8>, _ path: String) throws(DataError) {
            if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
                throw .notText(file: path, line: 1, detail: "UTF-16")
            }
            if bytes.prefix(4096).contains(0) {
                throw .unsupported(file: path, detail: "is neither a table nor an IDX or NPY file")
            }
        }
    }

    /// The delimiter that a file's name promises.
    static func delimiter(ofName path: String) -> UInt8? {
        let name = path.lowercased()
        let endings = [".tsv", ".tab"].flatMap { [$0, $0 + ".gz", $0 + ".zst"] }
        return endings.contains(where: name.hasSuffix) ? UInt8(ascii: "\t") : nil
    }

    /// The delimiter among comma, semicolon, tab and bar that cuts the first rows into the same, largest number of
    /// fields; a comma when there is only one column.
    static func delimiter(in window: TextWindow, from position: Int) -> UInt8 {
        var best: (delimiter: UInt8, isEven: Bool, fields: Int)?
        for delimiter in [",", ";", "\t", "|"].map({ (text: StaticString) in text.utf8Start.pointee }) {
            var scanner = CSVScanner(path: "", window: window, delimiter: delimiter, position: position)
            var counts: [Int] = []
            while counts.count < 50, scanner.nextRow(), let row = try? scanner.row(), !scanner.isCut {
                counts.append(row.count)
            }
            guard let fields = counts.first, fields > 1 else { continue }
            let isEven = counts.allSatisfy { $0 == fields }
            if let best, (best.isEven && !isEven) || (best.isEven == isEven && best.fields >= fields) { continue }
            best = (delimiter, isEven, fields)
        }
        return best?.delimiter ?? UInt8(ascii: ",")
    }

    /// Whether the first row names the columns.
    ///
    /// It does not when a cell of it is a number or date. It does when the rows below have such values, and nothing
    /// else, in some column. A table of text alone has a header when the first row's cells are all different and none
    /// of them occurs in its own column below.
    static func hasHeader(_ start: CSVScanner, comma: CSVNumber.Comma) throws(DataError) -> Bool {
        var scanner = start
        guard scanner.nextRow() else { return false }
        let first = try scanner.row()
        func isValue(_ field: CSVScanner.Field) -> Bool {
            CSVNumber.parse(scanner.bytes, field.range, comma: comma) != nil
                || CSVDate.parse(scanner.bytes, field.range) != nil
        }
        if first.contains(where: isValue) { return false }

        let names = first.map { scanner.text(of: $0) }
        var hasText = [Bool](repeating: false, count: first.count)
        var hasValue = hasText
        var recurs = false
        var rows = 0
        while rows < min(1000, max(10, 200_000 / first.count)), scanner.nextRow() {
            let row = try scanner.row()
            if scanner.isCut { break }
            for (column, field) in row.enumerated() where column < first.count {
                if isValue(field) {
                    hasValue[column] = true
                } else if !CSVNumber.isMissing(scanner.bytes, field.range) {
                    hasText[column] = true
                    if scanner.bytes[field.range].elementsEqual(names[column]) { recurs = true }
                }
            }
            rows += 1
        }
        if first.indices.contains(where: { hasValue[$0] && !hasText[$0] }) { return true }
        // one row alone is a header without data where it could be nothing else
        return (rows > 0 || first.count > 1) && !recurs && Set(names).count == names.count
            && !first.contains { CSVNumber.isMissing(scanner.bytes, $0.range) }
    }
}
