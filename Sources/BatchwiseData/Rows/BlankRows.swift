import Batchwise

/// Rows whose cells are set apart by runs of blanks and tabs. A cell in double or single quotes may hold blanks.
struct BlankRows: RowSource {
    /// Whether the first row names all columns but the first, as R and pandas write tables with row names.
    let hasUnnamedFirst: Bool

    func rows(of origin: TextOrigin) throws(DataError) -> any RowStream {
        Stream(LineReader(try origin.text()), hasUnnamedFirst)
    }

    private final class Stream: RowStream {
        private var lines: LineReader
        private var lacksName: Bool
        private var isAboveRows = true

        init(_ lines: LineReader, _ lacksName: Bool) {
            self.lines = lines
            self.lacksName = lacksName
        }

        func next(_ rows: inout RowWriter) throws(DataError) -> Bool {
            guard let line = try lines.next() else { return false }
            var cells = BlankCells(line)
            guard !cells.isAtEnd, !isAboveRows || cells.first != UInt8(ascii: "#") else {
                rows.endLine()
                return true
            }
            if lacksName { rows.appendMissing() }
            (lacksName, isAboveRows) = (false, false)
            while let cell = cells.next() { rows.append(cell) }
            rows.endRow()
            return true
        }
    }
}

/// The cells of a line that blanks set apart.
struct BlankCells: Sequence, IteratorProtocol {
    private let line: ArraySlice<UInt8>
    private var at: Int

    init(_ line: ArraySlice<UInt8>) {
        self.line = line
        at = line.startIndex
        passBlanks()
    }

    var isAtEnd: Bool { at == line.endIndex }
    /// The byte with which the next cell begins.
    var first: UInt8? { isAtEnd ? nil : line[at] }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let first else { return nil }
        defer { passBlanks() }
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'"), let end = closing(first) {
            let inside = line[(at + 1)..<end]
            at = end + 1
            guard inside.contains(first) else { return inside }
            return ArraySlice(Self.undoubled(inside, first))
        }
        let start = at
        while at < line.endIndex, !Self.isBlank(line[at]) { at += 1 }
        return line[start..<at]
    }

    /// The quote that ends the cell, behind which a blank or the end of the line is; nil where there is none.
    private func closing(_ quote: UInt8) -> Int? {
        var place = at + 1
        while place < line.endIndex {
            if line[place] == quote {
                if place + 1 == line.endIndex || Self.isBlank(line[place + 1]) { return place }
                if line[place + 1] == quote { place += 1 }
            }
            place += 1
        }
        return nil
    }

    private static func undoubled(_ text: ArraySlice<UInt8>, _ quote: UInt8) -> [UInt8] {
        var result: [UInt8] = []
        var wasQuote = false
        for byte in text {
            if byte == quote, wasQuote {
                wasQuote = false
                continue
            }
            wasQuote = byte == quote
            result.append(byte)
        }
        return result
    }

    private mutating func passBlanks() {
        while at < line.endIndex, Self.isBlank(line[at]) { at += 1 }
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
