import Batchwise

/// An element of the schema, which lists a tree from its root on.
struct ParquetElement {
    /// The meaning that is written beside a physical type.
    enum Annotation: Equatable {
        case none, text
        case decimal(scale: Int)
        case date
        case integer(isSigned: Bool)
        case empty, uuid, half
        /// A time of day, and a moment, with the ticks of a second.
        case time(perSecond: Int64)
        case timestamp(perSecond: Int64)
        /// Something that is no number, date or text.
        case other(String)
    }

    private(set) var name: String
    /// nil for a group of elements.
    private(set) var physical: ParquetPhysical?
    /// The bytes of each value of a type of fixed length.
    private(set) var length = 0
    private(set) var isOptional = false
    private(set) var isRepeated = false
    private(set) var children = 0
    private(set) var annotation: Annotation

    init(_ thrift: inout ThriftCompact) throws(ParquetFault) {
        var name: String?
        var converted: Int?
        var scale = 0
        var logical: Annotation?
        var previous = 0
        while let field = try thrift.field(after: &previous) {
            switch field.id {
            case 1:
                physical = ParquetPhysical(rawValue: try thrift.integer(field))
                guard physical != nil else { throw .damaged("a type that the format does not have") }
            case 2: length = try thrift.integer(field)
            case 3:
                let repetition = try thrift.integer(field)
                guard (0...2).contains(repetition) else { throw .damaged("a repetition \(repetition)") }
                (isOptional, isRepeated) = (repetition == 1, repetition == 2)
            case 4: name = try thrift.text(field)
            case 5: children = try thrift.integer(field)
            case 6: converted = try thrift.integer(field)
            case 7: scale = try thrift.integer(field)
            case 10:
                try thrift.expectStructure(field)
                logical = try Annotation(&thrift)
            default: try thrift.skip(field)
            }
        }
        guard let name, children >= 0 else { throw .damaged("a column without a name") }
        self.name = name
        annotation = logical ?? converted.map { Annotation(converted: $0, scale: scale) } ?? .none
    }
}

extension ParquetElement.Annotation {
    /// A `LogicalType`: one field, whose number says the meaning.
    init?(_ thrift: inout ThriftCompact) throws(ParquetFault) {
        var found: Self?
        var previous = 0
        while let field = try thrift.field(after: &previous) {
            try thrift.expectStructure(field)
            let parameters = try Parameters(&thrift)
            switch field.id {
            case 1, 4, 12: found = .text
            case 2: found = .other("maps")
            case 3: found = .other("lists")
            case 5: found = .decimal(scale: parameters.first ?? 0)
            case 6: found = .date
            case 7: found = parameters.perSecond.map { .time(perSecond: $0) }
            case 8: found = parameters.perSecond.map { .timestamp(perSecond: $0) }
            case 10: found = .integer(isSigned: parameters.second)
            case 11: found = .empty
            case 13: found = .other("BSON")
            case 14: found = .uuid
            case 15: found = .half
            default: found = .other("a type of another kind")
            }
        }
        guard let found else { return nil }
        self = found
    }

    /// A `ConvertedType`, which older files have instead.
    init(converted: Int, scale: Int) {
        switch converted {
        case 0, 4, 19: self = .text
        case 5: self = .decimal(scale: scale)
        case 6: self = .date
        case 7: self = .time(perSecond: 1000)
        case 8: self = .time(perSecond: 1_000_000)
        case 9: self = .timestamp(perSecond: 1000)
        case 10: self = .timestamp(perSecond: 1_000_000)
        case 11...14: self = .integer(isSigned: false)
        case 15...18: self = .integer(isSigned: true)
        case 20: self = .other("BSON")
        case 21: self = .other("intervals")
        default: self = .other("a type of another kind")
        }
    }

    /// The parameters of a `LogicalType`: integers, a flag or a unit of time.
    private struct Parameters {
        var first: Int?
        var second = false
        var perSecond: Int64?

        init(_ thrift: inout ThriftCompact) throws(ParquetFault) {
            var previous = 0
            while let field = try thrift.field(after: &previous) {
                if let number = try? thrift.boolean(field) {
                    if field.id == 2 { second = number }
                } else if field.id == 2, (try? thrift.expectStructure(field)) != nil {
                    var inner = 0
                    while let unit = try thrift.field(after: &inner) {
                        perSecond = [1: 1000, 2: 1_000_000, 3: 1_000_000_000][unit.id]
                        try thrift.skip(unit)
                    }
                } else if field.id == 1 {
                    first = try thrift.integer(field)
                } else {
                    try thrift.skip(field)
                }
            }
        }
    }
}
