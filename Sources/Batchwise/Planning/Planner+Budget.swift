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
            plan.reason = "--accumulation asks for \(steps) \(steps == 1 ? "step" : "steps")"
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

    private func fewestWorkers(_ workers: Int) -> Int { machine.threads == nil ? machine.ranks : workers }

    func execution(
        _ partition: SumOrder, _ workers: Int, _ microBatch: Int
    ) throws(PlanError) -> ExecutionPlan {
        try ExecutionPlan(
            compiler, partition: partition,
            division: WorkDivision(
                workers: workers, microBatch: microBatch, unit: unit(partition), rank: machine.rank,
                ranks: machine.ranks), rules: rules, rows: rows)
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

    /// The plan that needs the least memory of those that the machine's settings allow.
    private func smallest(_ partition: SumOrder, workers: Int) throws(PlanError) -> ExecutionPlan {
        var smallest: ExecutionPlan?
        for count in stride(from: workers, through: fewestWorkers(workers), by: -machine.ranks) {
            let wanted = microBatch(partition, workers: count).size
            let part = triangle(partition).rounded((rows + count - 1) / count)
            for size in [min(step(partition), wanted), wanted, machine.microBatch == nil ? part : wanted] {
                let plan = try execution(partition, count, size)
                if plan.bytes < smallest?.bytes ?? .max { smallest = plan }
            }
        }
        guard let smallest else { throw .threads(requested: workers) }
        return smallest
    }

    /// The error where not even this plan can be run; it says why, and which budget would do.
    private func refusal(_ plan: ExecutionPlan) -> PlanError {
        let least = plan.bytes + loadingBytes
        let fixed = 4 * (plan.layout.count + plan.program.mirrorFloats + plan.gradientFloats + plan.stateFloats)
        let layers = graph.layerMemory(plan)
        func heaviest(_ bytes: (Plan.Layer) -> Int) -> Plan.Layer? {
            layers.reduce(nil) { best, layer in best.map { bytes($0) >= bytes(layer) } ?? false ? best : layer }
        }
        var reason = ""
        if fixed > 4 * plan.activationFloats, let layer = heaviest({ $0.parameters }) {
            reason =
                "parameters, gradients and optimizer take \(byteText(fixed)) of it, most for layer \(layer.name) with "
                + "\(layer.parameters) parameters"
        } else if let layer = heaviest({ $0.peakBytes }) {
            reason =
                "layer \(layer.name) has \(byteText(layer.peakBytes)) of the \(byteText(4 * plan.activationFloats)) that "
                + "micro-batches of \(plan.division.microBatch) take on \(plan.division.workers) worker"
                + "\(plan.division.workers == 1 ? "" : "s") at their fullest"
            if !graph.ghostBatches.isEmpty { reason += ", which hold whole ghost batches: smaller ones take less" }
        }
        if let limit = machine.memory, least > limit {
            return .overBudget(limit: limit, least: least, reason: reason)
        }
        reason += "; evaluations and checkpoints copy \(byteText(plan.copyBytes)) more"
        return .overBudget(limit: nil, least: least + plan.copyBytes, reason: reason)
    }
}
