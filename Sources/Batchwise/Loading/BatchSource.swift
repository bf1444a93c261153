import CKernels

/// Factors of the weights of a batch's places, for the control of an audit in which examples do not count alike.
final class PartWeights: @unchecked Sendable {
    /// One factor for each place of the next batch; nil where all are 1. It is written between updates only.
    var factors: [Double]?
}

/// Fills an arena with examples of a data set.
struct BatchSource: Sendable {
    let data: Dataset
    /// The loss, which decides how targets are passed: `width` numbers an example, or one class number.
    let loss: Loss

    /// Whether a class is passed as a row with 1 in its place, as losses of the program's own read it.
    private let isOneHot: Bool
    /// The largest magnitude of a feature in memory.
    let largestFeature: Float
    /// The mean weight of the examples; 1 where they have none.
    let meanWeight: Double
    /// Whether the features are too many to be in a near cache anyway.
    let isFar: Bool
    /// The factors of the weights; only audits change them.
    let parts = PartWeights()

    init(data: Dataset, loss: Loss) {
        self.data = data
        self.loss = loss
        isOneHot = if case (.ofProgram, .classes) = (loss, data.targets) { true } else { false }
        meanWeight = data.meanWeight
        isFar = data.byteCount > 1 << 19  // streamed features are in the cache already
        switch data.features {
        case .bytes(_, let scale, let shift): largestFeature = max(abs(shift), abs(255 * scale + shift))
        case .floats(let floats): largestFeature = bw_largest_magnitude(floats, floats.count)
        case .sparse(let rows): largestFeature = bw_largest_magnitude(rows.values, rows.values.count)
        case .streamed: largestFeature = 0
        }
    }

    /// Whether the features are sparse rows.
    var isSparse: Bool { if case .sparse = data.features { true } else { false } }

    /// Writes features, targets and weights of the examples whose numbers are in these rows of `arena.examples`.
    ///
    /// Where features were loaded, the first of these rows has its features at `place` of the loaded rows.
    func gather(
        into arena: Arena, _ rows: Range<Int>, divisor: Double = 1, loaded: LoadedRows? = nil, place: Int = 0
    ) {
        let program = arena.program
        let base = arena.base
        let first = rows.lowerBound
        let examples = arena.examples + first
        if let input = program.input {
            let x = base + input.offset + first * input.width
            if let loaded {
                bw_gather(loaded.rows, loaded.places + place, rows.count, x)
            } else {
                gatherFeatures(examples, rows.count, to: x)
            }
        }
        if let tensor = program.exampleWeight {
            let weights = base + tensor.offset + first
            if let factors = parts.factors {
                for row in 0..<rows.count {
                    weights[row] = Float(factors[place + row] * weight(Int(examples[row])) / divisor)
                }
            } else if data.weights == nil {
                weights.update(repeating: Float(1 / divisor), count: rows.count)
            } else {
                for row in 0..<rows.count {
                    weights[row] = lossFactor(ofExample: Int(examples[row]), divisor: divisor)
                }
            }
        }
        guard let target = program.target else { return }
        let y = base + target.offset + first * target.width
        if let mixture = loaded?.mixture {
            return gatherMixed(
                mixture.others + place, mixture.parts + place, examples, rows.count, to: y, width: target.width)
        }
        gatherTargets(examples, rows.count, to: y, width: target.width)
    }

    /// Writes the features of examples, which are in memory.
    func gatherFeatures(_ examples: UnsafePointer<UInt64>, _ count: Int, to x: UnsafeMutablePointer<Float>) {
        data.withRows { bw_gather($0, examples, count, x) }
    }

    /// Writes the targets of examples.
    func gatherTargets(
        _ examples: UnsafePointer<UInt64>, _ count: Int, to y: UnsafeMutablePointer<Float>, width: Int
    ) {
        switch data.targets {
        case .classes(let classes, _) where isOneHot:
            y.update(repeating: 0, count: count * width)
            for row in 0..<count { y[row * width + Int(classes[Int(examples[row])])] = 1 }
        case .classes(let classes, _):
            classes.withUnsafeBufferPointer { for row in 0..<count { y[row] = Float($0[Int(examples[row])]) } }
        case .values(let values, let width, _, _):
            values.withUnsafeBufferPointer {
                var targets = bw_rows(floats: $0.baseAddress, width: width)
                bw_gather(&targets, examples, count, y)
            }
        case .none: break
        }
    }

    /// Writes targets, each mixed with that of another example: classes as both numbers and the part of the first,
    /// where that is asked for, else numbers.
    private func gatherMixed(
        _ others: UnsafePointer<UInt64>, _ parts: UnsafePointer<Float>, _ examples: UnsafePointer<UInt64>, _ count: Int,
        to y: UnsafeMutablePointer<Float>, width: Int
    ) {
        for row in 0..<count {
            let (own, other, part) = (Int(examples[row]), Int(others[row]), parts[row])
            switch data.targets {
            case .classes(let classes, _) where isOneHot:
                (y + row * width).update(repeating: 0, count: width)
                y[row * width + Int(classes[own])] += part
                y[row * width + Int(classes[other])] += 1 - part
            case .classes(let classes, _) where width == 3:
                (y[3 * row], y[3 * row + 1], y[3 * row + 2]) = (Float(classes[own]), Float(classes[other]), part)
            case .classes(let classes, _):
                y[row] = part * Float(classes[own]) + (1 - part) * Float(classes[other])
            case .values(let values, _, _, _):
                for place in 0..<width {
                    y[row * width + place] =
                        part * values[own * width + place] + (1 - part) * values[other * width + place]
                }
            case .none: break
            }
        }
    }

