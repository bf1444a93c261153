extension MiniBatchSGD {
    /// Minimises a mean loss over examples.
    ///
    /// The closure is called once an update, with
    /// - the examples of the batch, as numbers in 0..<`examples`: `[batch]`, or fewer in a short last batch,
    /// - the parameters: `[parameters]`,
    /// - where to leave the mean gradient over exactly these examples: `[parameters]`, all 0 at the call, so that it
    ///   may be added to or overwritten.
    ///
    /// It returns the mean loss over the same examples. An update allocates nothing.
    ///
    /// - Parameters:
    ///   - theta: The parameters: where to start, and then where the last update led, or the best epoch where
    ///     ``keptModel`` says so.
    ///   - examples: The number of examples.
    ///   - valueAndGradient: The mean loss and gradient of a batch. An error that it throws arrives, with its type, as
    ///     ``MinimizationError/closure(_:)``.
    ///   - validationLoss: The mean loss over examples that train nothing, asked for after every epoch. Early stopping,
    ///     the kept model and a rate that falls on plateaus judge epochs by it; reports and the history hold it.
    ///   - afterUpdate: Called with a report of each update and the new parameters; says whether to go on.
    /// - Returns: The losses seen.
    @inlinable
    @discardableResult
    public func minimize<Scalar: BinaryFloatingPoint & Sendable, Failure: Error>(
        _ theta: inout [Scalar],
        examples: Int,
        valueAndGradient: (
            _ rows: Span<Int>, _ theta: Span<Scalar>, _ mean: inout MutableSpan<Scalar>
        ) throws(Failure) -> Scalar,
        validationLoss: ((_ theta: Span<Scalar>) -> Scalar)? = nil,
        afterUpdate: ((_ update: UpdateReport, _ theta: Span<Scalar>) -> UpdateReport.Next)? = nil
    ) throws(MinimizationError<Failure>) -> History {
        guard let optimizer = PreciseOptimizer(optimizer) else { throw .invalid(unusableOptimizer) }
        var course: Course
        switch start(examples: examples) {
        case .success(let made): course = made
        case .failure(let fault): throw .invalid("\(fault)")
        }
        var step = Step<Scalar>(optimizer, clip: clip, parameters: theta.count)
        var rows = [Int](repeating: 0, count: course.largestBatch)
        var best: [Scalar]?
        var history = History(reservingEpochs: epochs, updates: course.updates)

        if validationLoss == nil, let metric = course.validationMetric { throw .invalid(withoutValidation(metric)) }
        var next = UpdateReport.Next.proceed
        while next == .proceed, !course.isFinished {
            let count = course.begin(&rows)
            step.clearGradient()
            let loss: Scalar
            do throws(Failure) {
                var mean = step.gradient.mutableSpan
                loss = try valueAndGradient(rows.span.extracting(first: count), theta.span, &mean)
            } catch {
                throw .closure(error)
            }

            let (update, epoch) = (course.number, course.epoch)
            guard loss.isFinite else { throw .nonFinite(.loss, update: update, epoch: epoch) }
            if let index = firstNonFinite(in: step.gradient.span) {
                throw .nonFinite(.gradient(index: index), update: update, epoch: epoch)
            }
            step.update(&theta, optimizer.numbers(rate: course.rate, number: update, scheduled: course.momentum))
            if let index = firstNonFinite(in: theta.span) {
                throw .nonFinite(.parameter(index: index), update: update, epoch: epoch)
            }

            var report = course.finish(loss: Double(loss))
            history.record(report)
            if report.endsEpoch {
                let validation = validationLoss.map { Double($0(theta.span)) }
                if course.finishEpoch(&report, validationLoss: validation) { best = theta }
                history.recordEpoch(validationLoss: validation)
            }
            if let afterUpdate { next = afterUpdate(report, theta.span) }
        }
        if let best, course.leavesBest(keptModel) { theta = best }
        return history
    }
}
