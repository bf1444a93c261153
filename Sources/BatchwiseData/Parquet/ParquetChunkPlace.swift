import Batchwise

/// The place of one column of a group of rows in the file.
struct ParquetChunkPlace {
    let physical: ParquetPhysical
    /// The names from the root of the schema to the column.
    let path: [String]
    let codec: Int
    let valueCount: Int
    let start: Int
    let byteCount: Int

    init(_ thrift: inout ThriftCompact) throws(ParquetFault) {
        var place: Self?
        var previous = 0
        while let field = try thrift.field(after: &previous) {
            switch field.id {
            case 1: throw .unsupported("has columns in other files; write it again as one file")
            case 3:
                try thrift.expectStructure(field)
                place = try Self(metadata: &thrift)
            case 8, 9: throw ParquetFooter.encrypted
            default: try thrift.skip(field)
            }
        }
        guard let place else { throw .damaged("a column without a place") }
        self = place
    }

    private init(metadata thrift: inout ThriftCompact) throws(ParquetFault) {
        var numbers: [Int: Int] = [:]
        var path: [String] = []
        var previous = 0
        while let field = try thrift.field(after: &previous) {
            switch field.id {
            case 3:
                for _ in 0..<(try thrift.count(field, of: ThriftCompact.binary)) { path.append(try thrift.text()) }
            case 1, 4, 5, 7, 9, 11: numbers[field.id] = try thrift.integer(field)
            default: try thrift.skip(field)
            }
        }
        guard let type = numbers[1], let physical = ParquetPhysical(rawValue: type), let codec = numbers[4],
            let valueCount = numbers[5], let byteCount = numbers[7], let data = numbers[9], valueCount >= 0,
            byteCount >= 0
        else { throw .damaged("a column whose place is not told") }
        self.physical = physical
        self.path = path
        self.codec = codec
        self.valueCount = valueCount
        self.byteCount = byteCount
        // the dictionary comes first, and its place is 0 in some files without one
        let dictionary = numbers[11] ?? 0
        start = dictionary > 0 && dictionary < data ? dictionary : data
    }
}

/// The types in which values lie in the file.
enum ParquetPhysical: Int {
    case boolean, int32, int64, int96, float, double, byteArray, fixedBytes
}
