import Batchwise
import Foundations

/// Encodes the rows of a table as features, and tells which columns are targets and weights.
public struct TableEncoder: Codable, Equatable, Sendable {
    /// A column by name and place.
    public struct Column: Codable, Equatable, Sendable {
        /// The column's name in the training file.
        public let name: String
        /// The column's place in the training file, counted from 1.
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
    /// The table or query of a database that training read; nil for a file that is one table.
    public let database: DatabaseRows?

    /// The numbers of the columns that are dates.
    public let dates: [Int]
    /// The notations of columns whose cells are not written as programs write them; nil where all are, and in models of
    /// earlier versions.
    public let notations: [Notation]?

    /// The notation of a column.
    public struct Notation: Codable, Equatable, Sendable {
        /// The column's place in the training file, counted from 1.
        public let number: Int
        /// The way in which its cells are written.
        public let notation: ColumnNotation
    }

    /// The encoders of a table's columns, in their order.
    public init(
        hasHeader: Bool, columnCount: Int, columns: [ColumnEncoder], targets: [Column], weights: Column?,
        database: DatabaseRows? = nil, dates: [Int] = [], notations: [ColumnNotation?] = []
    ) {
        self.hasHeader = hasHeader
        self.columnCount = columnCount
        self.columns = columns
        self.targets = targets
        self.weights = weights
        self.database = database
        self.dates = dates
        let kept = notations.enumerated().compactMap { place, notation in
            notation.map { Notation(number: place + 1, notation: $0) }
        }
        self.notations = kept.isEmpty ? nil : kept
    }

    /// The notation of the column of this number in the training file; nil where it is that of programs.
    func notation(ofColumn number: Int) -> ColumnNotation? { notations?.first { $0.number == number }?.notation }

    /// The encoder without the ranges of its columns, for a comparison with one of an earlier version.
    var withoutRanges: TableEncoder {
        TableEncoder(
            hasHeader: hasHeader, columnCount: columnCount, columns: columns.map(\.withoutRange), targets: targets,
            weights: weights, database: database, dates: dates,
            notations: (0..<columnCount).map { notation(ofColumn: $0 + 1) })
    }

    /// The number of features of an example.
    public var width: Int { columns.reduce(0) { $0 + $1.width } }

    /// The features of all rows, and which texts of them training did not have; `places[i]` is where the table has the
    /// column of encoder i.
    ///
    /// - Parameter memory: bytes that they may take; more are made of the rows when a batch needs them, unless the rows
    ///   are in memory and no smaller.
    func features(
        of rows: any TableRows, places: [Int], memory: Int
    ) throws(DataError) -> (features: Dataset.Features, unknown: [UnknownTexts]) {
        let width = width
        guard let count = elementCount([rows.rowCount, width]), count <= memoryLimit / 4 || rows.storedBytes > 0 else {
            throw .tooLarge(file: rows.path, bytes: .max, limit: memoryLimit)
        }
        let cells = zip(columns, places).map { CellEncoder($0, of: rows.columns[$1]) }
        var unknown = [Int](repeating: 0, count: cells.count)
        if 4 * count > memory, rows.storedBytes > 0 || 4 * count > rows.byteCount {
            try rows.forEachRun { (run, _) throws(DataError) in
                for (index, place) in places.enumerated() {
                    try columns[index].check(run, place)
                    if case .categorical(let codes, _) = run.columns[place].values {
                        unknown[index] += cells[index].unknown(in: codes)
                    }
                }
            }
            let reader = TableFeatures(self, of: rows, places: places)
            return (.streamed(StreamedFeatures(.floats, reader: reader)), unknownTexts(unknown))
        }
        var features = [Float](repeating: 0, count: count)
        try rows.forEachRun { (run, first) throws(DataError) in
            var offset = first * width
            for (index, place) in places.enumerated() {
                try columns[index].check(run, place)
                unknown[index] += features.withUnsafeMutableBufferPointer {
                    cells[index].encode(run.columns[place].values, $0.baseAddress! + offset, stride: width)
                }
                offset += cells[index].width
            }
            let end = (first + run.rowCount) * width
            if let at = features[(first * width)..<end].firstIndex(where: { !$0.isFinite }) {
                throw run.notFinite(
                    row: at / width - first, column: name(ofFeature: at % width),
                    found: "\(features[at]), after standardising,")
            }
        }
        return (.floats(features), unknownTexts(unknown))
    }

    private func unknownTexts(_ rows: [Int]) -> [UnknownTexts] {
        zip(columns, rows).compactMap { $1 > 0 ? UnknownTexts(column: $0.name, rows: $1) : nil }
    }

    /// The column that a feature is of.
    func name(ofFeature index: Int) -> String {
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
