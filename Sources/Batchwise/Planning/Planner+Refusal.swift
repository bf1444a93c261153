import Foundations

// The refusal of a recipe that no micro-batch brings within the memory, with the least that would do.

extension Planner {
    /// The plan that needs the least memory of those that the machine's settings allow.
    func smallest(_ partition: SumOrder, workers: Int) throws(PlanError) -> ExecutionPlan {
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
    func refusal(_ plan: ExecutionPlan) -> PlanError {
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
            if !graph.ghostBatches.isEmpty { reason += ", for whole ghost batches: smaller ones take less" }
        }
        if let limit = machine.memory, least > limit {
            return .overBudget(limit: limit, least: least, reason: reason)
        }
        reason += "; evaluations and checkpoints copy \(byteText(plan.copyBytes)) more"
        return .overBudget(limit: nil, least: least + plan.copyBytes, reason: reason)
    }
}
