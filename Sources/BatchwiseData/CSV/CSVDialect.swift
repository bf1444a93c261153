import Batchwise

/// The separator of the cells of a table of text: what its first line or name says, or what its first rows show.
enum CSVDialect {
    /// Comma, semicolon, tab and bar.
    static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
    static let names = "comma, semicolon, tab or bar"

    /// The delimiter of a first line such as `sep=;`, which spreadsheets write and which is no row; nil where the text
    /// begins with another.
    static func delimiter(ofFirst line: ArraySlice<UInt8>, path: String) throws(DataError) -> UInt8? {
        // a program that does not know of the line may have put it in quotes, or delimiters behind it
        var text = line.filter { $0 != UInt8(ascii: "\"") }
        let key = Array("sep=".utf8)
        guard text.count > key.count, text.prefix(key.count).map({ $0 | 0x20 }).elementsEqual(key.map { $0 | 0x20 })
        else { return nil }
        let delimiter = text[text.startIndex + key.count]
        text.removeFirst(key.count + 1)
        guard text.allSatisfy({ $0 == delimiter || delimiters.contains($0) || $0 == UInt8(ascii: " ") }) else {
            return nil
        }
        guard DataSource.Separator.maySeparate(delimiter) else {
            throw .unsupported(
                file: path,
                detail: "line 1 says that \"\(String(decoding: [delimiter], as: UTF8.self))\" separates the cells; "
                    + "separate them by \(names)")
        }
        return delimiter
    }

    /// The delimiter that a file's name promises.
    static func delimiter(ofName path: String) -> UInt8? {
        let name = path.lowercased()
        let endings = [".tsv", ".tab"].flatMap { [$0, $0 + ".gz", $0 + ".zst"] }
        return endings.contains(where: name.hasSuffix) ? UInt8(ascii: "\t") : nil
    }

    /// The delimiter that cuts the first rows into the same, largest number of fields; a comma when there is only one
    /// column.
    ///
    /// Two of fifty rows may have another number of fields, because a bad line is no reason to read all others by
    /// another delimiter. Rows of one field above the others may be titles, but a delimiter that needs no title is
    /// likelier.
    static func delimiter(in window: TextWindow, from position: Int) -> UInt8 {
        best(of: delimiters, in: window, from: position)?.delimiter ?? UInt8(ascii: ",")
    }

    /// The delimiter that cuts the first rows into the same, largest number of fields: 2 where all rows are cut alike,
    /// 1 where those below titles are, 0 where neither. nil where none cuts them.
    static func best(
        of delimiters: [UInt8], in window: TextWindow, from position: Int
    ) -> (delimiter: UInt8, evenness: Int, fields: Int)? {
        var best: (delimiter: UInt8, evenness: Int, fields: Int)?
        var delimiters = delimiters
        if delimiters.contains(UInt8(ascii: ",")), areInCells(window, UInt8(ascii: ","), from: position),
            let other = Self.best(of: delimiters.filter { $0 != UInt8(ascii: ",") }, in: window, from: position),
            other.evenness == 2
        {
            delimiters = [other.delimiter]
        }
        for delimiter in delimiters {
            let counts = fieldCounts(window, delimiter, from: position)
            let body = counts.drop { $0 == 1 }
            guard let fields = mostFrequent(body), fields > 1 else { continue }
            func isEven(_ counts: ArraySlice<Int>) -> Bool {
                counts.first == fields
                    && counts.count { $0 != fields } <= counts.count / 25 + (counts.count > 3 ? 1 : 0)
            }
            let evenness = isEven(counts[...]) ? 2 : isEven(body) ? 1 : 0
            if let best, (best.evenness, best.fields) >= (evenness, fields) { continue }
            best = (delimiter, evenness, fields)
        }
        return best
    }

    /// Whether each comma of the first lines stands between two digits, as in a number, or before a blank, as in a text.
    private static func areInCells(_ window: TextWindow, _ comma: UInt8, from position: Int) -> Bool {
        let bytes = UnsafeBufferPointer(start: window.start, count: min(window.count, position + 16_384))
        for place in bytes.indices.dropFirst(position) where bytes[place] == comma {
            guard place > position, place + 1 < bytes.count else { return false }
            let isInNumber = bytes[place - 1] &- 48 < 10 && bytes[place + 1] &- 48 < 10
            guard isInNumber || bytes[place + 1] == 0x20 else { return false }
        }
        return true
    }

    /// The numbers of fields of the first rows; 0 for a row that cannot be cut.
    private static func fieldCounts(_ window: TextWindow, _ delimiter: UInt8, from position: Int) -> [Int] {
        var scanner = CSVScanner(path: "", window: window, delimiter: delimiter, position: position)
        var counts: [Int] = []
        while counts.count < 50, scanner.nextRow() {
            var row = scanner
            let count = try? row.passRow()
            if count == nil {
                row = scanner
                row.skipLine()
            }
            if row.isCut { break }
            counts.append(count ?? 0)
            scanner = row
        }
        return counts
    }

    /// The number that occurs most often; of several, the largest.
    static func mostFrequent(_ counts: some Sequence<Int>) -> Int? {
        var times: [Int: Int] = [:]
        for count in counts { times[count, default: 0] += 1 }
        return times.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    /// A notice where a table of one column seems to have several, which another character separates.
    static func notice(oneColumn lines: [[UInt8]], file: String) -> String? {
        for separator in Array(":^~#&*! \u{1F}\u{1}".utf8) {
            let counts = lines.map { line in line.split(separator: separator).count - 1 }
            guard lines.count > 1, let first = counts.first, first > 0, counts.allSatisfy({ $0 == first }) else {
                continue
            }
            let shown = separator < 0x20 ? "byte \(separator)" : "\"\(Character(Unicode.Scalar(separator)))\""
            return "\(file): is read as one column, but \(shown) stands \(first == 1 ? "once" : "\(first) times") in "
                + "each of its first lines; if it separates cells, say so in data.separator"
        }
        return nil
    }
}
