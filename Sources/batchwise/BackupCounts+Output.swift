import Batchwise
import Foundations

extension BackupCounts {
    var json: JSON { .object([("gradients", .int(gradients)), ("dropped", .int(dropped))]) }
}
