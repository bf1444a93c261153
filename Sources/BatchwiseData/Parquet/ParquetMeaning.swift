import Batchwise

/// The meaning of the values of a column.
enum ParquetMeaning: Equatable {
    case boolean, signed, unsigned, float, half, text, uuid
    /// Whole numbers that are divided by a power of ten.
    case decimal(scale: Int)
    /// Days since 1970.
    case date
    /// Ticks since 1970 in UTC, or since midnight.
    case timestamp(perSecond: Int64)
    case time(perSecond: Int64)
    /// No value in any row, and no type.
    case empty

    /// The content of a column that is not read.
    struct Unread: Error { let content: String }

    var isDate: Bool {
        switch self {
        case .date, .timestamp: true
        default: false
        }
    }

    /// Whether values are texts unless numbers are asked for.
    var isText: Bool { self == .text || self == .uuid || self == .boolean }

    /// Words for an error about files whose columns differ.
    var words: String {
        switch self {
        case .boolean, .text, .uuid: "texts"
        case .signed, .unsigned, .float, .half, .decimal, .time: "numbers"
        case .date, .timestamp: "dates"
        case .empty: "nothing"
        }
    }

    static func of(_ element: ParquetElement, _ physical: ParquetPhysical) -> Result<Self, Unread> {
        let meaning: Self? =
            switch (physical, element.annotation) {
            case (_, .empty): .empty
            case (.boolean, .none): .boolean
            case (.int32, .none), (.int64, .none): .signed
            case (.int32, .integer(let isSigned)), (.int64, .integer(let isSigned)): isSigned ? .signed : .unsigned
            case (.int32, .date): .date
            case (.int32, .time(let perSecond)), (.int64, .time(let perSecond)): .time(perSecond: perSecond)
            case (.int64, .timestamp(let perSecond)): .timestamp(perSecond: perSecond)
            // Spark writes moments as a day and nanoseconds of it
            case (.int96, .none): .timestamp(perSecond: 1_000_000_000)
            case (.float, .none), (.double, .none): .float
            case (.fixedBytes, .half) where element.length == 2: .half
            case (.fixedBytes, .uuid) where element.length == 16: .uuid
            case (.byteArray, .none), (.byteArray, .text): .text
            case (.int32, .decimal(let scale)), (.int64, .decimal(let scale)), (.byteArray, .decimal(let scale)):
                Self.decimal(scale)
            case (.fixedBytes, .decimal(let scale)) where (1...ParquetDecimal.longest).contains(element.length):
                Self.decimal(scale)
            default: nil
            }
        if let meaning { return .success(meaning) }
        if case .other(let content) = element.annotation { return .failure(Unread(content: content)) }
        return .failure(Unread(content: physical == .fixedBytes ? "bytes" : "values of an unknown type"))
    }

    private static func decimal(_ scale: Int) -> Self? {
        (0...ParquetDecimal.mostDigits).contains(scale) ? .decimal(scale: scale) : nil
    }
}
