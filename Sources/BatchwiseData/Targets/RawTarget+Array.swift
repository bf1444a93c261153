import Batchwise

extension RawTarget {
    /// Reads the labels of an array of examples from their own files; nil looks for them beside the array.
    init(labels: [String], ofArray path: String, count: Int, _ formats: DataFormats) throws(DataError) {
        let sibling = labels.isEmpty ? try SiblingFiles.labels(ofImages: path) : nil
        guard let first = labels.first ?? sibling else { throw .labelsMissing(file: path) }
        switch try formats.labels(sibling.map { [$0] } ?? labels) {
        case .numbers(let array): try self.init(array, file: first)
        case .texts(let array): try self.init(array, file: first)
        }
        guard self.count == count else {
            throw .countsDiffer(file: path, count: count, other: first, otherCount: self.count)
        }
    }

    /// The labels in an array of texts, one an example.
    init(_ array: TextArray, file: String) throws(DataError) {
        guard !array.codes.isEmpty, array.shape.dropFirst().allSatisfy({ $0 == 1 }) else {
            throw .badLabels(file: file, detail: "an array of texts of the shape \(array.shape)")
        }
        if array.levels.first?.isEmpty == true, let row = array.codes.firstIndex(of: 0) {
            throw .badLabels(file: file, detail: "example \(row) (from 0) has an empty text")
        }
        self.init(
            file: file, values: .texts(codes: array.codes, levels: array.levels), width: 1, origin: .texts)
    }

    /// The labels in an array of one number, or several, an example. Dimensions of 1 behind these do not count.
    init(_ array: NumericArray, file: String) throws(DataError) {
        var shape = array.shape
        while shape.count > 2, shape.last == 1 { shape.removeLast() }
        guard (1...2).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
            throw .badLabels(file: file, detail: "an array of the shape \(array.shape)")
        }
        self.file = file
        width = shape.count == 2 ? shape[1] : 1
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
