/// What stands in a column of a row to predict: a number, a text, or nothing.
///
/// ```swift
/// let row: [String: Cell] = ["rooms": 3, "street": "Elm Street", "built": nil]
/// ```
public enum Cell: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral,
    ExpressibleByNilLiteral
{
    case number(Double)
    case text(String)
    /// The value is missing, as an empty cell of a CSV file is.
    case missing

    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(nilLiteral: ()) { self = .missing }
}
