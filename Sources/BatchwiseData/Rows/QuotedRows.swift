import Batchwise
import Foundations

/// Rows of text whose cells stand in single quotes, or in which a backslash takes the meaning from the next byte.
///
/// Double quotes enclose cells as well, and may hold line ends. A single quote that no other closes before the end of its
/// cell is a part of the text. Behind a backslash, n, r and t are line ends and a tab, quotes, separators and backslashes
/// are themselves, and N alone is a missing value; before any other byte a backslash is a part of the text.
struct QuotedRows: RowSource {
    let separator: UInt8
    let hasSingleQuotes: Bool
    let hasBackslashes: Bool

    func rows(of origin: TextOrigin) throws(DataError) -> any RowStream {
        Stream(LineReader(try origin.text()), self)
    }

    /// Whether all rows of a text have as many cells as the first, of which there are several.
    func areEven(in origin: TextOrigin) throws(DataError) -> Bool {
        let stream = Stream(LineReader(try origin.text()), self)
        var width: Int?
        do throws(DataError) {
            while let count = try stream.passRow() {
                guard count > 0 else { continue }
                guard count == width ?? count, count > 1 else { return false }
                width = count
            }
        } catch {
            switch error {
            case .badLine, .textAfterQuote, .unterminatedQuote: return false
            default: throw error
            }
        }
        // a quote within a bare cell may be one that lacks its separator
        return width != nil && !stream.hasTornCell
    }

    func notice(file: String, line: Int) -> String {
        let what =
            hasBackslashes
            ? "backslashes take the meaning from quotes and separators (data.escape: doubling reads them as text)"
            : "single quotes enclose cells (data.quote: double reads them as text)"
        return "\(escaped(file, limit: 200)): \(what), as in line \(line)"
    }

    private final class Stream: RowStream {
        private var lines: LineReader
        private let form: QuotedRows
        private var isAboveRows = true
        private var line: [UInt8] = []
        private var at = 0
        /// Whether a double quote has stood within a cell that does not begin with one.
        private(set) var hasTornCell = false
        /// The number of line ends that quotes enclose in the row.
        private var more = 0

        init(_ lines: LineReader, _ form: QuotedRows) {
            (self.lines, self.form) = (lines, form)
        }

        func next(_ rows: inout RowWriter) throws(DataError) -> Bool {
            guard let isRow = try begin() else { return false }
            guard isRow else {
                rows.endLine()
                return true
            }
            var isLast = false
            while !isLast {
                if let cell = try cell() { rows.append(cell) } else { rows.appendMissing() }
                isLast = !passSeparator()
            }
            rows.endRow()
            // rows keep the numbers of their lines
            for _ in 0..<more { rows.endLine() }
            return true
        }

        /// The number of cells of the next row, 0 for an empty line; nil at the end.
        func passRow() throws(DataError) -> Int? {
            guard let isRow = try begin() else { return nil }
            guard isRow else { return 0 }
            var count = 0
            repeat {
                _ = try cell()
                count += 1
            } while passSeparator()
            return count
        }

        /// Reads a line; nil at the end of the text, false where it is empty, a comment above the rows, or says the
        /// separator.
        private func begin() throws(DataError) -> Bool? {
            guard let next = try lines.next() else { return nil }
            line = Array(next)
            (at, more) = (0, 0)
            passBlanks()
            let said = lines.number == 1 ? try CSVDialect.delimiter(ofFirst: line[...], path: lines.path) : nil
            let isSaid = said != nil
            guard at < line.count, !isAboveRows || line[at] != UInt8(ascii: "#"), !isSaid else { return false }
            isAboveRows = false
            return true
        }

        private func passSeparator() -> Bool {
            guard at < line.count else { return false }
            at += 1
            return true
        }

        /// The text of the next cell; nil where it says that there is none.
        private func cell() throws(DataError) -> [UInt8]? {
            passBlanks()
            guard at < line.count else { return [] }
            let first = line[at]
            if first == UInt8(ascii: "\"") { return try quoted(first) }
            if form.hasSingleQuotes, first == UInt8(ascii: "'") {
                let before = at
                if let text = try? quoted(first) { return text }
                at = before
            }
            return bare()
        }

        private func bare() -> [UInt8]? {
            var text: [UInt8] = []
            var kept = 0
            while at < line.count, line[at] != form.separator {
                if form.hasBackslashes, line[at] == UInt8(ascii: "\\"), at + 1 < line.count {
                    if text.isEmpty, line[at + 1] == UInt8(ascii: "N"), endsCell(at + 2) {
                        at += 2
                        passBlanks()
                        return nil
                    }
                    appendEscaped(&text)
                    kept = text.count
                    continue
                }
                if line[at] == UInt8(ascii: "\"") { hasTornCell = true }
                text.append(line[at])
                if line[at] != 0x20, line[at] != 0x09 { kept = text.count }
                at += 1
            }
            return Array(text[..<kept])
        }

        private func quoted(_ quote: UInt8) throws(DataError) -> [UInt8] {
            let firstLine = lines.number - more
            var text: [UInt8] = []
            at += 1
            while true {
                guard at < line.count else {
                    // double quotes alone go on in the next line
                    guard quote == UInt8(ascii: "\""), let next = try lines.next() else {
                        throw .unterminatedQuote(file: lines.path, line: firstLine)
                    }
                    guard line.count + next.count <= memoryLimit else {
                        throw .tooLarge(file: lines.path, bytes: line.count, limit: memoryLimit)
                    }
                    line = Array(next)
                    at = 0
                    more += 1
                    text.append(10)
                    continue
                }
                let byte = line[at]
                if form.hasBackslashes, byte == UInt8(ascii: "\\"), at + 1 < line.count {
                    appendEscaped(&text)
                } else if byte != quote {
                    text.append(byte)
                    at += 1
                } else if at + 1 < line.count, line[at + 1] == quote {
                    text.append(byte)
                    at += 2
                } else {
                    guard endsCell(at + 1) else { throw .textAfterQuote(file: lines.path, line: lines.number) }
                    at += 1
                    passBlanks()
                    return text
                }
            }
        }

        /// Passes a backslash and the byte behind it.
        private func appendEscaped(_ text: inout [UInt8]) {
            let next = line[at + 1]
            at += 2
            switch next {
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), form.separator: text.append(next)
            default: text += [UInt8(ascii: "\\"), next]
            }
        }

        private func endsCell(_ place: Int) -> Bool {
            var place = place
            while place < line.count, isBlank(line[place]) { place += 1 }
            return place >= line.count || line[place] == form.separator
        }

        private func passBlanks() {
            while at < line.count, isBlank(line[at]) { at += 1 }
        }

        private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 && form.separator != 0x09 }
    }
}
