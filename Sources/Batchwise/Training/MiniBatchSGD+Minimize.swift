extension MiniBatchSGD {
    /// Minimises a mean loss over examples, with one closure for loss and gradient.
    ///
    /// The closure is called once an update, with
    /// - the examples of the batch, as numbers in 0..<`examples`: `[batch]`, or fewer in a short last batch,
    /// - the parameters: `[parameters]`,
    /// - where to leave the mean gradient over exactly these examples: `[parameters]`, all 0 at the call, so that it
    ///   may be added to or overwritten.
    ///
    /// It returns the mean loss over the same examples. Nothing here allocates once the first update is made.
    ///
    /// - Parameters:
    ///   - theta: The parameters: where to start, and then where the last update led.
    ///   - examples: The number of examples.
    ///   - valueAndGradient: The mean loss and gradient of a batch. An error that it throws arrives, with its type, as
    ///     ``MinimizationError/closure(_:)``.
    /// - Returns: The losses seen.
    @inlinable
    @discardableResult
    public func minimize<Scalar: BinaryFloatingPoint & Sendable, Failure: Error>(
        _ theta: inout [Scalar],
        examples: Int,
        valueAndGradient: (
            _ rows: Span<Int>, _ theta: Span<Scalar>, _ mean: inout MutableSpan<Scalar>
        ) throws(Failure) -> Scalar
    ) throws(MinimizationError<Failure>) -> History {
        if let fault = fault(examples: examples) { throw .invalid(fault) }
        let schedule = BatchSchedule(examples: examples, batch: batchSize, last: lastBatch)
        var step = Step<Scalar>(self, parameters: theta.count)
        var rows = [Int](repeating: 0, count: min(batchSize, examples))
        var history = History(reservingEpochs: epochs, updates: epochs * schedule.batchesPerEpoch)

        for epoch in 1...epochs {
            var lossSum = 0.0
            let order = EpochOrder(count: examples, seed: seed, epoch: epoch)
            for batch in 0..<schedule.batchesPerEpoch {
                let positions = schedule.rows(ofBatch: batch)
                for position in positions { rows[position - positions.lowerBound] = order[position] }

                let loss: Scalar
                step.clearGradient()
                do throws(Failure) {
                    var mean = step.gradient.mutableSpan
                    loss = try valueAndGradient(rows.span.extracting(first: positions.count), theta.span, &mean)
                } catch {
                    throw .closure(error)
                }

                let update = history.updates + 1
                guard loss.isFinite else { throw .nonFinite(.loss, update: update, epoch: epoch) }
                if let index = firstNonFinite(in: step.gradient.span) {
                    throw .nonFinite(.gradient(index: index), update: update, epoch: epoch)
                }
                step.update(&theta)
                if let index = firstNonFinite(in: theta.span) {
                    throw .nonFinite(.parameter(index: index), update: update, epoch: epoch)
                }
                history.recordUpdate(loss: Double(loss), examples: positions.count)
                lossSum += Double(loss) * Double(positions.count)
            }
            history.recordEpoch(loss: lossSum / Double(schedule.examplesPerEpoch))
        }
        return history
    }

    /// Minimises a mean loss over examples, with a closure each for gradient and loss.
    ///
    /// As the form with one closure, which is faster where loss and gradient share work. At each update the loss is
    /// asked for first, then the gradient, at the same parameters.
    ///
    /// - Parameters:
    ///   - theta: The parameters: where to start, and then where the last update led.
    ///   - examples: The number of examples.
    ///   - gradient: Leaves the mean gradient over the rows in its last argument, which is all 0 at the call.
    ///   - loss: The mean loss over the rows.
    /// - Returns: The losses seen.
    @inlinable
    @discardableResult
    public func minimize<Scalar: BinaryFloatingPoint & Sendable, Failure: Error>(
        _ theta: inout [Scalar],
        examples: Int,
        gradient: (
            _ rows: Span<Int>, _ theta: Span<Scalar>, _ mean: inout MutableSpan<Scalar>
        ) throws(Failure) -> Void,
        loss: (_ rows: Span<Int>, _ theta: Span<Scalar>) throws(Failure) -> Scalar
    ) throws(MinimizationError<Failure>) -> History {
        try minimize(&theta, examples: examples) {
            (rows: Span<Int>, theta: Span<Scalar>, mean: inout MutableSpan<Scalar>) throws(Failure) -> Scalar in
            let value = try loss(rows, theta)
            try gradient(rows, theta, &mean)
            return value
        }
    }
}
