import Batchwise

/// Turns the stored numbers of a column of a converted table into cells of the wanted type.
struct StoredCells: Sendable {
    let column: TableColumn
    let kind: Table.Kind
    /// The place that each stored index of a text has among the sorted levels; empty for numbers.
    private let places: [Int32]
    /// The place of each number that is wanted as a text.
    private let placeOfNumber: [Double: Int32]

    /// - Parameter numbers: the different numbers of the column, where they are wanted as texts.
    init(
        _ column: ConvertedManifest.Column, kind: Table.Kind, numbers: Set<Double>?, path: String
    ) throws(DataError) {
        self.kind = kind
        func order(_ one: String, _ other: String) -> Bool { one.utf8.lexicographicallyPrecedes(other.utf8) }
        if kind == .skip {
            self.column = TableColumn(name: column.name)
            (places, placeOfNumber) = ([], [:])
        } else if let numbers {
            let texts = Set(numbers.map(numberText)).sorted(by: order)
            var placeOfText: [String: Int32] = [:]
            for (place, text) in texts.enumerated() { placeOfText[text] = Int32(place) }
            var placeOfNumber: [Double: Int32] = [:]
            for number in numbers { placeOfNumber[number] = placeOfText[numberText(number)] }
            self.placeOfNumber = placeOfNumber
            places = []
            self.column = TableColumn(name: column.name, levels: texts)
        } else if let levels = column.levels {
            guard kind != .numeric, kind != .date else {
                throw .notANumber(file: path, line: 1, column: column.name, found: levels.first ?? "")
            }
            let sorted = levels.indices.sorted { order(levels[$0], levels[$1]) }
            var places = [Int32](repeating: 0, count: levels.count)
            for (place, level) in sorted.enumerated() { places[level] = Int32(place) }
            self.places = places
            placeOfNumber = [:]
            self.column = TableColumn(name: column.name, levels: sorted.map { levels[$0] })
        } else {
            (places, placeOfNumber) = ([], [:])
            self.column = TableColumn(name: column.name, isDate: column.isDate == true)
        }
    }

    /// The cell of a stored number.
    @inline(__always)
    func cell(_ stored: Double, path: String) throws(DataError) -> Double {
        guard column.levels != nil else { return stored }
        if !placeOfNumber.isEmpty { return Double(placeOfNumber[stored] ?? -1) }
        guard let code = Int(exactly: stored), code >= -1, code < places.count else {
            // a column in which all numbers are missing has no texts either
            if stored.isNaN { return -1 }
            throw .badHeader(
                file: path, format: "converted",
                detail: "\(stored) in the column \(column.name) is none of \(places.count) levels")
        }
        return code < 0 ? -1 : Double(places[code])
    }
}
