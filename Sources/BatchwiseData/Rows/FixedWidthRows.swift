import Batchwise

/// Rows whose cells stand in the same places of every line, between places at which every line has a blank.
struct FixedWidthRows: RowSource {
    /// The places of the columns in a line, in characters from 0.
    let columns: [Range<Int>]
    /// Lines beyond this are no rows of fixed width.
    private static let longestLine = 1 << 16

    /// Finds the columns by all lines of a text, but comments above the first row.
    init(of origin: TextOrigin) throws(DataError) {
        var lines = LineReader(try origin.text())
        var isFilled: [Bool] = []
        var isAboveRows = true
        while let line = try lines.next() {
            guard let first = line.first(where: { $0 != 0x20 && $0 != 0x0D }),
                !isAboveRows || first != UInt8(ascii: "#")
            else { continue }
            isAboveRows = false
            var place = 0
            for byte in line where byte & 0xC0 != 0x80 {
                guard byte != 0x09, place < Self.longestLine else {
                    throw .badLine(
                        file: origin.path, line: lines.number,
                        detail: byte == 0x09
                            ? "a tab stands in a table of fixed width; put blanks in its place"
                            : "is too long for a table of fixed width")
                }
                if byte != 0x20 {
                    if place >= isFilled.count {
                        isFilled += repeatElement(false, count: place + 1 - isFilled.count)
                    }
                    isFilled[place] = true
                }
                place += 1
            }
        }
        var columns: [Range<Int>] = []
        var start: Int?
        for place in 0...isFilled.count {
            let isInside = place < isFilled.count && isFilled[place]
            if isInside, start == nil { start = place }
            if !isInside, let first = start {
                columns.append(first..<place)
                start = nil
            }
        }
        self.columns = columns
    }

    func notice(file: String) -> String {
        let places = columns.prefix(12).map {
            $0.count == 1 ? "\($0.upperBound)" : "\($0.lowerBound + 1)-\($0.upperBound)"
        }
        return "\(file): its cells stand at the places \(places.joined(separator: ", "))"
            + (columns.count > 12 ? ", ..." : "")
            + " of each line, between which every line has blanks (data.separator names another)"
    }

    func rows(of origin: TextOrigin) throws(DataError) -> any RowStream {
        Stream(LineReader(try origin.text()), columns, origin.path)
    }

    private final class Stream: RowStream {
        private var lines: LineReader
        private let columns: [Range<Int>]
        private let path: String
        private var isAboveRows = true

        init(_ lines: LineReader, _ columns: [Range<Int>], _ path: String) {
            (self.lines, self.columns, self.path) = (lines, columns, path)
        }

        func next(_ rows: inout RowWriter) throws(DataError) -> Bool {
            guard let line = try lines.next() else { return false }
            guard let first = line.first(where: { $0 != 0x20 }), !isAboveRows || first != UInt8(ascii: "#") else {
                rows.endLine()
                return true
            }
            isAboveRows = false
            var (at, place) = (line.startIndex, 0)
            /// Passes characters up to a place of the line.
            func pass(to end: Int) {
                while at < line.endIndex, place < end || line[at] & 0xC0 == 0x80 {
                    if line[at] & 0xC0 != 0x80 {
                        guard place < end else { return }
                        place += 1
                    }
                    at += 1
                }
            }
            for column in columns {
                pass(to: column.lowerBound)
                let start = at
                pass(to: column.upperBound)
                let cell = line[start..<at].drop { $0 == 0x20 }
                let blanks = cell.reversed().prefix { $0 == 0x20 }.count
                rows.append(cell.dropLast(blanks))
            }
            rows.endRow()
            return true
        }
    }
}

/// Whether the first lines of a text look like columns of fixed width: at least five lines, numbers in one column, and
/// no column that is mostly empty.
struct FixedWidthEvidence {
    private(set) var isShown = false

    init(_ lines: [(bytes: ArraySlice<UInt8>, number: Int)]) {
        guard lines.count >= 5, !lines.contains(where: { $0.bytes.contains(0x09) }) else { return }
        var bytes: [UInt8] = []
        for line in lines { bytes += line.bytes + [10] }
        let origin = TextOrigin(path: "", place: .bytes(bytes), form: .init(encoding: .utf8))
        guard let found = try? FixedWidthRows(of: origin), found.columns.count > 1 else { return }
        guard let stream = try? found.rows(of: origin) else { return }
        var filled = [Int](repeating: 0, count: found.columns.count)
        var numbers = filled
        for row in lines.indices {
            var writer = RowWriter(separator: 0x1F)
            guard (try? stream.next(&writer)) == true else { return }
            let cells = writer.bytes.dropLast().split(separator: 0x1F, omittingEmptySubsequences: false)
            for (place, cell) in cells.enumerated() where place < filled.count && !cell.isEmpty {
                filled[place] += 1
                if row > 0, BlankEvidence.isNumber(cell) { numbers[place] += 1 }
            }
        }
        let least = (lines.count + 1) / 2
        isShown =
            filled.allSatisfy { $0 >= least }
            && numbers.indices.contains { numbers[$0] == lines.count - 1 }
    }
}
