import Foundations

// The largest micro-batch that the memory takes, found by counting.

extension Planner {
    /// The plan that keeps to the budget: with the micro-batch that was asked for or is usual, else with the largest
    /// that fits, else on fewer workers where their number was not given.
    func fitting(_ partition: SumOrder, workers: Int) throws(PlanError) -> ExecutionPlan {
        if let steps = machine.accumulation {
            let division = try triangle(partition).solved(
                accumulation: steps, microBatch: machine.microBatch,
                workers: machine.threads.map { $0 * machine.ranks },
                usual: workers)
            var plan = try execution(partition, division.workers, division.microBatch)
            guard fits(plan) else { throw refusal(plan) }
            plan.reason = "--accumulation asks for \(counted(steps, "step"))"
            if let asked = machine.microBatch {
                plan.take(given(asked, becomes: division.microBatch, partition, workers: division.workers))
            }
            return plan
        }
        for count in stride(from: workers, through: fewestWorkers(workers), by: -machine.ranks) {
            let choice = microBatch(partition, workers: count)
            guard var plan = largestFitting(partition, count, wanted: choice.size) else { continue }
            if count < workers { plan.notices.append("the memory is enough for \(count) of \(workers) workers") }
            let size = plan.division.microBatch
            if size == choice.size {
                plan.take(choice)
            } else {
                plan.reason = limited(partition, size, wanted: choice.size)
                if let asked = machine.microBatch {
                    plan.notices.append("micro-batch \(asked) is more than the memory takes: it is \(size)")
                }
            }
            return plan
        }
        throw try refusal(smallest(partition, workers: workers))
    }

    /// The reason for a micro-batch where the memory does not take the one that is wanted.
    private func limited(_ partition: SumOrder, _ size: Int, wanted: Int) -> String {
        if size > wanted {
            return "it is a batch in one step, which needs no sums of gradients; \(wanted) does not fit"
        }
        return size <= step(partition) ? "it is the only one that fits" : "it is the largest that fits"
    }

    /// Micro-batches from one step to a worker's part of the batch.
    func triangle(_ partition: SumOrder) -> BatchTriangle { BatchTriangle(rows: rows, step: step(partition)) }

    func fewestWorkers(_ workers: Int) -> Int { machine.threads == nil ? machine.ranks : workers }

    func execution(
        _ partition: SumOrder, _ workers: Int, _ microBatch: Int
    ) throws(PlanError) -> ExecutionPlan {
        try ExecutionPlan(
            compiler, partition: partition,
            division: WorkDivision(
                workers: workers, microBatch: microBatch, unit: unit(partition), rank: machine.rank,
                ranks: machine.ranks), rules: rules, rows: rows,
            machines: machine.machines, knowsExamples: knowsExamples)
    }

    /// Whether a plan keeps to the budget of updates, and to the memory that there is for them and for the copies of the
    /// parameters that evaluations and checkpoints make.
    func fits(_ plan: ExecutionPlan) -> Bool {
        plan.bytes + loadingBytes <= machine.memory ?? .max
            && plan.bytes + loadingBytes + plan.copyBytes <= memoryLimit
    }

    private func fitting(_ partition: SumOrder, _ workers: Int, _ microBatch: Int) -> ExecutionPlan? {
        guard let plan = try? execution(partition, workers, microBatch), fits(plan) else { return nil }
        return plan
    }

    /// `wanted` where it fits; else the largest micro-batch that does.
    ///
    /// Bytes grow with the micro-batch but for one step: a batch of one round needs no vectors of gradients. So the
    /// whole part of a worker is tried first, and what is left is a search by halves.
    private func largestFitting(_ partition: SumOrder, _ workers: Int, wanted: Int) -> ExecutionPlan? {
        // where the parameters alone do not fit, no micro-batch does
        guard 4 * compiler.layout.count <= machine.memory ?? memoryLimit else { return nil }
        if let plan = fitting(partition, workers, wanted) { return plan }
        let part = triangle(partition).rounded((rows + workers - 1) / workers)
        if part > wanted, machine.microBatch == nil, let plan = fitting(partition, workers, part) { return plan }
        return largestFitting(partition, workers, below: wanted)
    }

    /// The largest micro-batch of all that fit, though a smaller one may be faster; nil where none does.
    func largestMicroBatch(_ partition: SumOrder, workers: Int) -> Int? {
        let part = triangle(partition).rounded((rows + workers - 1) / workers)
        if fitting(partition, workers, part) != nil { return part }
        return largestFitting(partition, workers, below: part)?.division.microBatch
    }

    private func largestFitting(_ partition: SumOrder, _ workers: Int, below wanted: Int) -> ExecutionPlan? {
        let step = step(partition)
        var best: ExecutionPlan?
        // multiples of the step: `low` fits or is 0, `high` does not
        var (low, high) = (0, (wanted + step - 1) / step)
        while high - low > 1 {
            let middle = (low + high) / 2
            if let plan = fitting(partition, workers, middle * step) {
                (best, low) = (plan, middle)
            } else {
                high = middle
            }
        }
        return best
    }
}
