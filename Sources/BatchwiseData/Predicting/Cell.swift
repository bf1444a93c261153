/// The value of one column of a row to predict: a number, a text, or nothing.
///
/// ```swift
/// let row: [String: Cell] = ["rooms": 3, "street": "Elm Street", "built": nil]
/// ```
public enum Cell: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral,
    ExpressibleByNilLiteral
{
    /// A number.
    case number(Double)
    /// A text.
    case text(String)
    /// The value is missing, as an empty cell of a CSV file is.
    case missing

    /// The number that the literal stands for.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// The number that the literal stands for.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// The text that the literal stands for.
    public init(stringLiteral value: String) { self = .text(value) }
    /// `nil` stands for a missing value.
    public init(nilLiteral: ()) { self = .missing }
}
