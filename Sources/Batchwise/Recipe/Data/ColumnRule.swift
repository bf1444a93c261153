/// A rule for one column of a table: the features that its cells become, and the value that a missing cell gets.
///
/// ```yaml
/// columns: {age: min-max, income: log, city: {hash: 64}, grade: {ordinal: [low, mid, high]}, id: ignore}
/// ```
public struct ColumnRule: Equatable, Sendable {
    /// The encoding of a cell. The first four need numbers; the next three take numbers as the texts that they are
    /// written as.
    public enum Kind: Equatable, Sendable {
        /// `(number - mean) / deviation`: the default for numbers.
        case standardise
        /// `(number - smallest) / (largest - smallest)`: 0 to 1 in the training rows.
        case minMax
        /// `log(1 + number)`, standardised; numbers must be above -1.
        case log
        /// The number as it is.
        case asIs
        /// One feature for each different text: the default for texts.
        case oneHot
        /// The text's place in this order, standardised; nil: numbers ascending, or else texts by their UTF-8 bytes.
        case ordinal([String]?)
        /// The text's hash chooses one of so many features: see `TextHash`.
        case hash(features: Int)
        /// A date's seconds, standardised, and its places in the year, the week and the day: see `DateCycle`.
        case date
        /// The column is no feature.
        case ignore
    }

    /// The value of a missing cell. Either adds a feature that is 1 where the value is missing, if the training rows
    /// miss any.
    public enum Missing: String, CaseIterable, Sendable {
        /// The mean of the training rows: for numbers and places in an order.
        case mean
        /// The most frequent value of the training rows; of several, the smallest.
        case mostFrequent = "most-frequent"
    }

    /// The most features that texts can be hashed into.
    public static let mostHashed = 1 << 16

    /// The encoding; nil: `standardise` for numbers, `oneHot` for texts.
    public var kind: Kind?
    /// The value of a missing cell; nil: `mean` for numbers and orders, and 0 in all features of a missing text.
    public var missing: Missing?

    /// A rule; the column's content decides the parts that are nil.
    public init(_ kind: Kind? = nil, missing: Missing? = nil) {
        self.kind = kind
        self.missing = missing
    }
}
