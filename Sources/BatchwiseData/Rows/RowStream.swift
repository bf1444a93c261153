import Batchwise

/// The rows of a container, one after the other, as the scanner of tables of text reads them.
protocol RowStream: AnyObject {
    /// Appends the next row with its line end, or an empty line where the container has one; false at the end.
    func next(_ rows: inout RowWriter) throws(DataError) -> Bool
}

/// A container whose rows are read as those of a table of text. It is opened anew for every pass.
protocol RowSource: Sendable {
    /// The separator of the cells that the stream writes.
    var separator: UInt8 { get }
    /// Whether the container itself names the columns, in its first row; nil where that is found out.
    var hasHeader: Bool? { get }
    /// The lines above the first one of the file, which the stream adds.
    var linesAbove: Int { get }
    /// The types of the columns, where the container says them; nil where their cells decide.
    var kinds: [Table.Kind]? { get }
    /// Whether the container tells numbers from texts.
    var hasTypedNumbers: Bool { get }
    func rows(of origin: TextOrigin) throws(DataError) -> any RowStream
}

extension RowSource {
    var hasTypedNumbers: Bool { false }
    /// A character that hardly any text contains, so that few cells need quotes.
    var separator: UInt8 { 0x1F }
    var hasHeader: Bool? { nil }
    var linesAbove: Int { 0 }
    var kinds: [Table.Kind]? { nil }
}

/// Writes rows of cells as text.
struct RowWriter {
    private(set) var bytes: [UInt8] = []
    private let separator: UInt8
    private var isFirst = true
    private var isEmpty = true

    init(separator: UInt8) { self.separator = separator }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Appends a cell, in quotes where its bytes would mean something else without.
    mutating func append(_ cell: some Collection<UInt8>) {
        separate()
        guard let first = cell.first else { return }
        isEmpty = false
        var isPlain = first > 0x20 && first != UInt8(ascii: "#")
        for byte in cell where byte == separator || byte == UInt8(ascii: "\"") || byte < 0x20 { isPlain = false }
        if let last = Array(cell.suffix(1)).first, last == 0x20 { isPlain = false }
        guard !isPlain else {
            bytes += cell
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in cell {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func append(_ cell: String) { append(cell.utf8) }

    /// Appends a number by the shortest text that gives it again.
    mutating func append(_ number: Double) {
        append((Int64(exactly: number).map { "\($0)" } ?? "\(number)").utf8)
    }

    /// Appends a cell without a value.
    mutating func appendMissing() { separate() }

    /// Ends the row. A row of one empty cell is written so that it is no empty line.
    mutating func endRow() {
        if isEmpty { bytes += "\"\"".utf8 }
        endLine()
    }

    /// Ends a line that is no row.
    mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        (isFirst, isEmpty) = (true, true)
    }

    private mutating func separate() {
        if !isFirst {
            bytes.append(separator)
            isEmpty = false
        }
        isFirst = false
    }
}

/// The rows of a container as the bytes of a text.
final class RowText: ByteStream {
    private static let chunk = 1 << 15

    private let rows: any RowStream
    private var writer: RowWriter
    private var given = 0
    private var isAtEnd = false

    init(_ rows: any RowStream, separator: UInt8) {
        self.rows = rows
        writer = RowWriter(separator: separator)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var done = 0
        while done < buffer.count {
            if given == writer.bytes.count {
                writer.removeAll()
                given = 0
                while writer.bytes.count < Self.chunk, !isAtEnd { isAtEnd = try !rows.next(&writer) }
                if writer.bytes.isEmpty { break }
            }
            let end = min(writer.bytes.count, given + buffer.count - done)
            UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).copyBytes(from: writer.bytes[given..<end])
            done += end - given
            given = end
        }
        return done
    }
}
