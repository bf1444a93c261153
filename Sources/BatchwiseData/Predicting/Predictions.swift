import Batchwise

/// A model's outputs in the terms of the data: class names with probabilities, or values in the target's own unit.
public struct Predictions: Sendable {
    /// The number of rows.
    public let count: Int
    /// The names of the classes; empty for regression.
    public let classes: [String]
    /// The names of several targets; empty where there is one, or no name.
    public let targets: [String]
    /// The class of each row, as its place among `classes`; empty for regression.
    public private(set) var places: [Int] = []
    /// Row by row: a probability a class, or the values.
    public private(set) var numbers: [Float]

    /// The number of results of a row.
    public var width: Int { count == 0 ? 0 : numbers.count / count }

    /// The numbers of a row: a probability a class, or the values.
    public subscript(row: Int) -> ArraySlice<Float> { numbers[(row * width)..<((row + 1) * width)] }

    /// - Parameter outputs: the outputs of a model with `width` outputs, row by row.
    init(outputs: [Float], width: Int, _ preprocessing: Preprocessing) {
        count = outputs.count / width
        if case .table(let encoder) = preprocessing.features, encoder.targets.count > 1 {
            targets = encoder.targets.map(\.name)
        } else {
            targets = []
        }
        numbers = outputs
        switch preprocessing.target {
        case .none: classes = []
        case .regression(let means, let deviations):
            classes = []
            for index in numbers.indices {
                numbers[index] = Float(Double(outputs[index]) * deviations[index % width] + means[index % width])
            }
        case .classes(let names):
            classes = names
            places.reserveCapacity(count)
            outputs.withUnsafeBufferPointer { outputs in
                for first in stride(from: 0, to: outputs.count, by: width) {
                    places.append(Probabilities.place(UnsafeBufferPointer(rebasing: outputs[first..<first + width])))
                }
            }
            guard width > 1 else {
                numbers = outputs.flatMap { logit in
                    let chance = Probabilities.logistic(logit)
                    return [1 - chance, chance]
                }
                return
            }
            numbers.withUnsafeMutableBufferPointer { numbers in
                for first in stride(from: 0, to: numbers.count, by: width) {
                    Probabilities.softmax(UnsafeMutableBufferPointer(rebasing: numbers[first..<first + width]))
                }
            }
        }
    }
}
