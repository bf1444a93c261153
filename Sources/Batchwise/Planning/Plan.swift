import Foundations

/// The way in which this machine will run a recipe, known before anything runs.
public struct Plan: Sendable, Hashable, Codable {
    /// The bytes that training takes, by purpose.
    public struct Bytes: Sendable, Hashable, Codable {
        /// The parameters, and the flipped copies of convolutions' weights that backward passes read.
        public var parameters = 0
        /// Sums of gradients: of all parameters where a batch takes several micro-batches, else of one slice a worker.
        public var gradients = 0
        /// The optimizer's vectors, and the average of the parameters where the recipe has one.
        public var optimizer = 0
        /// The arenas. Tensors of different layers share memory there where they are not needed at the same time.
        public var activations = 0
        /// Packing buffers, stacks of threads, instructions, the numbers of examples.
        public var workspace = 0
        /// Batches that are read and augmented ahead, and the tables from which examples are drawn by chance.
        public var loading = 0
        /// The data set, as far as it is in memory.
        public var data = 0
        /// The bytes that `Machine.memory` limits: everything but the data set. Evaluations and checkpoints copy the
        /// parameters on top of it, for a moment.
        public var training: Int { parameters + gradients + optimizer + activations + workspace + loading }
        /// The bytes of training and of the data set.
        public var total: Int { training + data }
    }

    /// A part of the run with batches of one size, where the batch grows at marks.
    public struct Phase: Sendable, Hashable, Codable {
        /// The examples of one update.
        public var batch: Int
        /// The epoch in which the phase begins, counted from 1.
        public var epoch: Int
        /// The number of the phase's first update, counted from 1 over the whole run.
        public var update: Int
        /// The number of lanes of a full batch.
        public var lanes: Int
        /// The examples of one forward and backward pass on one worker.
        public var microBatch: Int
        /// The micro-batches that one worker runs for one update.
        public var accumulationSteps: Int
        /// The number of worker threads.
        public var workers: Int
        /// The updates of an epoch that has only batches of this size.
        public var updatesPerEpoch: Int
    }

    /// The examples of one update. Where the batch grows, this and all other members but the bytes are those of the
    /// first batches; the bytes are those of the largest batch.
    public var batch: Int
    /// The examples of a grain, from the recipe or chosen by the batch.
    public var grain: Int
    /// The number of lanes of a full batch, from the recipe or chosen by the batch.
    public var lanes: Int
    /// The examples of one forward and backward pass on one worker.
    public var microBatch: Int
    /// The length of the blocks of examples that stay near each other in the shuffle; nil where all are shuffled one by
    /// one.
    public var block: Int?
    /// The micro-batches that one worker runs for one update.
    public var accumulationSteps: Int
    /// The number of worker threads.
    public var workers: Int
    /// The highest learning rate of the run.
    public var learningRate: Double
    /// The number of updates in an epoch.
    public var updatesPerEpoch: Int
    /// The number of elements of the model's parameters, without running statistics.
    public var parameters: Int
    /// The bytes that training takes, by purpose.
    public var bytes: Bytes
    /// The growth of the batch, in words; nil where the batch does not grow.
    public var growth: String?
    /// The phases of a batch that grows at marks; empty where it does not, or where its noise decides.
    public var phases: [Phase] = []
    /// The memory of each layer in the arenas.
    public var layers: [Layer] = []
    /// The reason for the size of the micro-batch, in a sentence.
    public var reason = ""
    /// Lines for a person: settings that the plan changed, settings that are likely to be a mistake, and parameters
    /// that were loaded.
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
        reason = try keys.decodeIfPresent(String.self, forKey: .reason) ?? ""
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
    /// The plan in a few lines for a person.
    public var description: String {
        """
        batch \(batch)\(block.map { " (shuffled in blocks of \($0))" } ?? "") in \(lanes) \(lanes == 1 ? "lane" : "lanes") of grains of \(grain); \
        \(workers) \(workers == 1 ? "worker" : "workers"), micro-batch \(microBatch), \
        \(accumulationSteps) accumulation \(accumulationSteps == 1 ? "step" : "steps")
        \(updatesPerEpoch) \(updatesPerEpoch == 1 ? "update" : "updates") an epoch at a learning rate of up to \(rounded(learningRate, digits: 4)); \
        \(parameters) parameters\(growth.map { "\n" + $0 } ?? "")
        memory: parameters \(byteText(bytes.parameters)), gradients \(byteText(bytes.gradients)), \
        optimizer \(byteText(bytes.optimizer)), activations \(byteText(bytes.activations)), \
        workspace \(byteText(bytes.workspace))\(bytes.loading > 0 ? ", loading \(byteText(bytes.loading))" : ""), \
        in all \(byteText(bytes.training)) beside data of \(byteText(bytes.data))
        """
    }
}
