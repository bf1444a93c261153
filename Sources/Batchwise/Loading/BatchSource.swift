import CKernels

/// Fills a worker's arena with examples of a data set.
struct BatchSource: Sendable {
    let data: Dataset
    /// How targets are handed to the loss: `width` numbers an example, or one class number.
    let loss: Loss

    /// Writes features, targets and shares of the examples whose numbers are in `replica.examples`.
    func gather(into replica: Replica, batchWeight: Double = 1) {
        let program = replica.program
        let rows = replica.rows
        let arena = replica.arena
        let x = arena + program.input.offset
        switch data.features {
        case .bytes(let bytes, let scale, let shift):
            bytes.withUnsafeBufferPointer {
                bw_gather_bytes($0.baseAddress, replica.examples, scale, shift, x, rows, data.featureCount)
            }
        case .floats(let floats):
            floats.withUnsafeBufferPointer {
                bw_gather_floats($0.baseAddress, replica.examples, x, rows, data.featureCount)
            }
        }
        if let share = program.share {
            for row in 0..<rows {
                arena[share.offset + row] = Float(weight(Int(replica.examples[row])) / batchWeight)
            }
        }
        guard let target = program.target else { return }
        let y = arena + target.offset
        switch data.targets {
        case .classes(let classes, _):
            classes.withUnsafeBufferPointer { for row in 0..<rows { y[row] = Float($0[Int(replica.examples[row])]) } }
        case .values(let values, let width, _, _):
            values.withUnsafeBufferPointer {
                bw_gather_floats($0.baseAddress, replica.examples, y, rows, width)
            }
        case .none: break
        }
    }

    /// The weight of an example.
    func weight(_ example: Int) -> Double { data.weights.map { Double($0[example]) } ?? 1 }

    /// The numbers a model must output for these targets, and the width of a target as the loss reads it (0 for a class
    /// number).
    static func widths(_ data: Dataset, _ loss: Loss) throws(PlanError) -> (outputs: Int, target: Int) {
        switch (data.targets, loss) {
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
        case (.values(let values, let width, let mean, let deviation), .binaryCrossEntropy):
            guard mean == 0, deviation == 1, values.allSatisfy({ (0...1).contains($0) }) else {
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
