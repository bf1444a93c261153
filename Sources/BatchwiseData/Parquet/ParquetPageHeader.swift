import Batchwise

/// The header of a page: a dictionary, or values of rows.
struct ParquetPageHeader {
    enum Kind {
        case dictionary
        /// Values, whose levels are packed with them.
        case data
        /// Values, before whose packed bytes the levels lie.
        case dataV2(repetitionBytes: Int, definitionBytes: Int, isPacked: Bool)
        /// A page that is not needed.
        case other
    }

    let kind: Kind
    let size: Int
    let packedSize: Int
    let checksum: Int?
    /// Values, including those that are missing.
    let count: Int
    let encoding: Int

    init(_ bytes: inout ParquetBytes) throws(ParquetFault) {
        var thrift = ThriftCompact(bytes)
        var numbers: [Int: Int] = [:]
        var inner = Inner()
        var previous = 0
        while let field = try thrift.field(after: &previous) {
            switch field.id {
            case 1...4: numbers[field.id] = try thrift.integer(field)
            case 5, 7, 8:
                try thrift.expectStructure(field)
                inner = try Inner(&thrift, id: field.id)
            default: try thrift.skip(field)
            }
        }
        guard let type = numbers[1], let size = numbers[2], let packedSize = numbers[3], size >= 0, packedSize >= 0,
            size <= Int(Int32.max)
        else { throw .damaged("a page without a length") }
        switch (type, inner.id) {
        case (0, 5): kind = .data
        case (2, 7): kind = .dictionary
        case (3, 8):
            kind = .dataV2(
                repetitionBytes: inner.numbers[6] ?? 0, definitionBytes: inner.numbers[5] ?? 0,
                isPacked: inner.isPacked)
        case (0, _), (2, _), (3, _): throw .damaged("a page without a header of its kind")
        default: kind = .other
        }
        self.size = size
        self.packedSize = packedSize
        checksum = numbers[4]
        count = inner.numbers[1] ?? 0
        encoding = inner.numbers[inner.id == 8 ? 4 : 2] ?? -1
        guard (0...Int(Int32.max)).contains(count) else { throw .damaged("a page of \(count) values") }
        bytes = thrift.bytes
    }

    /// The header of a page of one kind.
    private struct Inner {
        var id = 0
        var numbers: [Int: Int] = [:]
        var isPacked = true

        init() {}

        init(_ thrift: inout ThriftCompact, id: Int) throws(ParquetFault) {
            self.id = id
            var previous = 0
            while let field = try thrift.field(after: &previous) {
                if id == 8, field.id == 7 {
                    isPacked = try thrift.boolean(field)
                } else if field.id <= (id == 8 ? 6 : id == 5 ? 4 : 2) {
                    numbers[field.id] = try thrift.integer(field)
                } else {
                    try thrift.skip(field)
                }
            }
        }
    }
}
