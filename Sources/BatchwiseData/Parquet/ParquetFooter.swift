import Batchwise

/// The footer of a Parquet file: its schema, and the place of every column in every group of rows.
///
/// See `FileMetaData` in parquet.thrift of Apache Parquet.
struct ParquetFooter {
    private(set) var rowCount = 0
    private(set) var schema: [ParquetElement] = []
    private(set) var groups: [ParquetRowGroup] = []

    /// The bytes of the magic word at both ends, and of the footer's length.
    private static let word = 4
    static let magic = Array("PAR1".utf8)
    static let encryptedMagic = Array("PARE".utf8)

    /// Reads the end of a file.
    init(_ file: InputFile) throws(ParquetFault) {
        guard file.length >= 3 * Self.word else { throw .damaged("it ends too early") }
        var end = try file.parquetBytes(file.length - 2 * Self.word..<file.length)
        let count = try end.length()
        let magic = end.storage[end.at..<end.end]
        guard magic.elementsEqual(Self.magic) else {
            throw magic.elementsEqual(Self.encryptedMagic)
                ? Self.encrypted : .damaged("it does not end with PAR1, so its end is missing")
        }
        guard count <= file.length - 3 * Self.word else {
            throw .damaged("a footer of \(count) bytes in a file of \(file.length)")
        }
        let start = file.length - 2 * Self.word - count
        var thrift = ThriftCompact(try file.parquetBytes(start..<start + count))
        try read(&thrift)
        var rows = 0
        for group in groups {
            let (sum, overflow) = rows.addingReportingOverflow(group.rowCount)
            guard !overflow else { throw .damaged("too many rows") }
            rows = sum
            for chunk in group.chunks where chunk.valueCount > 0 {
                guard chunk.start >= Self.word, chunk.start < start, chunk.byteCount <= start - chunk.start else {
                    throw .damaged("a column lies outside of the file")
                }
            }
        }
        guard rows == rowCount else { throw .damaged("\(rowCount) rows, and \(rows) in its groups of rows") }
    }

    static var encrypted: ParquetFault {
        .unsupported("is an encrypted Parquet file; save it without encryption")
    }

    private mutating func read(_ thrift: inout ThriftCompact) throws(ParquetFault) {
        var previous = 0
        while let field = try thrift.field(after: &previous) {
            switch field.id {
            case 2:
                for _ in 0..<(try thrift.count(field, of: ThriftCompact.structure)) {
                    schema.append(try ParquetElement(&thrift))
                }
            case 3: rowCount = try thrift.integer(field)
            case 4:
                for _ in 0..<(try thrift.count(field, of: ThriftCompact.structure)) {
                    groups.append(try ParquetRowGroup(&thrift))
                }
            case 8: throw Self.encrypted
            default: try thrift.skip(field)
            }
        }
    }
}

/// A group of rows, whose columns lie one after the other.
struct ParquetRowGroup {
    private(set) var rowCount = -1
    private(set) var chunks: [ParquetChunkPlace] = []

    init(_ thrift: inout ThriftCompact) throws(ParquetFault) {
        var previous = 0
        while let field = try thrift.field(after: &previous) {
            switch field.id {
            case 1:
                for _ in 0..<(try thrift.count(field, of: ThriftCompact.structure)) {
                    chunks.append(try ParquetChunkPlace(&thrift))
                }
            case 3: rowCount = try thrift.integer(field)
            default: try thrift.skip(field)
            }
        }
        guard rowCount >= 0 else { throw .damaged("a group of \(rowCount) rows") }
    }
}

extension InputFile {
    /// A part of the file, which is known to lie in it.
    func parquetBytes(_ range: Range<Int>) throws(ParquetFault) -> ParquetBytes {
        var bytes = [UInt8](repeating: 0, count: range.count + ParquetBytes.padding)
        let found: Int
        do throws(DataError) {
            found = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
                let part = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<range.count]))
                return try self.peek(at: range.lowerBound, into: part)
            }
        } catch {
            throw .file(error)
        }
        guard found == range.count else { throw .file(.changes(file: path)) }
        return ParquetBytes(bytes, 0..<range.count)
    }
}