    /// Asks the processor to bring some examples' features into its cache. Nothing waits for it.
    func prefetch(_ examples: UnsafePointer<UInt64>, _ rows: Range<Int>) {
        data.withRows { bw_prefetch($0, examples + rows.lowerBound, rows.count) }
    }

    /// The sparse rows, or a null pointer where the features are not sparse.
    func withSparseRows<Result>(_ body: (UnsafePointer<bw_rows>?) -> Result) -> Result {
        isSparse ? data.withRows(body) : body(nil)
    }

    /// The weights of the examples, or a null pointer where all are 1.
    func withWeights(_ body: (UnsafePointer<Float>?) -> Void) {
        data.weights.withPointer(body)
    }

    /// The weight of an example.
    func weight(_ example: Int) -> Double { data.weights.map { Double($0[example]) } ?? 1 }

    /// The divisor of a batch of n examples: n times the mean weight of all of them, whatever the weights of the batch. So
    /// the expectation of its gradient is that of the whole data set.
    func divisor(ofExamples count: Int) -> Double { Double(count) * meanWeight }

    /// The factor by which an example's loss counts in a batch.
    func lossFactor(ofExample example: Int, divisor: Double) -> Float { Float(weight(example) / divisor) }

    /// The numbers a model must output for these targets, and the width of a target as the loss reads it (0 for a class
    /// number).
    static func widths(_ data: Dataset, _ loss: Loss) throws(PlanError) -> (outputs: Int, target: Int) {
        switch (data.targets, loss) {
        case (.classes(_, let names), .ofProgram(let program)):
            guard program.loss.isClassification else {
                throw .mismatch("\(program.name) learns values and the targets are classes")
            }
            return (names.count, names.count)
        case (.values(_, let width, _, _), .ofProgram(let program)):
            guard !program.loss.isClassification else {
                throw .mismatch(
                    "\(program.name) learns classes and the targets are \(width == 1 ? "numbers" : "vectors")")
            }
            return (width, width)
        case (.classes(_, let names), .softmaxCrossEntropy): return (names.count, 0)
        case (.classes(_, let names), .binaryCrossEntropy):
            guard names.count == 2 else {
                throw .mismatch(
                    "binary cross-entropy tells 2 classes apart and the data has \(names.count): use softmax-cross-entropy"
                )
            }
            return (1, 1)
        case (.values(_, let width, _, _), .softmaxCrossEntropy):
            throw .mismatch(
                "softmax cross-entropy needs classes and the targets are \(width == 1 ? "numbers" : "vectors"): use mse or huber"
            )
        case (.values(let values, let width, let means, let deviations), .binaryCrossEntropy):
            guard means.allSatisfy({ $0 == 0 }), deviations.allSatisfy({ $0 == 1 }),
                values.allSatisfy({ (0...1).contains($0) })
            else {
                throw .mismatch(
                    "binary cross-entropy needs classes, or targets from 0 to 1 as they are (mean 0, deviation 1): use mse"
                )
            }
            return (width, width)
        case (.values(_, let width, _, _), _): return (width, width)
        case (.classes, _):
            throw .mismatch("a regression loss needs numbers and the targets are classes: use softmax-cross-entropy")
        case (.none, _):
            throw .mismatch("the data has no targets to learn from")
        }
    }
}

extension Dataset {
    /// The features as kernels read them; the pointers are valid during the call.
    func withRows<Result>(_ body: (UnsafePointer<bw_rows>) -> Result) -> Result {
        switch features {
        case .floats(let floats):
            floats.withUnsafeBufferPointer {
                withUnsafePointer(to: bw_rows(floats: $0.baseAddress, width: featureCount), body)
            }
        case .bytes(let bytes, let scale, let shift):
            bytes.withUnsafeBufferPointer {
                withUnsafePointer(
                    to: bw_rows(
                        kind: BW_BYTES, width: featureCount, floats: nil, bytes: $0.baseAddress, scale: scale,
                        shift: shift, starts: nil, columns: nil), body)
            }
        case .sparse(let rows):
            rows.values.withUnsafeBufferPointer { values in
                rows.starts.withUnsafeBufferPointer { starts in
                    rows.columns.withUnsafeBufferPointer { columns in
                        withUnsafePointer(
                            to: bw_rows(
                                kind: BW_SPARSE, width: featureCount, floats: values.baseAddress, bytes: nil, scale: 1,
                                shift: 0, starts: starts.baseAddress, columns: columns.baseAddress), body)
                    }
                }
            }
        case .streamed: preconditionFailure("streamed features are not in memory")
        }
    }
}

extension bw_rows {
    fileprivate init(floats: UnsafePointer<Float>?, width: Int) {
        self.init(
            kind: BW_FLOATS, width: width, floats: floats, bytes: nil, scale: 1, shift: 0, starts: nil, columns: nil)
    }
}
