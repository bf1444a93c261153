import CKernels

// Predictions into memory of the caller: up to 16 rows on its own thread, which allocates nothing.

extension Predictor {
    /// Writes the model's outputs into memory of the caller: `outputCount` numbers a row. Up to 16 rows allocate
    /// nothing.
    public func outputs(
        of rows: UnsafeBufferPointer<Float>, into results: UnsafeMutableBufferPointer<Float>
    ) throws(PredictionError) {
        try standardisedOutputs(of: rows, into: results)
        moments?.restore(results)
    }

    func standardisedOutputs(
        of rows: UnsafeBufferPointer<Float>, into results: UnsafeMutableBufferPointer<Float>
    ) throws(PredictionError) {
        let count = try rowCount(rows.count)
        guard results.count == count * outputCount else {
            throw .resultCount(expected: count * outputCount, found: results.count)
        }
        guard count <= Self.few else {
            _ = results.update(fromContentsOf: try standardisedOutputs(of: Array(rows)))
            return
        }
        try check(rows)
        let arena: Arena
        if let free = arenas.take() {
            arena = free
        } else {
            do throws(PlanError) { arena = try Arena(few.program) } catch { throw .machine(error) }
        }
        defer { arenas.put(arena) }
        if let input, let start = rows.baseAddress {
            (arena.base + input.offset).update(from: start, count: rows.count)
        }
        arena.rows = count
        var execution = bw_execution()
        execution.parameters = forward.parameters
        arena.run(execution)
        let prediction = arena.base + few.program.prediction.offset
        for index in results.indices { results[index] = prediction[index] }
    }

    /// Writes the probability of every class into memory of the caller: `classCount` numbers a row. Up to 16 rows
    /// allocate nothing.
    public func probabilities(
        of rows: UnsafeBufferPointer<Float>, into results: UnsafeMutableBufferPointer<Float>
    ) throws(PredictionError) {
        let count = try rowCount(rows.count)
        guard let classCount else { throw .noClasses }
        guard results.count == count * classCount else {
            throw .resultCount(expected: count * classCount, found: results.count)
        }
        try standardisedOutputs(
            of: rows, into: UnsafeMutableBufferPointer(rebasing: results.suffix(count * outputCount)))
        turnIntoProbabilities(results)
    }

    /// Writes the model's outputs into a span of `outputCount` numbers a row. Up to 16 rows allocate nothing.
    public func outputs(of rows: Span<Float>, into results: inout MutableSpan<Float>) throws(PredictionError) {
        try rows.withUnsafeBufferPointer { (rows) throws(PredictionError) in
            try results.withUnsafeMutableBufferPointer { (results) throws(PredictionError) in
                try outputs(of: rows, into: results)
            }
        }
    }

    /// Writes the probability of every class into a span of `classCount` numbers a row. Up to 16 rows allocate nothing.
    public func probabilities(of rows: Span<Float>, into results: inout MutableSpan<Float>) throws(PredictionError) {
        try rows.withUnsafeBufferPointer { (rows) throws(PredictionError) in
            try results.withUnsafeMutableBufferPointer { (results) throws(PredictionError) in
                try probabilities(of: rows, into: results)
            }
        }
    }
}

// MARK: Checks

extension Predictor {
    func rowCount(_ numbers: Int) throws(PredictionError) -> Int {
        guard numbers > 0, numbers % featureCount == 0 else {
            throw .featureCount(expected: featureCount, found: numbers)
        }
        return numbers / featureCount
    }

    func check(_ rows: UnsafeBufferPointer<Float>) throws(PredictionError) {
        guard bw_largest_magnitude(rows.baseAddress, rows.count).isFinite else {
            let at = rows.firstIndex { !$0.isFinite } ?? 0
            throw .notFinite(row: at / featureCount, feature: at % featureCount, found: rows[at])
        }
        guard let vocabulary = forward.vocabulary else { return }
        for (place, id) in rows.enumerated() where !(id >= 0 && id < Float(vocabulary) && id == id.rounded()) {
            throw .badId(row: place / featureCount, found: id, vocabulary: vocabulary)
        }
    }

    /// Outputs stand at the end of `results`.
    func turnIntoProbabilities(_ results: UnsafeMutableBufferPointer<Float>) {
        guard outputCount == 1 else {
            for first in stride(from: 0, to: results.count, by: outputCount) {
                Probabilities.softmax(UnsafeMutableBufferPointer(rebasing: results[first..<first + outputCount]))
            }
            return
        }
        guard classCount == 2 else {
            for index in results.indices { results[index] = 1 }
            return
        }
        // two numbers are written for each that is read, which stays ahead until the last row
        let count = results.count / 2
        for row in 0..<count {
            let chance = Probabilities.logistic(results[count + row])
            results[2 * row] = 1 - chance
            results[2 * row + 1] = chance
        }
    }

    func array(
        _ count: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws(PredictionError) -> Void
    ) throws(PredictionError) -> [Float] {
        var failure: PredictionError?
        let array = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            let results = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
            results.initialize(repeating: 0)
            initialized = count
            do throws(PredictionError) { try body(results) } catch { failure = error }
        }
        if let failure { throw failure }
        return array
    }
}
