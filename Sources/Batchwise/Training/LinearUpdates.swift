import CKernels

/// Updates of a linear model by single examples, many in one call of `bw_linear_updates`: SGD in its first sense.
///
/// They are those that `Update.swift` makes, to the last bit; what is not plain is left to it.
final class LinearUpdates {
    /// Updates of a call.
    static let most = Int(BW_LINEAR_UPDATES)

    private let engine: Engine
    /// The model, but for the addresses of the data.
    private(set) var model = bw_linear()
    private let rates: UnsafeMutablePointer<Float>
    /// Loss, and 1 for a right prediction, of each update of the last call.
    private let losses: UnsafeMutablePointer<Float>
    private let row: UnsafeMutablePointer<Float>

    /// For a program of one narrow layer and a loss, plain SGD and batches of one; nil for all else.
    init?(_ engine: Engine, batch: Int) {
        self.engine = engine
        rates = .allocate(capacity: Self.most)
        losses = .allocate(capacity: 2 * Self.most)
        let width = engine.source.data.featureCount
        row = .allocate(capacity: width + Int(BW_SLACK))
        let program = engine.program
        if case .streamed = engine.source.data.features { return nil }
        guard batch == 1, (engine.optimizer.rule as? SGD)?.dampening == 0, engine.rules.isPlain,
            let (dense, loss) = Self.layerAndLoss(of: program)
        else { return nil }
        model.loss = loss.operation
        model.constant = loss.constant
        model.outputs = dense.shape.dense.outputs
        model.w = engine.trained.parameters + dense.weight
        model.w_velocity = engine.trained.states.first.map { $0 + dense.weight }
        if dense.bias != BW_NONE {
            model.bias = engine.trained.parameters + dense.bias
            model.bias_velocity = engine.trained.states.first.map { $0 + dense.bias }
        }
        for slice in engine.workspace.slices {
            if slice.offset == dense.weight { model.w_decay = slice.decay }
            if slice.offset == dense.bias { model.bias_decay = slice.decay }
        }
        row.initialize(repeating: 0, count: width + Int(BW_SLACK))
        model.row = row
        // what the guard of an update would let pass without a look at the gradient
        let factor = max(1, engine.source.largestFeature) * Float(program.widestTensor)
        model.largest_slope = min(Float.greatestFiniteMagnitude / 4 / factor, 1e17)
    }

    /// The instructions of a program that is one narrow layer and a loss; nil for any other.
    static func layerAndLoss(of program: Program) -> (dense: bw_instruction, loss: bw_instruction)? {
        let instructions = program.instructions.filter { $0.operation != BW_DO_GUARD }
        guard instructions.count == 2 else { return nil }
        let (dense, loss) = (instructions[0], instructions[1])
        guard dense.operation == BW_DO_DENSE, dense.x == program.input?.offset ?? Int(BW_NONE), dense.example_rows == 1,
            dense.shape.dense.panel == 0,
            !dense.is_fused.isTrue, loss.x == dense.y,
            [BW_DO_SOFTMAX_CROSS_ENTROPY, BW_DO_BINARY_CROSS_ENTROPY, BW_DO_MEAN_SQUARED_ERROR].contains(
                loss.operation)
        else { return nil }
        return (dense, loss)
    }

    deinit {
        rates.deallocate()
        losses.deallocate()
        row.deallocate()
    }

    /// Updates with the examples at these positions in turn, and writes what they found; how many it made.
    func run(
        order: EpochOrder, positions: Range<Int>, rate: (_ update: Int) -> Double,
        found: UnsafeMutableBufferPointer<UpdateResult>
    ) -> Int {
        let count = min(positions.count, found.count)
        let examples = engine.workspace.windows[0].examples(
            at: positions.lowerBound..<positions.lowerBound + count, of: order)
        for update in 0..<count {
            found[update].rate = rate(update)
            rates[update] = Float(found[update].rate)
        }
        engine.optimizer.prepare(&engine.current.pointee.step, rate: 0, number: 1)
        model.step = engine.current.pointee.step.step
        let source = engine.source
        let made = source.withData(of: model) { bw_linear_updates($0, examples, rates, count, losses) }
        for update in 0..<made {
            let weight = source.weight(Int(examples[update]))
            found[update].weight = weight
            found[update].lossSum = weight * Double(losses[2 * update])
            found[update].rightSum = weight * Double(losses[2 * update + 1])
        }
        return made
    }
}

extension BatchSource {
    /// Tells a model where examples, weights and targets are; the pointers are good during the call.
    func withData<Result>(of model: bw_linear, _ body: (UnsafePointer<bw_linear>) -> Result) -> Result {
        data.withRows { rows in
            data.weights.withPointer { weights in
                var model = model
                model.rows = rows.pointee
                model.weights = weights
                model.mean_weight = meanWeight
                return withTargets(&model, body)
            }
        }
    }

    private func withTargets<Result>(
        _ model: inout bw_linear, _ body: (UnsafePointer<bw_linear>) -> Result
    ) -> Result {
        switch data.targets {
        case .classes(let classes, _):
            classes.withUnsafeBufferPointer {
                model.classes = $0.baseAddress
                return body(&model)
            }
        case .values(let values, _, _, _):
            values.withUnsafeBufferPointer {
                model.targets = $0.baseAddress
                return body(&model)
            }
        case .none: body(&model)
        }
    }
}

extension [Float]? {
    /// A pointer to the elements, or a null pointer, good during the call.
    func withPointer<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
        guard let self else { return body(nil) }
        return self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
