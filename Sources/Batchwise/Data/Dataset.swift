/// Examples in memory: features, targets and weights, all checked once so that training need not.
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
    }

    /// What is to be learnt of all examples.
    public enum Targets: Equatable, Sendable {
        /// The class of each example, an index into `names`.
        case classes([Int32], names: [String])
        /// `width` numbers an example, standardised: the original of number i is `value * deviations[i] + means[i]`.
        case values([Float], width: Int, means: [Float], deviations: [Float])
        /// Nothing is known, as when predicting.
        case none

        /// Numbers of one mean and deviation.
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
    public let features: Features
    public let targets: Targets
    /// The weight of each example, finite and at least 0; nil means 1 for all.
    public let weights: [Float]?

    /// The number of features of one example.
    public let featureCount: Int

    /// Bytes of the features in memory.
    var byteCount: Int {
        switch features {
        case .bytes(let bytes, _, _): bytes.count
        case .floats(let floats): 4 * floats.count
        case .sparse(let rows): 8 * rows.values.count + 8 * rows.starts.count
        }
    }

    /// The number of classes, or nil when the targets are not classes.
    public var classCount: Int? {
        if case .classes(_, let names) = targets { names.count } else { nil }
    }

    /// The same examples, each of weight 1.
    var withoutWeights: Dataset { Dataset(checked: count, featureShape, features, targets, nil) }

    /// What has been checked, or is a selection from what has been.
    init(checked count: Int, _ shape: [Int], _ features: Features, _ targets: Targets, _ weights: [Float]?) {
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
    public func rows(_ indices: [Int]) -> Dataset {
        precondition(indices.allSatisfy { $0 >= 0 && $0 < count }, "rows(_:) needs indices in 0..<\(count)")
        let features: Features =
            switch self.features {
            case .bytes(let all, let scale, let shift):
                .bytes(gathered(all, featureCount, indices), scale: scale, shift: shift)
            case .floats(let all): .floats(gathered(all, featureCount, indices))
            case .sparse(let all): .sparse(all.rows(indices))
            }
        let targets: Targets =
            switch self.targets {
            case .classes(let all, let names): .classes(indices.map { all[$0] }, names: names)
            case .values(let all, let width, let means, let deviations):
                .values(gathered(all, width, indices), width: width, means: means, deviations: deviations)
            case .none: .none
            }
        return Dataset(
            checked: indices.count, featureShape, features, targets, weights.map { all in indices.map { all[$0] } })
    }

    /// Writes the features of these examples one after the other, as a model sees them.
    ///
    /// Every row must be in `0..<count`, and the buffer must have room for all; it allocates nothing.
    public func fill(_ buffer: UnsafeMutableBufferPointer<Float>, rows: some Sequence<Int>) {
        var target = 0
        for row in rows {
            precondition(
                row >= 0 && row < count && target + featureCount <= buffer.count, "fill(_:rows:) out of bounds")
            fill(buffer.baseAddress! + target, row: row)
            target += featureCount
        }
    }

    private func fill(_ target: UnsafeMutablePointer<Float>, row: Int) {
        let places = row * featureCount..<(row + 1) * featureCount
        switch features {
        case .bytes(let all, let scale, let shift):
            for (column, place) in places.enumerated() {
                target[column] = shift.addingProduct(Float(all[place]), scale)
            }
        case .floats(let all):
            all.withUnsafeBufferPointer {
                target.update(from: $0.baseAddress! + places.lowerBound, count: featureCount)
            }
        case .sparse(let all):
            target.update(repeating: 0, count: featureCount)
            for place in all.starts[row]..<all.starts[row + 1] { target[Int(all.columns[place])] = all.values[place] }
        }
    }

    private func gathered<T>(_ values: [T], _ width: Int, _ indices: [Int]) -> [T] {
        var result: [T] = []
        result.reserveCapacity(width * indices.count)
        for index in indices { result.append(contentsOf: values[(index * width)..<((index + 1) * width)]) }
        return result
    }
}
