import Batchwise
import BatchwiseData
import Foundations

/// The results that a model has for a row: their names, in the order in which they are written.
struct PredictionHeader {
    let classes: [String]
    /// The names of the values of a row: one for each target.
    let values: [String]
    /// The numbers of a row: a probability a class, or the values.
    let width: Int
    let probabilities: Bool

    init(_ predictor: RowPredictor, probabilities: Bool) {
        classes = predictor.classes
        let targets = predictor.targets
        width = classes.isEmpty ? max(1, predictor.predictor.outputCount) : classes.count
        self.probabilities = probabilities
        let columns = targets.count == width ? targets : (1...width).map(String.init)
        values = classes.isEmpty && width > 1 ? columns.map { "prediction_\($0)" } : ["prediction"]
    }

    /// The names of all columns behind those that name the rows.
    var columns: [String] { values + (probabilities ? classes.map { "probability_\($0)" } : []) }
}

/// Predictions of some rows, with the names of the rows.
struct PredictionPart {
    let header: PredictionHeader
    /// Nil where all rows were left out.
    let predictions: Predictions?
    let names: [RowNames]
    /// For each line that was left out, the number of rows before it; its prediction is missing.
    let gaps: [Int]

    private var count: Int { predictions?.count ?? 0 }

    /// Hands over all rows, and nil for each line that was left out.
    func forEachRow(_ body: (Int?) -> Void) {
        var gap = 0
        for row in 0...count {
            while gap < gaps.count, gaps[gap] <= row {
                body(nil)
                gap += 1
            }
            if row < count { body(row) }
        }
    }

    /// The numbers of a row that are written.
    private func numbers(_ row: Int) -> ArraySlice<Float> {
        guard let predictions, header.classes.isEmpty || header.probabilities else { return [] }
        return predictions[row]
    }

    /// The name of the class of a row; nil where numbers are predicted.
    func className(_ row: Int) -> String? {
        guard let predictions, !header.classes.isEmpty else { return nil }
        return header.classes[predictions.places[row]]
    }

    func lines(_ form: PredictionFormat, withHeader: Bool) -> [UInt8] {
        form == .jsonl ? jsonLines() : csv(withHeader: withHeader)
    }

    // MARK: CSV

    private func csv(withHeader: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 16)
        let columns = names.map(\.title) + header.columns
        if withHeader { bytes += columns.map(Self.cell).joined(separator: ",").utf8 + [UInt8(ascii: "\n")] }
        let classes = header.classes.map { Array(Self.cell($0).utf8) }
        let missing = Array(repeatElement("NA", count: columns.count).joined(separator: ",").utf8)
        forEachRow { row in
            guard let row, let predictions else {
                bytes += missing + [UInt8(ascii: "\n")]
                return
            }
            for name in names {
                bytes += Self.cell(name.texts[row]).utf8
                bytes.append(UInt8(ascii: ","))
            }
            if !classes.isEmpty { bytes += classes[predictions.places[row]] }
            var isFirst = classes.isEmpty
            for number in numbers(row) {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                bytes += "\(number)".utf8
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// A cell of a CSV file, in quotes where it must be.
    private static func cell(_ text: String) -> String {
        let needsQuotes =
            text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) } || text.isEmpty
            || text.hasPrefix(" ") || text.hasSuffix(" ")
        guard needsQuotes else { return text }
        return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    // MARK: JSON

    /// An object a line, whose keys are the columns of the CSV form.
    private func jsonLines() -> [UInt8] {
        var bytes: [UInt8] = []
        let columns = header.columns
        forEachRow { row in
            var entries = names.map { name in (key: name.title, value: row.map { JSON.string(name.texts[$0]) } ?? .null)
            }
            let values = row.map { row in
                (className(row).map { [JSON.string($0)] } ?? []) + numbers(row).map(JSON.init(shortest:))
            }
            for (place, column) in columns.enumerated() { entries.append((column, values?[place] ?? .null)) }
            bytes += JSON.object(entries).text.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// A value for each row, null for each line that was left out.
    func values(_ value: (Int) -> JSON) -> [JSON] {
        var all: [JSON] = []
        forEachRow { all.append($0.map(value) ?? .null) }
        return all
    }

    func rowNumbers(_ row: Int) -> [JSON] { predictions.map { $0[row].map(JSON.init(shortest:)) } ?? [] }
}

extension JSON {
    /// A number with the digits of a Float, not those of the Double next to it.
    init(shortest number: Float) { self = .number(Double("\(number)") ?? .nan) }
}

// MARK: Outputs of all parts

extension PredictionHeader {
    /// One object for all rows.
    func json(_ parts: [PredictionPart]) -> JSON {
        func all(_ value: (PredictionPart, Int) -> JSON) -> JSON {
            .array(parts.flatMap { part in part.values { value(part, $0) } })
        }
        var entries: [(key: String, value: JSON)] = []
        if classes.isEmpty {
            entries.append(
                (
                    "predictions",
                    all { part, row in width == 1 ? part.rowNumbers(row)[0] : .array(part.rowNumbers(row)) }
                ))
        } else {
            entries.append(("predictions", all { part, row in JSON(part.className(row)) }))
        }
        if probabilities {
            entries.append(("classes", .array(classes.map { .string($0) })))
            entries.append(("probabilities", all { part, row in .array(part.rowNumbers(row)) }))
        }
        let titles = parts.first?.names.map(\.title) ?? []
        if !titles.isEmpty {
            entries.append(
                (
                    "ids",
                    .object(
                        titles.enumerated().map { place, title in
                            (title, all { part, row in .string(part.names[place].texts[row]) })
                        })
                ))
        }
        return .object(entries)
    }

    /// An array of the classes or values; of the probabilities alone where these are asked for.
    func npy(_ parts: [PredictionPart]) throws -> [UInt8] {
        let labels = classes.compactMap { Float($0) }
        let isNumbers = labels.count == classes.count
        let width = classes.isEmpty || probabilities ? width : 1
        var (all, rows) = ([Float](), 0)
        for part in parts {
            part.forEachRow { row in
                rows += 1
                guard let row, let predictions = part.predictions else {
                    all += repeatElement(.nan, count: width)
                    return
                }
                if !classes.isEmpty, !probabilities {
                    let place = predictions.places[row]
                    all.append(isNumbers ? labels[place] : Float(place))
                } else {
                    all += predictions[row]
                }
            }
        }
        return try NPYWriter.encode(all, shape: width == 1 && !probabilities ? [rows] : [rows, width])
    }
}
