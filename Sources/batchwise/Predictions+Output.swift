import Batchwise
import BatchwiseData
import Foundations

// The output of `batchwise predict`.

extension Predictions {
    /// - Parameter gaps: for each line that was left out, the number of rows before it; its prediction is NA.
    func csv(probabilities: Bool, gaps: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 16)
        let columns = targets.isEmpty && width > 1 ? (1...width).map(String.init) : targets
        let values = classes.isEmpty && width > 1 ? columns.map { "prediction_\($0)" } : ["prediction"]
        let header = values + (probabilities ? classes.map { "probability_\($0)" } : [])
        bytes += header.map(Self.cell).joined(separator: ",").utf8
        bytes.append(UInt8(ascii: "\n"))
        let names = classes.map { Array(Self.cell($0).utf8) }
        let missing = Array(repeatElement("NA", count: header.count).joined(separator: ",").utf8)
        forEachRow(gaps) { row in
            if let row {
                if !classes.isEmpty { bytes += names[places[row]] }
                if probabilities || classes.isEmpty {
                    for index in 0..<width {
                        if index > 0 || !classes.isEmpty { bytes.append(UInt8(ascii: ",")) }
                        bytes += "\(numbers[row * width + index])".utf8
                    }
                }
            } else {
                bytes += missing
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// Hands over all rows, and nil for each line that was left out.
    ///
    /// - Parameter gaps: for each line that was left out, the number of rows before it.
    private func forEachRow(_ gaps: [Int], _ body: (Int?) -> Void) {
        var gap = 0
        for row in 0...count {
            while gap < gaps.count, gaps[gap] == row {
                body(nil)
                gap += 1
            }
            if row < count { body(row) }
        }
    }

    /// A cell of a CSV file, in quotes where it must be.
    private static func cell(_ text: String) -> String {
        let needsQuotes =
            text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) } || text.isEmpty
            || text.hasPrefix(" ") || text.hasSuffix(" ")
        guard needsQuotes else { return text }
        return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    func json(probabilities: Bool, gaps: [Int]) -> JSON {
        func values(_ row: Int) -> [JSON] {
            (0..<width).map { .number(Double("\(numbers[row * width + $0])") ?? .nan) }
        }
        func all(_ value: (Int) -> JSON) -> JSON {
            var all: [JSON] = []
            forEachRow(gaps) { all.append($0.map(value) ?? .null) }
            return .array(all)
        }
        var entries: [(key: String, value: JSON)] = []
        if classes.isEmpty {
            entries.append(("predictions", all { row in width == 1 ? values(row)[0] : .array(values(row)) }))
        } else {
            entries.append(("predictions", all { .string(classes[places[$0]]) }))
        }
        if probabilities {
            entries.append(("classes", .array(classes.map { .string($0) })))
            entries.append(("probabilities", all { .array(values($0)) }))
        }
        return .object(entries)
    }

    func npy(probabilities: Bool, gaps: [Int]) throws -> [UInt8] {
        let labels = classes.compactMap { Float($0) }
        let isNumbers = labels.count == classes.count
        let width = classes.isEmpty || probabilities ? width : 1
        var all: [Float] = []
        all.reserveCapacity((count + gaps.count) * width)
        forEachRow(gaps) { row in
            guard let row else {
                all += repeatElement(.nan, count: width)
                return
            }
            guard !classes.isEmpty, !probabilities else {
                all += self[row]
                return
            }
            all.append(isNumbers ? labels[places[row]] : Float(places[row]))
        }
        let rows = count + gaps.count
        return try NPYWriter.encode(all, shape: width == 1 && !probabilities ? [rows] : [rows, width])
    }
}
