import Batchwise
/// An array of examples and its way to features: IDX images, NPY arrays.
struct ArrayExamples: ExampleFile {
    let path: String
    let array: NumericArray
    /// The shape of one example; images without channels get one.
    let featureShape: [Int]

    init(_ array: NumericArray, file: String) throws(DataError) {
        let example = Array(array.shape.dropFirst())
        guard !array.shape.isEmpty, array.count > 0, example.allSatisfy({ $0 > 0 }) else {
            throw .unsupported(file: file, detail: "an array of the shape \(array.shape) holds no examples")
        }
        self.path = file
        self.array = array
        featureShape = Self.featureShape(example)
    }

    static func featureShape(_ example: [Int]) -> [Int] {
        example.isEmpty ? [1] : example.count == 2 ? example + [1] : example
    }

    /// An array of an NPZ file.
    init(_ npz: NPZ, _ name: String) throws(DataError) {
        try self.init(npz.array(name), file: npz.path(of: name))
    }

    var count: Int { array.count }
    var keepsTestRows: Bool { false }
    private var width: Int { featureShape.reduce(1, *) }

    func fitted(rows: RowList?, standardise: Bool) throws(DataError) -> Preprocessing.Features {
        guard standardise else { return .uniform(scale: 1, shift: 0) }
        switch array.storage {
        case .bytes(let bytes), .booleans(let bytes):
            let moments = Moments(counts: Moments.counts(bytes, width: width, rows: rows))
            return .uniform(scale: Float(1 / moments.deviation), shift: Float(-moments.mean / moments.deviation))
        case .integers(let values): return try perFeature(rows) { Double(values[$0]) }
        case .floats(let values): return try perFeature(rows) { Double(values[$0]) }
        case .doubles(let values): return try perFeature(rows) { values[$0] }
        }
    }

    func features(for preprocessing: Preprocessing) throws(DataError) -> Dataset.Features {
        guard featureShape == preprocessing.featureShape else {
            throw .shapeDiffers(file: path, expected: preprocessing.featureShape, found: featureShape)
        }
        let fitted = preprocessing.features
        switch (fitted, array.storage) {
        case (.table, _), (.sparse, _), (.characters, _):
            throw .unsupported(file: path, detail: "is an array, and the model was trained on something else")
        case (.uniform(let scale, let shift), .bytes(let bytes)),
            (.uniform(let scale, let shift), .booleans(let bytes)):
            return .bytes(bytes, scale: scale, shift: shift)
        case (_, .bytes(let values)), (_, .booleans(let values)):
            return try floats(fitted) { Double(values[$0]) }
        case (_, .integers(let values)): return try floats(fitted) { Double(values[$0]) }
        case (_, .floats(let values)): return try floats(fitted) { Double(values[$0]) }
        case (_, .doubles(let values)): return try floats(fitted) { values[$0] }
        }
    }

    func target(labels: [String]) throws(DataError) -> RawTarget {
        try RawTarget(labels: labels, ofArray: path, count: count)
    }

    /// Row by row, so that memory is walked once a pass.
    @inline(__always)
    private func perFeature(_ rows: RowList?, _ value: (Int) -> Double) throws(DataError) -> Preprocessing.Features {
        let width = width
        let rows = rows ?? RowList(0..<count)
        guard !rows.isEmpty else { throw .noExamples }
        var moments = FeatureMoments(width: width)
        for row in rows { moments.add { value(row * width + $0) } }
        moments.endFirstPass()
        for row in rows { moments.addDistance { value(row * width + $0) } }
        if let feature = moments.endSecondPass() {
            throw nonFinite(value) ?? .unsupported(file: path, detail: "feature \(feature) is too large or too small")
        }
        return .perFeature(means: moments.means, deviations: moments.deviations)
    }

    @inline(__always)
    private func floats(
        _ fitted: Preprocessing.Features, _ value: (Int) -> Double
    ) throws(DataError) -> Dataset.Features {
        let width = width
        var result = [Float](repeating: 0, count: count * width)
        switch fitted {
        case .perFeature(let means, let deviations):
            for row in 0..<count {
                for feature in 0..<width {
                    let at = row * width + feature
                    result[at] = Float((value(at) - means[feature]) / deviations[feature])
                }
            }
        case .uniform(let scale, let shift):
            for at in result.indices { result[at] = Float(value(at)) * scale + shift }
        case .table, .sparse, .characters: break
        }
        if let bad = result.firstIndex(where: { !$0.isFinite }) {
            throw .nonFinite(in: "features in \(path)", row: bad / width, found: "\(value(bad))")
        }
        return .floats(result)
    }

    private func nonFinite(_ value: (Int) -> Double) -> DataError? {
        (0..<(count * width)).first { !value($0).isFinite }.map {
            .nonFinite(in: "features in \(path)", row: $0 / width, found: "\(value($0))")
        }
    }
}

extension RawTarget {
    /// The labels of an array of examples, from their own file; nil looks beside the array.
    init(labels: [String], ofArray path: String, count: Int) throws(DataError) {
        let sibling = labels.isEmpty ? try SiblingFiles.labels(ofImages: path) : nil
        guard let first = labels.first ?? sibling else { throw .labelsMissing(file: path) }
        try self.init(try DataFile.labels(paths: sibling.map { [$0] } ?? labels), file: first)
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
