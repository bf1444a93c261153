/// A size of micro-batch, with the reason for it in a sentence and, where it is not as asked, a notice.
struct MicroBatchChoice {
    var size: Int
    var reason: String
    var notice: String?

    /// The size that comes of one that was asked for.
    fileprivate init(asked: Int, becomes size: Int, _ change: String = "") {
        self.size = size
        reason = "--micro-batch gives it"
        guard asked != size else { return }
        reason = "--micro-batch \(asked) is \(change)"
        notice = "micro-batch \(asked) \(change)"
    }

    fileprivate init(_ size: Int, _ reason: String) {
        self.size = size
        self.reason = reason
    }
}

extension Planner {
    /// The micro-batch that was asked for, as near as there is one, or else the one that is likely to be the fastest.
    func microBatch(_ partition: SumOrder, workers: Int) -> MicroBatchChoice {
        let part = triangle(partition).rounded((rows + workers - 1) / workers)
        guard let asked = machine.microBatch else { return usual(partition, part, workers: workers) }
        return given(asked, becomes: min(triangle(partition).rounded(max(asked, 1)), part), partition, workers: workers)
    }

    /// The micro-batch that `asked` has become, on so many workers.
    func given(_ asked: Int, becomes size: Int, _ partition: SumOrder, workers: Int) -> MicroBatchChoice {
        let cause = size < asked ? shares(workers) : kept(partition)
        return MicroBatchChoice(
            asked: asked, becomes: size, "\(size < asked ? "lowered" : "raised") to \(size): \(cause)")
    }

    private func usual(_ partition: SumOrder, _ part: Int, workers: Int) -> MicroBatchChoice {
        let step = step(partition)
        let whole = workers == 1 ? "it is the whole batch" : "it is a worker's part of a batch: \(shares(workers))"
        if graph.isCoupled {
            // one round of the whole batch, where normalisation would repeat others
            return MicroBatchChoice(part, whole + "; normalisation over the batch would repeat smaller ones")
        }
        let fitting = min(max(arenaTarget / (4 * max(compiler.plan.size, 1)), 16), 256)
        let size = max(fitting / step * step, min(step, rows))
        if size >= part { return MicroBatchChoice(part, whole) }
        return MicroBatchChoice(
            size,
            fitting < step
                ? "it is the smallest: \(kept(partition))"
                : "it is likely to be the fastest, for its tensors stay in the cache")
    }

    /// "32 examples on 2 workers"
    private func shares(_ workers: Int) -> String {
        workers == 1 ? "the batch has \(rows) examples" : "\(rows) examples on \(workers) workers"
    }

    /// The parts of a batch that micro-batches keep whole, in a clause.
    private func kept(_ partition: SumOrder) -> String {
        let step = step(partition)
        if partition.grain >= rows { return "a grain holds the whole batch of \(rows)" }
        if step < rows {
            return "micro-batches hold whole \(ghosts.isEmpty ? "grains" : "ghost batches"), here of \(step)"
        }
        return ghosts.count < 2
            ? "a ghost batch holds the whole batch of \(rows)"
            : "ghost batches of different sizes keep the whole batch of \(rows) together"
    }
}
