import Batchwise

/// A reader of Thrift's compact protocol, in which Parquet writes its footer and the headers of its pages.
///
/// See thrift-compact-protocol.md of Apache Thrift. Fields that are not asked for are skipped, to a limited depth.
struct ThriftCompact {
    /// A field of a structure.
    struct Field {
        let id: Int
        fileprivate let type: UInt8
    }

    static let structure: UInt8 = 12
    static let binary: UInt8 = 8
    private static let list: UInt8 = 9
    private static let deepest = 32

    private(set) var bytes: ParquetBytes

    init(_ bytes: ParquetBytes) { self.bytes = bytes }

    /// The next field of a structure; nil at its end. `previous` is 0 at its beginning.
    mutating func field(after previous: inout Int) throws(ParquetFault) -> Field? {
        let head = try bytes.byte()
        guard head != 0 else { return nil }
        let step = Int(head >> 4)
        let id = step > 0 ? previous + step : Int(truncatingIfNeeded: try bytes.zigzag())
        guard (0...Int(Int16.max)).contains(id) else { throw .damaged("a field numbered \(id)") }
        previous = id
        return Field(id: id, type: head & 15)
    }

    func boolean(_ field: Field) throws(ParquetFault) -> Bool {
        guard field.type == 1 || field.type == 2 else { throw unexpected(field) }
        return field.type == 1
    }

    mutating func integer(_ field: Field) throws(ParquetFault) -> Int {
        switch field.type {
        case 3: return Int(Int8(bitPattern: try bytes.byte()))
        case 4...6: return Int(try bytes.zigzag())
        default: throw unexpected(field)
        }
    }

    mutating func text(_ field: Field) throws(ParquetFault) -> String {
        guard field.type == Self.binary else { throw unexpected(field) }
        return try text()
    }

    /// A text in a list.
    mutating func text() throws(ParquetFault) -> String {
        let place = try bytes.take(try size())
        guard let text = String(validating: bytes.storage[place], as: UTF8.self) else {
            throw .damaged("a name that is not UTF-8")
        }
        return text
    }

    /// Makes sure that a structure follows.
    func expectStructure(_ field: Field) throws(ParquetFault) {
        guard field.type == Self.structure else { throw unexpected(field) }
    }

    /// The number of elements of a list, which follow. Every one takes a byte at least.
    mutating func count(_ field: Field, of type: UInt8) throws(ParquetFault) -> Int {
        guard field.type == Self.list else { throw unexpected(field) }
        let (count, found) = try listHead()
        guard found == type || count == 0 else { throw unexpected(field) }
        return count
    }

    mutating func skip(_ field: Field) throws(ParquetFault) { try skip(field.type, depth: 0) }

    private mutating func listHead() throws(ParquetFault) -> (count: Int, type: UInt8) {
        let head = try bytes.byte()
        let count = head >> 4 < 15 ? Int(head >> 4) : try size()
        guard count <= bytes.count else { throw .damaged("a list of \(count) in \(bytes.count) bytes") }
        return (count, head & 15)
    }

    private mutating func skip(_ type: UInt8, depth: Int, inList: Bool = false) throws(ParquetFault) {
        guard depth <= Self.deepest else { throw .damaged("structures deeper than \(Self.deepest)") }
        switch type {
        case 1, 2: if inList { _ = try bytes.byte() }
        case 3: _ = try bytes.byte()
        case 4...6: _ = try bytes.varint()
        case 7: _ = try bytes.take(8)
        case Self.binary: _ = try bytes.take(try size())
        case Self.list, 10:
            let (count, element) = try listHead()
            for _ in 0..<count { try skip(element, depth: depth + 1, inList: true) }
        case 11:
            let count = try size()
            guard count > 0 else { return }
            guard count <= bytes.count else { throw .damaged("a map of \(count) in \(bytes.count) bytes") }
            let types = try bytes.byte()
            for _ in 0..<count {
                try skip(types >> 4, depth: depth + 1, inList: true)
                try skip(types & 15, depth: depth + 1, inList: true)
            }
        case Self.structure:
            var previous = 0
            while let field = try field(after: &previous) { try skip(field.type, depth: depth + 1) }
        case 13: _ = try bytes.take(16)
        default: throw .damaged("a value of type \(type)")
        }
    }

    private mutating func size() throws(ParquetFault) -> Int {
        let size = try bytes.varint()
        guard size <= UInt64(bytes.count) else {
            throw .damaged("a length of \(size), where \(bytes.count) bytes are left")
        }
        return Int(size)
    }

    private func unexpected(_ field: Field) -> ParquetFault {
        .damaged("field \(field.id) has type \(field.type)")
    }
}
