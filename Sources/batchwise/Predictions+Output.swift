import Batchwise
import BatchwiseData
import Foundations

// The output of `batchwise predict`.

extension Predictions {
    func csv(probabilities: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 16)
        let columns = targets.isEmpty && width > 1 ? (1...width).map(String.init) : targets
        let values = classes.isEmpty && width > 1 ? columns.map { "prediction_\($0)" } : ["prediction"]
        let header = values + (probabilities ? classes.map { "probability_\($0)" } : [])
        bytes += header.map(Self.cell).joined(separator: ",").utf8
        bytes.append(UInt8(ascii: "\n"))
        let names = classes.map { Array(Self.cell($0).utf8) }
        for row in 0..<count {
            if !classes.isEmpty { bytes += names[places[row]] }
            if probabilities || classes.isEmpty {
                for index in 0..<width {
                    if index > 0 || !classes.isEmpty { bytes.append(UInt8(ascii: ",")) }
                    bytes += "\(numbers[row * width + index])".utf8
                }
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

    func json(probabilities: Bool) -> JSON {
        func values(_ row: Int) -> [JSON] {
            (0..<width).map { .number(Double("\(numbers[row * width + $0])") ?? .nan) }
        }
        var entries: [(key: String, value: JSON)] = []
        if classes.isEmpty {
            let rows = (0..<count).map { row in width == 1 ? values(row)[0] : .array(values(row)) }
            entries.append(("predictions", .array(rows)))
        } else {
            entries.append(("predictions", .array(places.map { .string(classes[$0]) })))
        }
        if probabilities {
            entries.append(("classes", .array(classes.map { .string($0) })))
            entries.append(("probabilities", .array((0..<count).map { .array(values($0)) })))
        }
        return .object(entries)
    }

    func npy(probabilities: Bool) throws -> [UInt8] {
        if classes.isEmpty { return try NPYWriter.encode(numbers, shape: width == 1 ? [count] : [count, width]) }
        if probabilities { return try NPYWriter.encode(numbers, shape: [count, width]) }
        let labels = classes.compactMap { Float($0) }
        let isNumbers = labels.count == classes.count
        return try NPYWriter.encode(places.map { isNumbers ? labels[$0] : Float($0) }, shape: [count])
    }
}
