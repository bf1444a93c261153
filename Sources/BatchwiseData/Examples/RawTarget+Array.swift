import Batchwise

extension RawTarget {
    /// Reads the labels of an array of examples from their own files; nil looks for them beside the array.
    init(labels: [String], ofArray path: String, count: Int, _ formats: DataFormats) throws(DataError) {
        let sibling = labels.isEmpty ? try SiblingFiles.labels(ofImages: path) : nil
        guard let first = labels.first ?? sibling else { throw .labelsMissing(file: path) }
        try self.init(try formats.labels(sibling.map { [$0] } ?? labels), file: first)
        guard self.count == count else {
            throw .countsDiffer(file: path, count: count, other: first, otherCount: self.count)
        }
    }

    /// The labels in an array of one number, or several, an example.
    init(_ array: NumericArray, file: String) throws(DataError) {
        guard (1...2).contains(array.shape.count), array.shape.allSatisfy({ $0 > 0 }) else {
            throw .badLabels(file: file, detail: "an array of the shape \(array.shape)")
        }
        self.file = file
        width = array.shape.count == 2 ? array.shape[1] : 1
        switch array.storage {
        case .bytes(let numbers): (values, origin) = (.numbers(numbers.map(Double.init)), .integers)
        case .booleans(let numbers): (values, origin) = (.numbers(numbers.map(Double.init)), .booleans)
        case .integers(let numbers):
            guard numbers.allSatisfy({ $0.magnitude <= 1 << 53 }) else {
                throw .badLabels(file: file, detail: "integers beyond 2^53")
            }
            (values, origin) = (.numbers(numbers.map(Double.init)), .integers)
        case .floats(let numbers): (values, origin) = (.numbers(numbers.map(Double.init)), .floats)
        case .doubles(let numbers): (values, origin) = (.numbers(numbers), .floats)
        }
    }
}
