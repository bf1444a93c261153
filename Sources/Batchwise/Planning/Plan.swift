import Foundations

/// What this machine will do for a recipe: known before anything runs.
public struct Plan: Sendable, Hashable, Codable {
    /// Bytes by purpose: all that training takes.
    public struct Bytes: Sendable, Hashable, Codable {
        /// The parameters, and the flipped copies of convolutions' weights that backward passes read.
        public var parameters = 0
        /// Sums of gradients: of all parameters where a batch takes several micro-batches, else of one slice a worker.
        public var gradients = 0
        public var optimizer = 0
        /// The arenas, in which the tensors of all layers share what they do not need at the same time.
        public var activations = 0
        /// Packing buffers, stacks of threads, instructions, the numbers of examples.
        public var workspace = 0
        /// Batches that are read and augmented ahead, and what draws examples by chance.
        public var loading = 0
        /// The data set as it is held in memory.
        public var data = 0
        /// What `Machine.memory` limits: everything but the data set. Evaluations and checkpoints copy the parameters on top
        /// of it, for a moment.
        public var training: Int { parameters + gradients + optimizer + activations + workspace + loading }
        public var total: Int { training + data }
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
    /// What each layer keeps in the arenas.
    public var layers: [Layer] = []
    /// What the plan changed of what was asked, in words.
    public var notices: [String] = []
}

extension Plan {
    /// Reads plans of earlier versions too, which know less.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        batch = try keys.decode(Int.self, forKey: .batch)
        grain = try keys.decode(Int.self, forKey: .grain)
        lanes = try keys.decode(Int.self, forKey: .lanes)
        microBatch = try keys.decode(Int.self, forKey: .microBatch)
        block = try keys.decodeIfPresent(Int.self, forKey: .block)
        accumulationSteps = try keys.decode(Int.self, forKey: .accumulationSteps)
        workers = try keys.decode(Int.self, forKey: .workers)
        learningRate = try keys.decode(Double.self, forKey: .learningRate)
        updatesPerEpoch = try keys.decode(Int.self, forKey: .updatesPerEpoch)
        parameters = try keys.decode(Int.self, forKey: .parameters)
        bytes = try keys.decode(Bytes.self, forKey: .bytes)
        layers = try keys.decodeIfPresent([Layer].self, forKey: .layers) ?? []
        notices = try keys.decodeIfPresent([String].self, forKey: .notices) ?? []
    }
}

extension Plan.Bytes {
    /// A kind that an earlier version did not count is 0.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        func bytes(_ key: CodingKeys) throws -> Int { try keys.decodeIfPresent(Int.self, forKey: key) ?? 0 }
        parameters = try bytes(.parameters)
        gradients = try bytes(.gradients)
        optimizer = try bytes(.optimizer)
        activations = try bytes(.activations)
        workspace = try bytes(.workspace)
        loading = try bytes(.loading)
        data = try bytes(.data)
    }
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
        optimizer \(byteText(bytes.optimizer)), activations \(byteText(bytes.activations)), \
        workspace \(byteText(bytes.workspace))\(bytes.loading > 0 ? ", loading \(byteText(bytes.loading))" : ""), \
        in all \(byteText(bytes.training)) beside data of \(byteText(bytes.data))
        """
    }
}
