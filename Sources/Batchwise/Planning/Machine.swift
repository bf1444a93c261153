/// The settings of the machine, which are no part of the recipe: they decide how fast a result is computed, never
/// which.
public struct Machine: Hashable, Sendable {
    /// Worker threads; nil lets the plan choose: one a core, or one where batches are too small to share.
    public var threads: Int?
    /// Examples of one forward and backward pass on one worker; nil lets the plan choose.
    public var microBatch: Int?
    /// Micro-batches that one worker runs for one update; nil follows from the batch, the micro-batch and the threads.
    public var accumulation: Int?
    /// Bytes that updates may use for everything but the data set: what `Plan.Bytes.training` counts. Evaluations and
    /// checkpoints copy the parameters on top of it, for a moment. nil is the memory of the machine.
    public var memory: Int?
    /// Threads that read and augment examples ahead of training, where they are not in memory as they are; 0 lets
    /// updates wait for it; nil is one a core.
    public var loadingThreads: Int?
    /// How many processes train together, and which of them this is.
    package var (ranks, rank) = (1, 0)
    /// The machines that these processes are on: between them, numbers go by messages.
    package var machines = 1
    /// The cores of this process where it shares a machine with others that train with it.
    package var coresOfProcess: Int?

    /// A machine with these settings; the plan chooses those that are nil.
    public init(
        threads: Int? = nil, microBatch: Int? = nil, accumulation: Int? = nil, memory: Int? = nil,
        loadingThreads: Int? = nil
    ) {
        self.threads = threads
        self.microBatch = microBatch
        self.accumulation = accumulation
        self.memory = memory
        self.loadingThreads = loadingThreads
    }

    var resolvedLoadingThreads: Int { max(0, min(loadingThreads ?? cores, 256)) }

    /// The cores that this process may use.
    package var cores: Int { coresOfProcess ?? Self.availableCores }
}
