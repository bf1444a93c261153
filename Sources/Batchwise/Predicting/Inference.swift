import CKernels

/// Runs the forward pass of a model over a data set, every example once and in order.
final class Inference {
    /// The results for one example.
    struct Found {
        var loss: Float = 0
        var right: Float = 0
        /// The mean over outputs of (prediction - target)^2, in units of the first output's deviation.
        var squaredError = 0.0
        /// The class that is predicted, where there are classes.
        var place = 0
    }

    private let forward: ForwardModel
    private let data: Dataset
    private let source: BatchSource
    private let crew: InferenceCrew
    private var program: Program { crew.program }
    private let outputs: Int
    /// The source of streamed features, and the memory in which each worker holds them.
    private let rows: LoadedRows.Source
    private let loaded: [LoadedRows]
    private let failures: UnsafeMutableBufferPointer<DataError?>
    /// The deviation of each output in units of the first one's.
    private let spreads: [Double]
    /// The results for every example; empty where the program has no loss.
    private let found: UnsafeMutableBufferPointer<Found>
    private let outputMemory: UnsafeMutableBufferPointer<Float>

    /// Prepares inference with threads and memory of its own, no more than the examples keep busy.
    convenience init(
        _ forward: ForwardModel, data: Dataset, loss: (Loss, targetWidth: Int)?, workers: Int
    ) throws {
        try Self.check(data, forward)
        var graph = forward.graph
        if let loss { try graph.appendLoss(loss.0, targetWidth: loss.targetWidth, withGradients: false) }
        if case .sparse(let rows) = data.features, rows.areThin { graph.readSparseRows() }
        let crew = try InferenceCrew(graph, workers: max(1, min(workers, (data.count + 15) / 16)))
        try self.init(forward, checked: data, loss: loss?.0, crew: crew)
    }

    /// Prepares inference with the threads and memory of a crew. Its program has no loss, and reads whole vectors.
    convenience init(_ forward: ForwardModel, data: Dataset, crew: InferenceCrew) throws {
        try Self.check(data, forward)
        try self.init(forward, checked: data, loss: nil, crew: crew)
    }

    private static func check(_ data: Dataset, _ forward: ForwardModel) throws {
        guard data.featureShape == forward.inputShape else {
            throw PlanError.mismatch(
                "the model reads examples of shape \(forward.inputShape) and the data has \(data.featureShape)")
        }
        try forward.graph.checkIds(in: data)
    }

    private init(_ forward: ForwardModel, checked data: Dataset, loss: Loss?, crew: InferenceCrew) throws {
        self.forward = forward
        self.data = data
        self.crew = crew
        source = BatchSource(data: data, loss: loss ?? .meanSquaredError())
        outputs = forward.outputs
        if case .values(_, _, _, let deviations) = data.targets, let first = deviations.first {
            spreads = deviations.map { Double($0) / Double(first) }
        } else {
            spreads = Array(repeating: 1, count: forward.outputs)
        }
        let workers = crew.team.count
        rows = LoadedRows.Source(data: data, augmentation: Augmentation(), seed: 0)
        var loaded: [LoadedRows] = []
        for _ in 0..<(rows.isLoaded ? workers : 0) {
            loaded.append(try LoadedRows(rows, capacity: crew.program.capacity))
        }
        self.loaded = loaded
        failures = .allocate(capacity: workers)
        failures.initialize(repeating: nil)
        found = .allocate(capacity: loss == nil ? 0 : data.count)
        found.initialize(repeating: Found())
        outputMemory = .allocate(capacity: data.count * forward.outputs)
        outputMemory.initialize(repeating: 0)
    }

    deinit {
        failures.deinitialize()
        failures.deallocate()
        found.deallocate()
        outputMemory.deallocate()
    }

    /// The model's outputs for every example, row by row.
    func predictions() throws(DataError) -> [Float] {
        try run()
        return Array(outputMemory)
    }

    /// The outputs for one example, valid while this object lives.
    func predictions(of example: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: outputMemory[example * outputs..<(example + 1) * outputs])
    }

    func forEachExample(_ body: (Int, Found) -> Void) throws(DataError) {
        try run()
        for example in 0..<data.count { body(example, found[example]) }
    }

    private func run() throws(DataError) {
        crew.team.run(
            { inference, worker in
                // the team runs while `run` does, and `self` with it
                Unmanaged<Inference>.fromOpaque(inference!).takeUnretainedValue().runMicroBatches(ofWorker: Int(worker))
            }, on: self)
        for case let failure? in failures { throw failure }
    }

    /// Runs micro-batches in turn. It does not matter which worker runs one, for results go to the example's own place.
    private func runMicroBatches(ofWorker worker: Int) {
        let arena = crew.arenas[worker]
        let size = program.capacity
        var execution = bw_execution()
        execution.parameters = forward.parameters
        for first in stride(from: worker * size, to: data.count, by: crew.team.count * size) {
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
                execution.sparse = $0
                arena.run(execution)
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
            found[first + row].place = Probabilities.place(
                UnsafeBufferPointer(start: prediction + row * outputs, count: outputs))
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
