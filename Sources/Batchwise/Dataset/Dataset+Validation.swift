import Foundations

extension Dataset {
    /// A data set made of these parts.
    ///
    /// - Throws: `DataError` when a count does not fit, a label is not in `0..<names.count`, or a number is not finite;
    ///   it names the example.
    public init(
        count: Int, featureShape: [Int], features: Features, targets: Targets, weights: [Float]? = nil
    ) throws(DataError) {
        guard featureShape.allSatisfy({ $0 >= 1 }), !featureShape.isEmpty, let width = elementCount(featureShape),
            let expected = elementCount([count, width])
        else { throw count < 0 ? .noExamples : .badShape(featureShape) }
        guard count > 0 else { throw .noExamples }
        switch features {
        case .bytes(let values, let scale, let shift):
            try Self.require(values.count, expected, "features")
            guard scale.isFinite, shift.isFinite else {
                throw .nonFinite(in: "scale and shift", row: 0, found: "\(scale.isFinite ? shift : scale)")
            }
        case .floats(let values):
            try Self.require(values.count, expected, "features")
            try Self.requireFinite(values, width: width, what: "features")
        case .sparse(let rows):
            try Self.require(rows.count, count, "rows")
            try Self.require(rows.width, width, "features of a row")
        case .streamed: break  // looked at when they are read
        }
        try Self.check(targets, count: count)
        if let weights { try Self.check(weights: weights, count: count) }
        self.init(checked: count, featureShape, features, targets, weights)
    }

    /// Examples with classes 0, 1, 2...
    ///
    /// - Parameters:
    ///   - features: row-major, as the model is to see them.
    ///   - shape: the shape of one example.
    ///   - classes: the class of each example.
    ///   - names: the names of the classes; nil names them by number, up to the largest label.
    ///   - weights: the weight of each example; nil means 1 for all.
    public init(
        features: [Float], shape: [Int], classes: [Int], names: [String]? = nil, weights: [Float]? = nil
    ) throws(DataError) {
        try self.init(
            features: .floats(features), shape: shape, classes: classes, names: names, weights: weights)
    }

    /// Examples of bytes with classes 0, 1, 2...; a model sees `byte * scale + shift`.
    public init(
        bytes: [UInt8], shape: [Int], scale: Float, shift: Float, classes: [Int], names: [String]? = nil,
        weights: [Float]? = nil
    ) throws(DataError) {
        try self.init(
            features: .bytes(bytes, scale: scale, shift: shift), shape: shape, classes: classes, names: names,
            weights: weights)
    }

    /// Sparse examples, whose features are mostly zero, with classes 0, 1, 2...
    public init(
        sparse rows: SparseRows, classes: [Int], names: [String]? = nil, weights: [Float]? = nil
    ) throws(DataError) {
        try self.init(
            features: .sparse(rows), shape: [rows.width], classes: classes, names: names, weights: weights)
    }

    /// Examples with `width` numbers to predict each.
    ///
    /// The numbers are standardised with `mean` and `deviation`; nil takes each number's own from `values`. A test set
    /// needs the mean and deviation of its training set.
    public init(
        features: [Float], shape: [Int], values: [Float], width: Int = 1, mean: Float? = nil, deviation: Float? = nil,
        weights: [Float]? = nil
    ) throws(DataError) {
        guard width >= 1 else { throw .badShape([width]) }
        try Self.requireFinite(values, width: width, what: "targets")
        let moments = (0..<width).map { place in
            Moments(stride(from: place, to: values.count, by: width).map { Double(values[$0]) })
        }
        try self.init(
            features: features, shape: shape, values: values,
            means: mean.map { Array(repeating: Double($0), count: width) } ?? moments.map(\.mean),
            deviations: deviation.map { Array(repeating: Double($0), count: width) } ?? moments.map(\.deviation),
            weights: weights)
    }

