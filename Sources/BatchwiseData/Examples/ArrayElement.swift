/// The type of a number in an array, as NumPy writes it; little-endian.
enum ArrayElement: String, Codable, Sendable {
    case byte = "|u1"
    case boolean = "|b1"
    case float = "<f4"
    case double = "<f8"
    case int32 = "<i4"
    /// 64-bit integers in memory; files of other integers are read into these.
    case int64 = "<i8"

    /// The bytes of one number.
    var size: Int {
        switch self {
        case .byte, .boolean: 1
        case .float, .int32: 4
        case .double, .int64: 8
        }
    }

    /// Whether numbers are one byte each, and become features by one scale and one shift.
    var isByte: Bool { self == .byte || self == .boolean }
}

extension NumericArray.Storage {
    var element: ArrayElement {
        switch self {
        case .bytes: .byte
        case .booleans: .boolean
        case .integers: .int64
        case .floats: .float
        case .doubles: .double
        }
    }
}
