import CKernels

/// Runs the forward pass of a model over a data set, every example once and in order.
final class Inference {
    /// What is known of one example.
    struct Found {
        var loss: Float = 0
        var right: Float = 0
        /// The mean over outputs of (prediction - target)^2, in units of the first output's deviation.
        var squaredError = 0.0
    }

    private let data: Dataset
    private let source: BatchSource
    private let program: Program
    private let outputs: Int
    private let team: WorkerTeam
    private let arenas: [Arena]
    /// For streamed features: where each worker has them.
    private let rows: LoadedRows.Source
    private let loaded: [LoadedRows]
    private let failures: UnsafeMutableBufferPointer<DataError?>
    private let memory: Memory
    /// The deviation of each output in units of the first one's.
    private let spreads: [Double]
    private let found: UnsafeMutableBufferPointer<Found>
    private let outputMemory: UnsafeMutableBufferPointer<Float>

    init(_ model: Model, data: Dataset, loss: (Loss, targetWidth: Int)?, machine: Machine) throws {
        guard data.featureShape == model.inputShape else {
            throw PlanError.mismatch(
                "the model reads examples of shape \(model.inputShape) and the data has \(data.featureShape)")
        }
        var graph = try model.recipe.model.graph(
            inputShape: model.inputShape, outputs: model.outputs, purpose: .inference)
        try graph.checkPrediction(model.outputs)
        try graph.checkIds(in: data)
        if let loss { try graph.appendLoss(loss.0, targetWidth: loss.targetWidth, withGradients: false) }
        if case .sparse(let rows) = data.features, rows.areThin { graph.readSparseRows() }
        self.data = data
        source = BatchSource(data: data, loss: loss?.0 ?? .meanSquaredError())
        outputs = model.outputs
        if case .values(_, _, _, let deviations) = data.targets, let first = deviations.first {
            spreads = deviations.map { Double($0) / Double(first) }
        } else {
            spreads = Array(repeating: 1, count: outputs)
        }
        let workers = max(1, min(machine.threads ?? machine.cores, (data.count + 15) / 16))
        let fitting = min(max((1 << 21) / (4 * max(graph.floatsPerExample(), 1)), 16), 256)
        program = try graph.compiled(microBatch: fitting)
        team = try WorkerTeam(workers)
        var arenas: [Arena] = []
        for _ in 0..<workers { arenas.append(try Arena(program)) }
        self.arenas = arenas
        rows = LoadedRows.Source(data: data, augmentation: Augmentation(), seed: 0)
        var loaded: [LoadedRows] = []
        for _ in 0..<(rows.isLoaded ? workers : 0) { loaded.append(try LoadedRows(rows, capacity: program.capacity)) }
        self.loaded = loaded
        failures = .allocate(capacity: workers)
        failures.initialize(repeating: nil)
        let layout = ParameterLayout(graph)
        memory = try Memory(floats: layout.count)
        for (index, values) in model.values.enumerated() { layout.write(values, index, to: memory.base) }
        found = .allocate(capacity: data.count)
        found.initialize(repeating: Found())
        outputMemory = .allocate(capacity: data.count * model.outputs)
        outputMemory.initialize(repeating: 0)
    }

    deinit {
        failures.deinitialize()
        failures.deallocate()
        found.deallocate()
        outputMemory.deallocate()
    }

    var predictions: [Float] { Array(outputMemory) }

    /// Those of one example, good while this lives.
    func predictions(of example: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: outputMemory[example * outputs..<(example + 1) * outputs])
    }

    func forEachExample(_ body: (Int, Found) -> Void) throws(DataError) {
        try run()
        for example in 0..<data.count { body(example, found[example]) }
    }

    func run() throws(DataError) {
        team.run(
            { inference, worker in
                // the team runs while `run` does, and `self` with it
                Unmanaged<Inference>.fromOpaque(inference!).takeUnretainedValue().work(Int(worker))
            }, on: self)
        for case let failure? in failures { throw failure }
    }

    /// Micro-batches in turn: which worker runs one does not matter, for results go to the example's own place.
    private func work(_ worker: Int) {
        let arena = arenas[worker]
        let size = program.capacity
        var pass = bw_execution()
        pass.parameters = UnsafePointer(memory.base)
        for first in stride(from: worker * size, to: data.count, by: team.count * size) {
            arena.rows = min(size, data.count - first)
            for row in 0..<arena.rows { arena.examples[row] = UInt64(first + row) }
            do throws(DataError) {
                if rows.isLoaded {
                    _ = try loaded[worker].fill(
                        0..<arena.rows, from: rows, epoch: 0, examples: Array(first..<first + arena.rows))
                }
            } catch {
                failures[worker] = error
                return
            }
            source.gather(into: arena, 0..<arena.rows, loaded: rows.isLoaded ? loaded[worker] : nil)
            source.withSparseRows {
                pass.sparse = $0
                arena.run(pass)
            }
            store(arena, first)
        }
    }

    private func store(_ arena: Arena, _ first: Int) {
        let prediction = arena.base + program.prediction.offset
        for row in 0..<arena.rows {
            for output in 0..<outputs {
                outputMemory[(first + row) * outputs + output] = prediction[row * outputs + output]
            }
            guard let losses = program.losses, let target = program.target else { continue }
            (found[first + row].loss, found[first + row].right) = arena.lossAndRight(row, losses, source.loss)
            guard target.width == outputs else { continue }
            var sum = 0.0
            for output in 0..<outputs {
                let difference =
                    (Double(prediction[row * outputs + output])
                        - Double(arena.base[target.offset + row * outputs + output])) * spreads[output]
                sum += difference * difference
            }
            found[first + row].squaredError = sum / Double(outputs)
        }
    }
}
