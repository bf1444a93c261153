import Batchwise
import BatchwiseData
import Foundation

/// A model's outputs in the terms of the data: class names with probabilities, or values in the target's unit.
struct Predictions {
    /// The names of the classes; empty for regression.
    let classes: [String]
    let count: Int
    /// The names of several targets; empty where there is one, or no name.
    private let names: [String]
    /// The class of each row.
    private var places: [Int] = []
    /// Row by row: a probability a class, or the values.
    private var numbers: [Float]
    private var width: Int { count == 0 ? 0 : numbers.count / count }

    init(_ saved: SavedModel, outputs: [Float]) {
        let width = saved.model.outputs
        count = outputs.count / width
        if case .table(let encoder) = saved.preprocessing.features, encoder.targets.count > 1 {
            names = encoder.targets.map(\.name)
        } else {
            names = []
        }
        guard case .classes(let names) = saved.preprocessing.target else {
            classes = []
            if case .regression(let means, let deviations) = saved.preprocessing.target {
                numbers = outputs.indices.map {
                    Float(Double(outputs[$0]) * deviations[$0 % width] + means[$0 % width])
                }
            } else {
                numbers = outputs
            }
            return
        }
        classes = names
        places.reserveCapacity(count)
        numbers = []
        numbers.reserveCapacity(count * names.count)
        for row in 0..<count {
            let logits = outputs[(row * width)..<((row + 1) * width)]
            // One output tells two classes apart: the chance of the second.
            let (place, chances) = width == 1 ? Self.logistic(logits.first ?? 0) : Self.softmax(logits)
            places.append(place)
            numbers += chances
        }
    }

    private static func logistic(_ logit: Float) -> (place: Int, chances: [Float]) {
        let chance = Float(1 / (1 + exp(-Double(logit))))
        return (logit > 0 ? 1 : 0, [1 - chance, chance])
    }

    private static func softmax(_ logits: ArraySlice<Float>) -> (place: Int, chances: [Float]) {
        var best = logits.startIndex
        for index in logits.indices where logits[index] > logits[best] { best = index }
        let powers = logits.map { exp(Double($0 - logits[best])) }
        let sum = powers.reduce(0, +)
        return (best - logits.startIndex, powers.map { Float($0 / sum) })
    }

    // MARK: Forms

    func csv(probabilities: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 16)
        let columns = names.isEmpty && width > 1 ? (1...width).map(String.init) : names
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
