import Batchwise

/// Encodes one column of a table as features.
public struct ColumnEncoder: Codable, Equatable, Sendable {
    /// The features of a cell. With an indicator, one more feature is 1 where the value is missing and 0 elsewhere.
    public enum Encoding: Codable, Equatable, Sendable {
        /// `(number - mean) / deviation`, a missing value as `fill`.
        case numeric(mean: Double, deviation: Double, fill: Double, indicator: Bool)
        /// `(log(1 + number) - mean) / deviation`, the logarithm of a missing value as `fill`.
        case logarithmic(mean: Double, deviation: Double, fill: Double, indicator: Bool)
        /// `(seconds - mean) / deviation` of a date, a missing one as `fill`; then the sine and cosine of its place in each
        /// cycle, 0 for a missing one.
        case date(mean: Double, deviation: Double, fill: Double, cycles: [DateCycle], indicator: Bool)
        /// One feature a level: 1 for the text of the cell, 0 for the others; all 0 for an unknown text, and for a
        /// missing one where there is no `fill`.
        case oneHot(levels: [String], fill: String? = nil, indicator: Bool = false)
        /// `(place - mean) / deviation` of the text's place among the levels, from 0; a missing text as the place
        /// `fill`, and the feature 0 for an unknown one.
        case ordinal(levels: [String], mean: Double, deviation: Double, fill: Double, indicator: Bool)
        /// 1 for the feature that the text's hash chooses, 0 for the others; all 0 for a missing text.
        case hashed(features: Int)
    }

    /// More different texts than this are identifiers or prose, not categories.
    static let mostLevels = 1000

    /// The column's name in the training file.
    public let name: String
    /// The column's place in the training file, from 1.
    public let number: Int
    /// The features of a cell.
    public let encoding: Encoding
    /// The smallest and the largest number of the training rows; nil of texts, where there was no number, and in models
    /// of earlier versions.
    public let smallest, largest: Double?

    /// The encoder of column `number`, counted from 1.
    public init(name: String, number: Int, encoding: Encoding, smallest: Double? = nil, largest: Double? = nil) {
        self.name = name
        self.number = number
        self.encoding = encoding
        self.smallest = smallest
        self.largest = largest
    }

    /// The encoder without the range of its numbers, for a comparison with one of an earlier version.
    var withoutRange: ColumnEncoder { ColumnEncoder(name: name, number: number, encoding: encoding) }

    /// The number of features.
    public var width: Int {
        switch encoding {
        case .numeric(_, _, _, let indicator), .logarithmic(_, _, _, let indicator),
            .ordinal(_, _, _, _, let indicator):
            indicator ? 2 : 1
        case .date(_, _, _, let cycles, let indicator): 1 + 2 * cycles.count + (indicator ? 1 : 0)
        case .oneHot(let levels, _, let indicator): levels.count + (indicator ? 1 : 0)
        case .hashed(let features): features
        }
    }

    /// The type that the column is read as.
    var kind: Table.Kind {
        switch encoding {
        case .numeric, .logarithmic, .date: .numeric
        case .oneHot, .ordinal, .hashed: .categorical
        }
    }

    /// Makes sure that the column's values can be encoded.
    func check(_ table: Table, _ place: Int) throws(DataError) {
        if case .logarithmic = encoding { try table.requireLogarithms(in: place) }
    }
}

extension Table {
    /// Makes sure that every number of a column has a logarithm of 1 + number.
    func requireLogarithms(in place: Int) throws(DataError) {
        guard case .numeric(let numbers) = columns[place].values, let row = numbers.firstIndex(where: { $0 <= -1 })
        else { return }
        throw .badCell(
            file: file(row), place: self.place(of: row), column: columns[place].name,
            detail: "log needs numbers above -1, and \(numbers[row]) found")
    }
}
