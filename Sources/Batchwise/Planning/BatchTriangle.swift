/// The relation batch = micro-batch x accumulation steps x workers, which gives the numbers that are not set from those
/// that are.
///
/// Sizes need not divide each other, for the last micro-batch of a batch may be smaller; but the number of steps must
/// be the one that the other two give.
struct BatchTriangle {
    /// Examples of the batch.
    let rows: Int
    /// The number of examples that a micro-batch is a multiple of.
    let step: Int

    /// The next multiple of the step; never more than the whole batch, which is one unit in any case.
    func rounded(_ count: Int) -> Int { count >= rows ? rows : min((count + step - 1) / step * step, rows) }

    /// Accumulation steps of a batch.
    func steps(microBatch: Int, workers: Int) -> Int {
        let (size, overflow) = microBatch.multipliedReportingOverflow(by: workers)
        return overflow ? 1 : parts(of: size)
    }

    /// The parts of at most `size` examples, at least 1, that a batch is cut into.
    private func parts(of size: Int) -> Int { (rows - 1) / size + 1 }

    /// Workers and micro-batch for so many accumulation steps.
    ///
    /// - Parameter usual: the workers, where neither they nor both others are given; fewer where so many cannot take
    ///   the steps.
    func solved(accumulation steps: Int, microBatch: Int?, workers: Int?, usual: Int) throws(PlanError)
        -> (workers: Int, microBatch: Int)
    {
        let given = microBatch.map { rounded(max($0, 1)) }
        switch (given, workers) {
        case (let microBatch?, let workers?):
            try require(steps, microBatch, workers)
            return (workers, microBatch)
        case (let microBatch?, nil):
            let (size, overflow) = microBatch.multipliedReportingOverflow(by: max(steps, 1))
            let workers = overflow ? 1 : parts(of: size)
            guard workers <= 256, self.steps(microBatch: microBatch, workers: workers) == steps else {
                let hundredths = (Double(rows) / (Double(microBatch) * Double(steps)) * 100).rounded()
                let needed =
                    hundredths.remainder(dividingBy: 100) == 0 ? "\(Int(hundredths) / 100)" : "\(hundredths / 100)"
                throw .contradiction(
                    "a batch of \(rows) in \(counted(steps, "accumulation step")) of \(microBatch) examples "
                        + "would need \(needed) workers: change --accumulation or --micro-batch")
            }
            return (workers, microBatch)
        case (nil, let workers?):
            let microBatch = rounded(examplesOfWorker(steps, workers))
            try require(steps, microBatch, workers)
            return (workers, microBatch)
        case (nil, nil):
            for workers in stride(from: usual, to: 1, by: -1) {
                let microBatch = rounded(examplesOfWorker(steps, workers))
                if self.steps(microBatch: microBatch, workers: workers) == steps { return (workers, microBatch) }
            }
            return try solved(accumulation: steps, microBatch: nil, workers: 1, usual: 1)
        }
    }

    private func examplesOfWorker(_ steps: Int, _ workers: Int) -> Int {
        let (parts, overflow) = max(steps, 1).multipliedReportingOverflow(by: workers)
        return overflow ? 1 : self.parts(of: parts)
    }

    private func require(_ steps: Int, _ microBatch: Int, _ workers: Int) throws(PlanError) {
        let needed = self.steps(microBatch: microBatch, workers: workers)
        guard needed != steps else { return }
        let whole = step > 1 ? " (micro-batches are multiples of \(step) here)" : ""
        throw .contradiction(
            "a batch of \(rows) in micro-batches of \(microBatch)\(whole) on \(counted(workers, "worker")) takes "
                + "\(counted(needed, "accumulation step")), not \(steps): leave out --accumulation, or make it \(needed)"
        )
    }
}

/// "1 step", "2 steps".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
