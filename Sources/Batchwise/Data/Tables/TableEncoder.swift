/// What makes the rows of a table into features, and which of its columns are something else.
public struct TableEncoder: Codable, Equatable, Sendable {
    /// A column by name and place.
    public struct Column: Codable, Equatable, Sendable {
        public let name: String
        /// From 1.
        public let number: Int
        /// Whether training found text in it.
        public let isText: Bool

        /// Column `number`, counted from 1.
        public init(name: String, number: Int, isText: Bool) {
            self.name = name
            self.number = number
            self.isText = isText
        }
    }

    /// Whether the training file named its columns; without names, columns are told by their place.
    public let hasHeader: Bool
    /// The number of columns of the training file.
    public let columnCount: Int
    /// The columns that become features, in the order of the training file.
    public let columns: [ColumnEncoder]
    /// The columns to learn; one is classes or numbers, several are numbers.
    public let targets: [Column]
    /// The column of example weights.
    public let weights: Column?
    /// Which rows of a database the table was; nil for a file that is one table.
    public let database: DatabaseRows?

    /// The numbers of the columns that are dates.
    public let dates: [Int]

    /// The encoders of a table's columns, in their order.
    public init(
        hasHeader: Bool, columnCount: Int, columns: [ColumnEncoder], targets: [Column], weights: Column?,
        database: DatabaseRows? = nil, dates: [Int] = []
    ) {
        self.hasHeader = hasHeader
        self.columnCount = columnCount
        self.columns = columns
        self.targets = targets
        self.weights = weights
        self.database = database
        self.dates = dates
    }

    /// The number of features of an example.
    public var width: Int { columns.reduce(0) { $0 + $1.width } }

    /// The features of all rows, row-major, and which texts of them training did not have; `places[i]` is where the
    /// table has the column of encoder i.
    func features(
        of table: Table, places: [Int]
    ) throws(DataError) -> (features: [Float], unknown: [UnknownTexts]) {
        guard let count = elementCount([table.rowCount, width]), count <= memoryLimit / 4 else {
            throw .tooLarge(file: table.path, bytes: .max, limit: memoryLimit)
        }
        var features = [Float](repeating: 0, count: count)
        var unknown: [UnknownTexts] = []
        var offset = 0
        for (encoder, place) in zip(columns, places) {
            let rows = try encoder.encode(place, of: table, into: &features, offset: offset, stride: width)
            if rows > 0 { unknown.append(UnknownTexts(column: encoder.name, rows: rows)) }
            offset += encoder.width
        }
        if let at = features.firstIndex(where: { !$0.isFinite }) {
            throw table.notFinite(
                row: at / width, column: name(ofFeature: at % width),
                found: "\(features[at]), after standardising,")
        }
        return (features, unknown)
    }

    private func name(ofFeature index: Int) -> String {
        var end = 0
        for column in columns {
            end += column.width
            if index < end { return column.name }
        }
        return "column \(index)"
    }
}

extension Table {
    /// The example weights in a numeric column.
    func weights(in place: Int) throws(DataError) -> [Float] {
        guard case .numeric(let numbers) = columns[place].values else { return [] }
        for (row, number) in numbers.enumerated() {
            if number.isNaN { throw missingValue(row: row, column: columns[place].name) }
            if number < 0 { throw negativeWeight(row: row, column: columns[place].name, found: "\(number)") }
            guard Float(number).isFinite else {
                throw notFinite(row: row, column: columns[place].name, found: "\(number)")
            }
        }
        return numbers.map { Float($0) }
    }
}
