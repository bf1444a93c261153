import Foundation

/// What belongs to the machine and not to the recipe: it decides how fast, never what comes out.
public struct Machine: Hashable, Sendable {
    /// Worker threads; nil lets the plan choose: one a core, or one where batches are too small to share.
    public var threads: Int?
    /// Examples of one forward and backward pass on one worker; nil lets the plan choose.
    public var microBatch: Int?
    /// Bytes that training may use beside the data set; nil for no limit.
    public var memory: Int?
    /// Threads that read and augment examples ahead of training, where they are not in memory as they are; 0 lets
    /// updates wait for it; nil is one a core.
    public var loadingThreads: Int?

    /// What is not said is chosen by the plan.
    public init(threads: Int? = nil, microBatch: Int? = nil, memory: Int? = nil, loadingThreads: Int? = nil) {
        self.threads = threads
        self.microBatch = microBatch
        self.memory = memory
        self.loadingThreads = loadingThreads
    }

    var resolvedLoadingThreads: Int { max(0, min(loadingThreads ?? cores, 256)) }

    var cores: Int { ProcessInfo.processInfo.activeProcessorCount }
}
