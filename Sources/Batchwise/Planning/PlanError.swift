import Foundations

/// An error in a recipe that cannot run on this machine, or with these settings. It is thrown before anything runs.
public enum PlanError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system did not give so many bytes of memory.
    case outOfMemory(bytes: Int)
    /// Training needs more than `limit` bytes, or, where `limit` is nil, more than the machine has. `least` bytes would
    /// suffice.
    case overBudget(limit: Int?, least: Int, reason: String)
    /// Micro-batch, accumulation steps and workers do not make the batch.
    case contradiction(String)
    /// So many worker threads are out of range.
    case threads(requested: Int)
    /// The system did not start so many threads; `option` is the option that gives their number.
    case threadsRefused(requested: Int, option: String)
    /// The model's output or the targets do not fit the loss.
    case mismatch(String)
    /// `last: drop` leaves no batch at all.
    case noBatches(examples: Int, batch: Int)
    /// A graph holds an operation that only the reference interpreter computes.
    case noKernel(at: String, operation: String)

    /// One line for a person: the reason, and what to do about it.
    public var description: String {
        switch self {
        case .outOfMemory(let bytes):
            "not enough memory: \(byteText(bytes)) more are needed. Use fewer --threads, a smaller --micro-batch or model, "
                + "or more --memory"
        case .overBudget(let limit, let least, let reason):
            "not enough memory: \(limit.map { "\(byteText($0)) are allowed" } ?? "\(byteText(memoryLimit)) are left on this machine") "
                + "and \(least) bytes (\(byteText(least))) are the least that will do; \(reason). "
                + "Use \(limit == nil ? "" : "--memory \(least) or ")a smaller model"
        case .contradiction(let reason):
            reason
        case .threads(let requested):
            "cannot start \(requested) worker threads: give --threads a number from 1 to 256"
        case .threadsRefused(let requested, let option):
            "the system refuses to start \(requested) threads: give \(option) a smaller number, or raise the limit on "
                + "processes (ulimit -u, or the container's limit)"
        case .mismatch(let reason):
            reason
        case .noKernel(let path, let operation):
            "layer \(path): there is no kernel for \(operation): run this graph in the interpreter"
        case .noBatches(let examples, let batch):
            "a batch of \(batch) with last: drop leaves nothing of \(examples) examples: use a smaller batch or last: keep"
        }
    }
}
