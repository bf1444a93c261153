/// Why a recipe cannot run on this machine, or not with these settings. Thrown before anything runs.
public enum PlanError: Error, Equatable, Sendable, CustomStringConvertible {
    /// More memory than there is, or than `--memory` allows.
    case outOfMemory(bytes: Int)
    /// The same for the largest of the batches that a run grows to.
    case growthOutOfMemory(batch: Int, bytes: Int)
    case threads(requested: Int)
    /// The model's output or targets do not go with the loss.
    case mismatch(String)
    /// `last: drop` leaves no batch at all.
    case noBatches(examples: Int, batch: Int)

    public var description: String {
        switch self {
        case .outOfMemory(let bytes):
            "not enough memory: \(byteText(bytes)) more are needed. Use fewer --threads, a smaller --micro-batch or model, "
                + "or more --memory"
        case .growthOutOfMemory(let batch, let bytes):
            "not enough memory for batches of \(batch), the largest that this run grows to: \(byteText(bytes)) more are "
                + "needed. Use a smaller batch.grow.up-to, fewer --threads, a smaller --micro-batch, or more --memory"
        case .threads(let requested):
            "cannot start \(requested) worker threads: give --threads a number from 1 to 256"
        case .mismatch(let reason):
            reason
        case .noBatches(let examples, let batch):
            "a batch of \(batch) with last: drop leaves nothing of \(examples) examples: use a smaller batch or last: keep"
        }
    }
}

/// 1,234,567 bytes as "1.2 MiB".
package func byteText(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1024 && unit < units.count - 1 {
        value /= 1024
        unit += 1
    }
    if unit == 0 { return "\(bytes) bytes" }
    let tenths = (value * 10).rounded() / 10
    return "\(tenths) \(units[unit])"
}
