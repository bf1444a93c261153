import Foundation

/// What makes one column of a table into features.
public struct ColumnEncoder: Codable, Equatable, Sendable {
    /// What a cell becomes. With an indicator, one more feature is 1 where the value is missing and 0 elsewhere.
    public enum Encoding: Codable, Equatable, Sendable {
        /// `(number - mean) / deviation`, a missing value as `fill`.
        case numeric(mean: Double, deviation: Double, fill: Double, indicator: Bool)
        /// `(log(1 + number) - mean) / deviation`, the logarithm of a missing value as `fill`.
        case logarithmic(mean: Double, deviation: Double, fill: Double, indicator: Bool)
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

    public let name: String
    /// The column's place in the training file, from 1.
    public let number: Int
    public let encoding: Encoding

    /// The encoder of column `number`, counted from 1.
    public init(name: String, number: Int, encoding: Encoding) {
        self.name = name
        self.number = number
        self.encoding = encoding
    }

    /// The number of features.
    public var width: Int {
        switch encoding {
        case .numeric(_, _, _, let indicator), .logarithmic(_, _, _, let indicator),
            .ordinal(_, _, _, _, let indicator):
            indicator ? 2 : 1
        case .oneHot(let levels, _, let indicator): levels.count + (indicator ? 1 : 0)
        case .hashed(let features): features
        }
    }

    /// How the column must be read.
    var kind: Table.Kind {
        switch encoding {
        case .numeric, .logarithmic: .numeric
        case .oneHot, .ordinal, .hashed: .categorical
        }
    }

    /// Writes the features of all rows at `offset` of every `stride` floats, which are 0 before. Returns how many rows
    /// have a text that training did not have.
    func encode(
        _ place: Int, of table: Table, into features: inout [Float], offset: Int, stride: Int
    ) throws(DataError) -> Int {
        switch (encoding, table.columns[place].values) {
        case (.numeric(let mean, let deviation, let fill, let indicator), .numeric(let numbers)):
            for (row, number) in numbers.enumerated() {
                let value = number.isNaN ? fill : number
                features[row * stride + offset] = Float((value - mean) / deviation)
                if indicator, number.isNaN { features[row * stride + offset + 1] = 1 }
            }
            return 0
        case (.logarithmic(let mean, let deviation, let fill, let indicator), .numeric(let numbers)):
            try table.requireLogarithms(in: place)
            for (row, number) in numbers.enumerated() {
                let value = number.isNaN ? fill : log1p(number)
                features[row * stride + offset] = Float((value - mean) / deviation)
                if indicator, number.isNaN { features[row * stride + offset + 1] = 1 }
            }
            return 0
        case (.oneHot(let names, let fill, let indicator), .categorical(let codes, let levels)):
            let places = Self.places(of: levels, in: names)
            let filled = fill.flatMap { names.firstIndex(of: $0) }
            for (row, code) in codes.enumerated() {
                if let feature = code < 0 ? filled : places[Int(code)] { features[row * stride + offset + feature] = 1 }
                if indicator, code < 0 { features[row * stride + offset + names.count] = 1 }
            }
            return codes.count { $0 >= 0 && places[Int($0)] == nil }
        case (
            .ordinal(let names, let mean, let deviation, let fill, let indicator), .categorical(let codes, let levels)
        ):
            let places = Self.places(of: levels, in: names)
            for (row, code) in codes.enumerated() {
                let value = code < 0 ? fill : places[Int(code)].map(Double.init) ?? mean
                features[row * stride + offset] = Float((value - mean) / deviation)
                if indicator, code < 0 { features[row * stride + offset + 1] = 1 }
            }
            return codes.count { $0 >= 0 && places[Int($0)] == nil }
        case (.hashed(let count), .categorical(let codes, let levels)):
            let places = levels.map { TextHash.place(of: $0, among: count) }
            for (row, code) in codes.enumerated() where code >= 0 {
                features[row * stride + offset + places[Int(code)]] = 1
            }
            return 0
        default:
            // A table is read with the kinds of its encoders, so numbers meet numbers and texts meet texts.
            preconditionFailure("column \(name) was read as another kind than its encoder's")
        }
    }

    /// Where each level of a table is among the names that training had.
    private static func places(of levels: [String], in names: [String]) -> [Int?] {
        var places: [String: Int] = [:]
        for (place, name) in names.enumerated() { places[name] = place }
        return levels.map { places[$0] }
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