    /// Examples with as many numbers to predict each as there are means: number i is standardised with `means[i]` and
    /// `deviations[i]`, which come from a training set.
    public init(
        features: [Float], shape: [Int], values: [Float], means: [Double], deviations: [Double],
        weights: [Float]? = nil
    ) throws(DataError) {
        let width = means.count
        guard width >= 1, deviations.count == width else { throw .badShape([width, deviations.count]) }
        guard values.count % width == 0 else {
            throw .elementCount(of: "values", expected: (values.count / width + 1) * width, found: values.count)
        }
        try Self.requireFinite(values, width: width, what: "targets")
        for (mean, deviation) in zip(means, deviations) {
            guard deviation > 0, deviation.isFinite, mean.isFinite else {
                throw .nonFinite(in: "mean and deviation", row: 0, found: "\(mean), \(deviation)")
            }
        }
        let standardised = values.enumerated().map { Float((Double($1) - means[$0 % width]) / deviations[$0 % width]) }
        try self.init(
            count: values.count / width, featureShape: shape, features: .floats(features),
            targets: .values(
                standardised, width: width, means: means.map { Float($0) }, deviations: deviations.map { Float($0) }),
            weights: weights)
    }

    /// Examples with features and without targets.
    public init(features: [Float], shape: [Int]) throws(DataError) {
        guard let width = elementCount(shape), width > 0 else { throw .badShape(shape) }
        try self.init(count: features.count / width, featureShape: shape, features: .floats(features), targets: .none)
    }

    /// Examples with classes 0, 1, 2..., with features of any kind.
    init(
        features: Features, shape: [Int], classes: [Int], names: [String]?, weights: [Float]?
    ) throws(DataError) {
        let largest = classes.max() ?? -1
        // More names than labels can mean that the labels are something else, such as identifiers.
        guard names != nil || largest < max(1 << 16, classes.count) else {
            throw .labelOutOfRange(row: classes.firstIndex(of: largest) ?? 0, label: largest, classes: classes.count)
        }
        let names = names ?? (0..<max(0, largest + 1)).map(String.init)
        for (row, label) in classes.enumerated() where label < 0 || label >= names.count {
            throw .labelOutOfRange(row: row, label: label, classes: names.count)
        }
        try self.init(
            count: classes.count, featureShape: shape, features: features,
            targets: .classes(classes.map { Int32(clamping: $0) }, names: names), weights: weights)
    }

    private static func check(_ targets: Targets, count: Int) throws(DataError) {
        switch targets {
        case .classes(let classes, let names):
            try require(classes.count, count, "labels")
            for (row, label) in classes.enumerated() where label < 0 || Int(label) >= names.count {
                throw .labelOutOfRange(row: row, label: Int(label), classes: names.count)
            }
        case .values(let values, let width, let means, let deviations):
            guard width >= 1, let expected = elementCount([count, width]) else { throw .badShape([width]) }
            try require(values.count, expected, "targets")
            try require(means.count, width, "means")
            try require(deviations.count, width, "deviations")
            try requireFinite(values, width: width, what: "targets")
            for (mean, deviation) in zip(means, deviations) {
                guard mean.isFinite, deviation.isFinite, deviation > 0 else {
                    throw .nonFinite(in: "mean and deviation", row: 0, found: "\(mean), \(deviation)")
                }
            }
        case .none: break
        }
    }

    private static func check(weights: [Float], count: Int) throws(DataError) {
        try require(weights.count, count, "weights")
        for (row, weight) in weights.enumerated() where !weight.isFinite || weight < 0 {
            throw .badWeight(row: row, found: "\(weight)")
        }
        // Every mean divides by the sum of the weights.
        guard weights.contains(where: { $0 > 0 }) else { throw .badWeight(row: 0, found: "0, as all are,") }
    }

    private static func require(_ found: Int, _ expected: Int, _ what: String) throws(DataError) {
        guard found == expected else { throw .elementCount(of: what, expected: expected, found: found) }
    }

    private static func requireFinite(_ values: [Float], width: Int, what: String) throws(DataError) {
        // x - x is 0 for a finite x only, so this sum finds whether to look closer without a branch a value.
        let probe = values.withUnsafeBufferPointer { buffer in
            var bits: UInt32 = 0
            for value in buffer { bits |= (value - value).bitPattern }
            return bits
        }
        guard probe != 0, let index = values.firstIndex(where: { !$0.isFinite }) else { return }
        throw .nonFinite(in: what, row: index / width, found: "\(values[index])")
    }
}
