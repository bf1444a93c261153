import CKernels

/// Examples: features in memory or behind a reader, targets and weights in memory, checked so that training need not.
///
/// ```swift
/// let xor = try Dataset(features: [0, 0, 0, 1, 1, 0, 1, 1], shape: [2], classes: [0, 1, 1, 0])
/// print(xor.count)  // 4
/// ```
/// Features are row-major: `count` examples of `featureShape`.
public struct Dataset: Equatable, Sendable {
    /// The features of all examples.
    public enum Features: Equatable, Sendable {
        /// One byte a feature; a model sees `byte * scale + shift`, computed when a batch is gathered.
        case bytes([UInt8], scale: Float, shift: Float)
        /// The features as a model sees them.
        case floats([Float])
        /// The features as a model sees them, of which most are zero.
        case sparse(SparseRows)
        /// The features are read when a batch needs them.
        case streamed(StreamedFeatures)
    }

    /// The targets of all examples.
    public enum Targets: Equatable, Sendable {
        /// The class of each example, an index into `names`.
        case classes([Int32], names: [String])
        /// `width` numbers an example, standardised: the original of number i is `value * deviations[i] + means[i]`.
        case values([Float], width: Int, means: [Float], deviations: [Float])
        /// The targets are not known, as when predicting.
        case none

        /// `width` numbers for each example, all standardised with one mean and one deviation.
        public static func values(_ values: [Float], width: Int, mean: Float, deviation: Float) -> Self {
            .values(
                values, width: width, means: Array(repeating: mean, count: max(0, width)),
                deviations: Array(repeating: deviation, count: max(0, width)))
        }
    }

    /// The number of examples.
    public let count: Int
    /// The shape of one example: `[784]`, or `[28, 28, 1]` (height, width, channels) for images.
    public let featureShape: [Int]
    /// The features of all examples, in memory or behind a reader.
    public let features: Features
    /// The targets of all examples: classes, standardised numbers, or none.
    public let targets: Targets
    /// The weight of each example, finite and at least 0; nil means 1 for all.
    public let weights: [Float]?

    /// The number of features of one example.
    public let featureCount: Int

    /// Bytes of the features in memory.
    package var byteCount: Int {
        switch features {
        case .bytes(let bytes, _, _): bytes.count
        case .floats(let floats): 4 * floats.count
        case .sparse(let rows): 8 * rows.values.count + 8 * rows.starts.count
        case .streamed: 0
        }
    }

    /// The number of classes, or nil when the targets are not classes.
    public var classCount: Int? {
        if case .classes(_, let names) = targets { names.count } else { nil }
    }

    /// The mean weight of the examples; 1 where they have none.
    package var meanWeight: Double {
        weights.map { $0.reduce(0) { $0 + Double($1) } / Double($0.count) } ?? 1
    }

    /// The data set with the weight of every example set to 1.
    package var withoutWeights: Dataset { Dataset(checked: count, featureShape, features, targets, nil) }

    /// Makes a data set without checks, from parts that have been checked or that are a selection of such parts.
    package init(checked count: Int, _ shape: [Int], _ features: Features, _ targets: Targets, _ weights: [Float]?) {
        self.count = count
        featureShape = shape
        featureCount = shape.reduce(1, *)
        self.features = features
        self.targets = targets
        self.weights = weights
    }
}

extension Dataset {
    /// The first `count` examples, or all when there are not so many.
    public func prefix(_ count: Int) -> Dataset {
        rows(Array(0..<max(0, min(count, self.count))))
    }

    /// The examples of these indices, in this order; an index may occur more than once.
    ///
    /// Every index must be in `0..<count`.
    public func rows(_ indices: [Int]) -> Dataset { rows(RowList(indices)) }

    package func rows(_ indices: RowList) -> Dataset {
        precondition(indices.allSatisfy { $0 >= 0 && $0 < count }, "rows(_:) needs indices in 0..<\(count)")
        let features: Features =
            switch self.features {
            case .bytes(let all, let scale, let shift):
                .bytes(gathered(all, featureCount, indices), scale: scale, shift: shift)
            case .floats(let all): .floats(gathered(all, featureCount, indices))
            case .sparse(let all): .sparse(all.rows(indices))
            case .streamed(let all): .streamed(all.rows(indices))
            }
        return Dataset(
            checked: indices.count, featureShape, features, targets.rows(indices),
            weights.map { all in gathered(all, 1, indices) })
    }

    /// Writes the features of these examples one after the other, as a model sees them.
    ///
    /// Every row must be in `0..<count`, and the buffer must have room for all. Throws what a reader of streamed
    /// features does; where they are in memory it throws and allocates nothing.
    public func fill(_ buffer: UnsafeMutableBufferPointer<Float>, rows: some Sequence<Int>) throws(DataError) {
        if case .streamed(let features) = features { return try fill(buffer, rows: Array(rows), from: features) }
        withRows { source in
            var target = 0
            for row in rows {
                precondition(
                    row >= 0 && row < count && target + featureCount <= buffer.count, "fill(_:rows:) out of bounds")
                var example = UInt64(row)
                bw_gather(source, &example, 1, buffer.baseAddress! + target)
                target += featureCount
            }
        }
    }

    private func fill(
        _ buffer: UnsafeMutableBufferPointer<Float>, rows: [Int], from features: StreamedFeatures
    ) throws(DataError) {
        let numbers = featureCount * rows.count
        precondition(
            rows.allSatisfy { $0 >= 0 && $0 < count } && numbers <= buffer.count, "fill(_:rows:) out of bounds")
        let target = UnsafeMutableBufferPointer(rebasing: buffer[..<numbers])
        guard case .bytes(let scale, let shift) = features.element else {
            return try features.fill(UnsafeMutableRawBufferPointer(target), rows: rows)
        }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: numbers, alignment: 1)
        defer { bytes.deallocate() }
        try features.fill(bytes, rows: rows)
        for place in target.indices { target[place] = shift.addingProduct(Float(bytes[place]), scale) }
    }

}

extension Dataset.Targets {
    /// The targets of the examples of these indices.
    package func rows(_ indices: RowList) -> Self {
        switch self {
        case .classes(let all, let names): .classes(gathered(all, 1, indices), names: names)
        case .values(let all, let width, let means, let deviations):
            .values(gathered(all, width, indices), width: width, means: means, deviations: deviations)
        case .none: .none
        }
    }
}

private func gathered<T>(_ values: [T], _ width: Int, _ indices: RowList) -> [T] {
    var result: [T] = []
    result.reserveCapacity(width * indices.count)
    if width == 1 {
        for index in indices { result.append(values[index]) }
        return result
    }
    for index in indices { result.append(contentsOf: values[(index * width)..<((index + 1) * width)]) }
    return result
}
