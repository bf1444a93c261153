/// What makes one column of a table into features.
public struct ColumnEncoder: Codable, Equatable, Sendable {
    /// What a cell becomes.
    public enum Encoding: Codable, Equatable, Sendable {
        /// `(number - mean) / deviation`, a missing value as `fill`. With an indicator, a second feature is 1 where the
        /// value is missing and 0 elsewhere.
        case numeric(mean: Double, deviation: Double, fill: Double, indicator: Bool)
        /// One feature a level: 1 for the text of the cell, 0 for the others; all 0 for a missing or unknown text.
        case oneHot(levels: [String])
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
        case .numeric(_, _, _, let indicator): indicator ? 2 : 1
        case .oneHot(let levels): levels.count
        }
    }

    /// Fits to these rows of a column; levels that only other rows have count as unknown.
    static func fitted(to column: Table.Column, number: Int, rows: [Int], file: String) throws(DataError) -> Self {
        switch column.values {
        case .numeric(let all):
            let present = rows.lazy.map { all[$0] }.filter { !$0.isNaN }
            let moments = Moments(Array(present))
            guard moments.mean.isFinite, moments.deviation.isFinite else {
                throw .notFinite(file: file, line: 1, column: column.name, found: "the sum of the column")
            }
            let hasMissing = rows.contains { all[$0].isNaN }
            return Self(
                name: column.name, number: number,
                encoding: .numeric(
                    mean: moments.mean, deviation: moments.deviation, fill: moments.mean, indicator: hasMissing))
        case .categorical(let codes, let levels):
            var occurs = [Bool](repeating: false, count: levels.count)
            for row in rows where codes[row] >= 0 { occurs[Int(codes[row])] = true }
            let kept = levels.indices.filter { occurs[$0] }.map { levels[$0] }
            guard kept.count <= mostLevels else {
                throw .tooManyLevels(file: file, column: column.name, levels: kept.count, limit: mostLevels)
            }
            return Self(name: column.name, number: number, encoding: .oneHot(levels: kept))
        case .skipped:
            return Self(name: column.name, number: number, encoding: .oneHot(levels: []))
        }
    }

    /// The same, leaving numbers as they are.
    var plain: Self {
        guard case .numeric(_, _, let fill, let indicator) = encoding else { return self }
        return Self(
            name: name, number: number, encoding: .numeric(mean: 0, deviation: 1, fill: fill, indicator: indicator))
    }

    /// Writes the features of all rows at `offset` of every `stride` floats, which are 0 before.
    func encode(_ column: Table.Column, into features: inout [Float], offset: Int, stride: Int) {
        switch (encoding, column.values) {
        case (.numeric(let mean, let deviation, let fill, let indicator), .numeric(let numbers)):
            for (row, number) in numbers.enumerated() {
                let value = number.isNaN ? fill : number
                features[row * stride + offset] = Float((value - mean) / deviation)
                if indicator, number.isNaN { features[row * stride + offset + 1] = 1 }
            }
        case (.oneHot(let names), .categorical(let codes, let levels)):
            var places: [String: Int] = [:]
            for (place, name) in names.enumerated() { places[name] = place }
            let placeOfLevel = levels.map { places[$0] }
            for (row, code) in codes.enumerated() {
                if code >= 0, let place = placeOfLevel[Int(code)] { features[row * stride + offset + place] = 1 }
            }
        default:
            // A table is read with the kinds of its encoders, so numbers meet numbers and texts meet texts.
            preconditionFailure("column \(name) was read as another kind than its encoder's")
        }
    }

    /// How the column must be read.
    var kind: Table.Kind {
        if case .numeric = encoding { .numeric } else { .categorical }
    }
}
