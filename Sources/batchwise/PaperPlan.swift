import Batchwise
import BatchwiseData
import Foundations

/// A paper's run on many workers, in the words of a recipe for one machine.
struct PaperPlan {
    let workers: Int
    /// The number of examples of one worker in the paper.
    let share: Int
    let batch: Int
    /// The accumulation steps on this machine for one worker's share of the paper, on one worker and on the plan's
    /// workers.
    let steps: [(workers: Int, steps: Int)]
    /// The rate of the paper, and of a batch as large as one worker's share by the linear rule.
    let rate: Double
    let reference: (rate: Double, batch: Int)
    let warmup: String?
    /// The ghost batches of the model that are not a worker's share; nil where it has no batch normalisation.
    let otherGhosts: [Int]?

    init(_ run: PreparedRun, workers: Int) throws {
        let batch = run.recipe.batch.size
        guard batch % workers == 0 else {
            throw Failure(
                .usage,
                "a batch of \(batch) is not the same number of examples on each of \(workers) workers: that is "
                    + "\(significant(Double(batch) / Double(workers))) each; change --paper-workers or batch.size")
        }
        self.workers = workers
        self.batch = batch
        let share = batch / workers
        self.share = share
        let here = [1, run.plan.workers].filter { workers % $0 == 0 }
        steps = (here.count == 2 && here[0] == here[1] ? [1] : here).map { ($0, workers / $0) }
        let learningRate = run.recipe.learningRate
        if learningRate.scaling == .linear, let known = learningRate.atBatch {
            rate = learningRate.base * Double(batch) / Double(known)
            reference = (learningRate.base, known)
        } else {
            rate = run.plan.learningRate
            reference = (rate * Double(share) / Double(batch), share)
        }
        warmup = learningRate.warmup?.over.description
        let ghosts = run.ghostBatches
        otherGhosts = ghosts.isEmpty ? nil : ghosts.filter { $0 != share }
    }

    private var keys: String {
        "batch: {size: \(batch)}, learning-rate: {base: \(number(reference.rate)), at-batch: \(reference.batch), "
            + "scaling: linear\(warmup.map { ", warmup: \($0)" } ?? "")}"
    }

    var text: String {
        let here = steps.map {
            "\(counted($0.steps, "accumulation step")) of \(share) on \(counted($0.workers, "worker"))"
        }
        var lines = [
            "there: batch \(batch) on \(counted(workers, "worker")) is \(share) examples each",
            "here: \(here.joined(separator: ", or ")); the plan's own cut gives the same bits",
            "rate: \(significant(rate)) is \(significant(reference.rate)) at a batch of \(reference.batch), by the linear rule "
                + "times \(significant(rate / reference.rate)) (Goyal 2017)",
            "recipe: \(keys)",
        ]
        if let otherGhosts {
            lines.append(
                otherGhosts.isEmpty
                    ? "batch normalisation: over \(share) examples, as each worker there"
                    : "batch normalisation: each worker there normalised its own \(share) examples; the recipe has "
                        + "\(otherGhosts.map(String.init).joined(separator: ", ")): {batch-norm: {ghost: \(share)}} is the "
                        + "same here")
        }
        return lines.map { "  \($0)\n" }.joined()
    }

    var json: JSON {
        .object([
            ("workers", .int(workers)), ("examples_per_worker", .int(share)),
            (
                "here",
                .array(
                    steps.map {
                        .object([
                            ("workers", .int($0.workers)), ("accumulation_steps", .int($0.steps)),
                            ("micro_batch", .int(share)),
                        ])
                    })
            ),
            ("learning_rate", .number(rate)), ("base_rate", .number(reference.rate)),
            ("base_batch", .int(reference.batch)), ("factor", .number(rate / reference.rate)),
            ("recipe", .string(keys)), ("ghost", otherGhosts == nil ? .null : .int(share)),
            ("other_ghosts", .array((otherGhosts ?? []).map { .int($0) })),
        ])
    }
}

/// A number rounded so that it shows no digits from rounding errors.
private func number(_ value: Double) -> String {
    let text = significant(value)
    return Double(text) == value ? text : "\(value)"
}
