/// What this machine will do for a recipe: known before anything runs.
public struct Plan: Sendable, Hashable, Codable {
    /// Bytes by purpose. Data counts the examples as they are held in memory.
    public struct Bytes: Sendable, Hashable, Codable {
        public var parameters = 0
        public var gradients = 0
        public var optimizer = 0
        public var activations = 0
        public var data = 0
        public var total: Int { parameters + gradients + optimizer + activations + data }
    }

    /// Batches of one size, where the batch grows at marks.
    public struct Phase: Sendable, Hashable, Codable {
        /// Examples of one update.
        public var batch: Int
        /// The epoch, from 1, and the update, from 1 over the whole run, that it begins with.
        public var epoch: Int
        public var update: Int
        public var lanes: Int
        public var microBatch: Int
        public var accumulationSteps: Int
        public var workers: Int
        /// In an epoch that has no other batches.
        public var updatesPerEpoch: Int
    }

    /// Examples of one update; where the batch grows, of the first ones, as all that follows but the bytes, which are
    /// those of the largest batch.
    public var batch: Int
    /// Examples of a grain, and lanes of a full batch: the recipe's, or chosen by the batch.
    public var grain: Int
    public var lanes: Int
    /// Examples of one forward and backward pass on one worker.
    public var microBatch: Int
    /// Examples that stay near each other in the shuffle; nil where all are shuffled.
    public var block: Int?
    /// Micro-batches that one worker runs for one update.
    public var accumulationSteps: Int
    /// Threads.
    public var workers: Int
    /// The highest rate of the run.
    public var learningRate: Double
    public var updatesPerEpoch: Int
    /// Numbers that the model has, without running statistics.
    public var parameters: Int
    public var bytes: Bytes
    /// How the batch grows, in words; nil where it does not.
    public var growth: String?
    /// The phases of a batch that grows at marks; empty where it does not, or where a norm test decides.
    public var phases: [Phase] = []
    /// What the plan changed of what was asked, in words.
    public var notices: [String] = []
}

extension Plan: CustomStringConvertible {
    /// Four significant digits.
    private var rateText: String {
        guard learningRate > 0, learningRate.isFinite else { return "\(learningRate)" }
        var scale = 1.0
        while learningRate * scale < 1000 { scale *= 10 }
        while learningRate * scale >= 10_000 { scale /= 10 }
        return "\((learningRate * scale).rounded() / scale)"
    }

    public var description: String {
        """
        batch \(batch)\(block.map { " (shuffled in blocks of \($0))" } ?? "") in \(lanes) \(lanes == 1 ? "lane" : "lanes") of grains of \(grain); \
        \(workers) \(workers == 1 ? "worker" : "workers"), micro-batch \(microBatch), \
        \(accumulationSteps) accumulation \(accumulationSteps == 1 ? "step" : "steps")
        \(updatesPerEpoch) \(updatesPerEpoch == 1 ? "update" : "updates") an epoch at a learning rate of up to \(rateText); \
        \(parameters) parameters\(growth.map { "\n" + $0 } ?? "")
        memory: parameters \(byteText(bytes.parameters)), gradients \(byteText(bytes.gradients)), \
        optimizer \(byteText(bytes.optimizer)), activations \(byteText(bytes.activations)), data \(byteText(bytes.data))
        """
    }
}
