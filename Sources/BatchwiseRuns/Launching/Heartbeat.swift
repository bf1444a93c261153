import Foundation
import Foundations

/// Tells the supervisor of a launched run how far it is.
///
/// All processes meet at every update, so the first of them goes on only while all do.
package final class Heartbeat {
    /// The variable by which a supervisor says where it reads: the number of the start, a colon, and the file.
    package static let variable = "BATCHWISE_LAUNCH"
    /// The seconds between two beats of one phase.
    private static let pause = 0.1

    private let file: LaunchFile
    private var record: LaunchRecord
    private var last = 0.0

    /// - Parameter text: the value of the variable; nil where nobody supervises.
    package init?(_ text: String?) {
        guard let parts = text?.split(separator: ":", maxSplits: 1), parts.count == 2, let start = Int(parts[0]),
            let file = LaunchFile(at: String(parts[1]))
        else { return nil }
        self.file = file
        record = LaunchRecord(start: start)
    }

    /// Tells that the run goes on.
    package func beat(_ phase: LaunchRecord.Phase, update: Int? = nil) {
        let time = now()
        guard record.count == 0 || phase != record.phase || time - last >= Self.pause else { return }
        last = time
        record.phase = phase
        record.update = update ?? record.update
        record.count += 1
        file.write(record)
    }

    /// Tells the exit status of the run's processes, beside how far this start has come.
    package func end(_ status: Int32) {
        if let last = file.read(), last.start == record.start { record = last }
        record.status = Int(status)
        record.count += 1
        file.write(record)
    }
}
