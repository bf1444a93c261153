/// A model made ready to predict, once, for any number of rows and from any number of threads.
///
/// ```swift
/// let predictor = try Predictor(Model(contentsOf: "model.safetensors"))
/// let logits = try predictor.outputs(of: features)          // one row, or many
/// let chances = try predictor.probabilities(of: features)   // of classes
/// ```
/// Rows are features as the model sees them, row-major, `featureCount` numbers a row. Up to 16 rows are computed on the
/// caller's thread, without a lock held meanwhile; more are shared by worker threads. The numbers are to the last bit
/// those of ``Model/outputs(for:machine:)``, however many rows come at once.
public final class Predictor: Sendable {
    /// The shape of one example.
    public let inputShape: [Int]
    /// The features of one row.
    public let featureCount: Int
    /// The numbers that the model gives for a row.
    public let outputCount: Int
    /// The number of classes; nil where the model predicts numbers.
    public let classCount: Int?

    let forward: ForwardModel
    /// The moments that turn outputs into the unit of the targets; nil where outputs are it already.
    let moments: TargetMoments?
    /// The largest number of rows that are computed on the caller's thread.
    static let few = 16
    let few: SharedProgram
    let input: Program.Tensor?
    let arenas = Pool<Arena>(limit: 64)
    private let crews = Pool<InferenceCrew>(limit: 4)
    private let workers: Int

    /// A program that does not change, so that threads share it.
    struct SharedProgram: @unchecked Sendable { let program: Program }

    /// Compiles the model. `machine.threads` are the worker threads that many rows are shared by; nil is one a core.
    ///
    /// - Throws: `GraphError` or `PlanError` where the model cannot be run.
    public init(_ model: Model, machine: Machine = Machine()) throws {
        forward = try ForwardModel(model)
        inputShape = model.inputShape
        featureCount = model.inputShape.reduce(1, *)
        outputCount = model.outputs
        moments = model.targetMoments.flatMap { $0.areIdentity ? nil : $0 }
        classCount =
            switch model.recipe.loss {
            case .softmaxCrossEntropy: model.outputs
            case .binaryCrossEntropy where model.outputs == 1: 2
            default: nil
            }
        let program = try forward.graph.compiled(microBatch: Self.few)
        input = program.input
        few = SharedProgram(program: program)
        workers = max(1, machine.threads ?? machine.cores)
        // allocates the memory for a first caller, so that a lack of memory is found now
        arenas.put(try Arena(program))
    }

    // MARK: Arrays

    /// The model's outputs for one row or more, row by row: logits of classes, or numbers in the unit of the targets.
    public func outputs(of rows: [Float]) throws(PredictionError) -> [Float] {
        let outputs = try standardisedOutputs(of: rows)
        return moments.map { $0.restored(outputs) } ?? outputs
    }

    /// The outputs as training compares them with standardised targets.
    package func standardisedOutputs(of rows: [Float]) throws(PredictionError) -> [Float] {
        let count = try rowCount(rows.count)
        guard count > Self.few else {
            return try array(count * outputCount) { (results) throws(PredictionError) in
                try rows.lent { (rows) throws(PredictionError) in try standardisedOutputs(of: rows, into: results) }
            }
        }
        try rows.lent { (rows) throws(PredictionError) in try check(rows) }
        let data = Dataset(checked: count, inputShape, .floats(rows), .none, nil)
        do {
            return try withCrew { try run(data, $0) }
        } catch let error as PlanError {
            throw .machine(error)
        } catch {
            // features in memory were checked above, and reading them does not fail
            throw .featureCount(expected: featureCount, found: rows.count)
        }
    }

    /// The probability of every class, row by row.
    ///
    /// - Throws: `PredictionError.noClasses` for a model that predicts numbers.
    public func probabilities(of rows: [Float]) throws(PredictionError) -> [Float] {
        let count = try rowCount(rows.count)
        guard let classCount else { throw .noClasses }
        let outputs = try standardisedOutputs(of: rows)
        return try array(count * classCount) { (results) throws(PredictionError) in
            outputs.withUnsafeBufferPointer { outputs in
                let place = results.count - outputs.count
                for index in outputs.indices { results[place + index] = outputs[index] }
            }
            turnIntoProbabilities(results)
        }
    }

    /// The class of every row, as its place among the model's classes.
    ///
    /// - Throws: `PredictionError.noClasses` for a model that predicts numbers.
    public func classes(of rows: [Float]) throws(PredictionError) -> [Int] {
        guard classCount != nil else { throw .noClasses }
        let outputs = try standardisedOutputs(of: rows)
        return outputs.withUnsafeBufferPointer { outputs in
            stride(from: 0, to: outputs.count, by: outputCount).map {
                Probabilities.place(UnsafeBufferPointer(rebasing: outputs[$0..<$0 + outputCount]))
            }
        }
    }

    // MARK: Data sets

    /// The model's outputs for every example of a data set, which may be bytes, sparse rows or read from a disk.
    ///
    /// - Throws: `PlanError` where its examples are of another shape, `DataError` where they cannot be read.
    public func outputs(for data: Dataset) throws -> [Float] {
        let outputs = try standardisedOutputs(for: data)
        return moments.map { $0.restored(outputs) } ?? outputs
    }

    /// The probability of every class for every example of a data set, row by row.
    ///
    /// - Throws: `PredictionError.noClasses` for a model that predicts numbers, and what `outputs(for:)` throws.
    public func probabilities(for data: Dataset) throws -> [Float] {
        guard let classCount else { throw PredictionError.noClasses }
        let outputs = try standardisedOutputs(for: data)
        return [Float](unsafeUninitializedCapacity: data.count * classCount) { results, count in
            count = data.count * classCount
            let numbers = UnsafeMutableBufferPointer(rebasing: results[..<count])
            _ = numbers[(count - outputs.count)...].initialize(from: outputs)
            turnIntoProbabilities(numbers)
        }
    }

    /// The outputs for every example of a data set, as training compares them with standardised targets.
    package func standardisedOutputs(for data: Dataset) throws -> [Float] {
        if case .sparse(let rows) = data.features, rows.areThin {
            let inference = try Inference(forward, data: data, loss: nil, workers: workers)
            return try inference.predictions()
        }
        return try withCrew { crew in try run(data, crew) }
    }

    private func run(_ data: Dataset, _ crew: InferenceCrew) throws -> [Float] {
        try Inference(forward, data: data, crew: crew).predictions()
    }

    private func withCrew<Result>(_ body: (InferenceCrew) throws -> Result) throws -> Result {
        let crew = try crews.take() ?? InferenceCrew(forward.graph, workers: workers)
        defer { crews.put(crew) }
        return try body(crew)
    }
}

extension [Float] {
    /// `withUnsafeBufferPointer` of typed errors.
    fileprivate func lent<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws(PredictionError) -> Result
    ) throws(PredictionError) -> Result {
        try span.withUnsafeBufferPointer { (buffer) throws(PredictionError) in try body(buffer) }
    }
}
