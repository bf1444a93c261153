import Batchwise
import Foundations

/// Turns a single row of a table into features, by the rules of a ``TableEncoder`` without a file around the row.
struct RowEncoder: Sendable {
    /// A column that the model reads.
    private struct Column: Sendable {
        let encoder: ColumnEncoder
        let isDate: Bool
        let notation: ColumnNotation?
        /// The texts of the column, where training has listed them; nil for numbers, and for texts that are hashed.
        let listed: Listed?
    }

    /// The texts of a column, with a place behind them for a text that training did not have.
    private struct Listed: Sendable {
        let places: [String: Int]
        let unknown: Int
        let cell: CellEncoder
    }

    private let columns: [Column]
    let width: Int

    init(_ encoder: TableEncoder) {
        width = encoder.width
        columns = encoder.columns.map {
            Column(
                encoder: $0, isDate: encoder.dates.contains($0.number),
                notation: encoder.notation(ofColumn: $0.number), listed: Self.listed($0))
        }
    }

    private static func listed(_ encoder: ColumnEncoder) -> Listed? {
        let names: [String]
        switch encoder.encoding {
        case .oneHot(let levels, _, _), .ordinal(let levels, _, _, _, _): names = levels
        case .numeric, .logarithmic, .date, .hashed: return nil
        }
        var unknown = "unknown"
        while names.contains(unknown) { unknown += "?" }
        let column = TableColumn(name: encoder.name, levels: names + [unknown])
        return Listed(
            places: Dictionary(zip(names, 0...)) { first, _ in first }, unknown: names.count,
            cell: CellEncoder(encoder, of: column))
    }

    /// The names of the columns, in the order of the training file.
    var names: [String] { columns.map(\.encoder.name) }

    /// The features of a row by the names of its columns; others than the model reads are ignored.
    func features(_ row: [String: Cell]) throws(PredictionError) -> [Float] {
        try features { (place) throws(PredictionError) in
            let name = columns[place].encoder.name
            guard let cell = row[name] else {
                throw .missingColumn(name: name, nearest: nearestName(to: name, in: row.keys.sorted()))
            }
            return cell
        }
    }

    /// The features of a row in the order of ``names``.
    func features(_ row: [Cell]) throws(PredictionError) -> [Float] {
        guard row.count == columns.count else { throw .cellCount(expected: columns.count, found: row.count) }
        return try features { row[$0] }
    }

    private func features(_ cell: (Int) throws(PredictionError) -> Cell) throws(PredictionError) -> [Float] {
        var features = [Float](repeating: 0, count: width)
        var start = 0
        for (place, column) in columns.enumerated() {
            let cell = try cell(place)
            let (encoder, value) = try self.value(of: cell, in: column)
            features.withUnsafeMutableBufferPointer { encoder.encode(value, $0.baseAddress! + start) }
            let end = start + column.encoder.width
            guard features[start..<end].allSatisfy(\.isFinite) else {
                throw .badCell(column: column.encoder.name, detail: "\(value) is no finite number once standardised")
            }
            start = end
        }
        return features
    }

    /// The cell as encoders read it: a number, NaN for none, or the place of a text, -1 for none.
    private func value(
        of cell: Cell, in column: Column
    ) throws(PredictionError) -> (encoder: CellEncoder, value: Double) {
        let name = column.encoder.name
        if column.encoder.kind == .numeric {
            let number = try number(cell, column)
            if case .logarithmic = column.encoder.encoding, number <= -1 {
                throw .badCell(column: name, detail: "log needs numbers above -1, and \(number) found")
            }
            return (CellEncoder(column.encoder, of: TableColumn(name: name)), number)
        }
        let text: String
        switch cell {
        case .missing: return (column.listed?.cell ?? CellEncoder(column.encoder, of: .init(name: name)), -1)
        case .text(let written): text = written
        case .number(let number):
            // a column of texts may hold numbers too, as a file writes them
            text = Int(exactly: number).map(String.init) ?? "\(number)"
        }
        guard let listed = column.listed else {
            return (CellEncoder(column.encoder, of: TableColumn(name: name, levels: [text])), 0)
        }
        return (listed.cell, Double(listed.places[text] ?? listed.unknown))
    }

    private func number(_ cell: Cell, _ column: Column) throws(PredictionError) -> Double {
        switch cell {
        case .missing: return .nan
        case .number(let number):
            guard number.isFinite else {
                throw .badCell(column: column.encoder.name, detail: "\(number) is no finite number; give null for none")
            }
            return number
        case .text(let text):
            guard let number = self.number(of: text, column), !number.isInfinite else {
                let kind = column.isDate ? "a date, such as 2024-03-01" : "a number"
                throw .badCell(column: column.encoder.name, detail: "\"\(escaped(text, limit: 60))\" is not \(kind)")
            }
            return number
        }
    }

    /// The number or date that a text stands for, in the notation of the training file; NaN for a word for none.
    private func number(of text: String, _ column: Column) -> Double? {
        var text = text
        return text.withUTF8 { bytes in
            let missing: [String]
            let value: Double?
            switch column.notation {
            case .dates(let notation)?: (value, missing) = (notation.seconds(bytes), notation.missing)
            case .numbers(let notation)?:
                (value, missing) = (notation.value(bytes), notation.missing)
            case nil:
                (value, missing) = (
                    column.isDate
                        ? DateNotation().seconds(bytes)
                        : CSVNumber.parse(bytes, bytes.indices) ?? NumberNotation().value(bytes), []
                )
            }
            if let value { return value }
            let isMissing =
                MissingWords.contains(bytes) || MissingWords.isMark(bytes)
                || missing.contains { $0.utf8.elementsEqual(bytes) }
            return isMissing ? .nan : nil
        }
    }
}
