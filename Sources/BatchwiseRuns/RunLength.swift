import Batchwise
import BatchwiseData

/// The length that a run is to have after all.
public enum RunLength: Hashable, Sendable {
    /// This many epochs.
    case epochs(Int)
    /// This many updates, which must end with an epoch.
    case updates(Int)

    /// The number of epochs.
    ///
    /// - Parameter schedule: the batches of the run.
    func epochs(in schedule: () throws -> BatchSchedule) throws -> Int {
        switch self {
        case .epochs(let epochs): return epochs
        case .updates(let updates):
            let schedule = try schedule()
            // more cannot be counted in epochs, of which a run has a million at most
            guard (1...1 << 50).contains(updates) else {
                throw RecipeError.value(at: "updates", expected: "a whole number from 1 to 2^50", found: "\(updates)")
            }
            let (epoch, batch) = schedule.place(ofUpdate: updates)
            guard batch == 0 || batch == schedule.batches(inEpoch: epoch) else {
                let ends = [epoch, epoch + 1].map { schedule.updates(beforeBatch: 0, ofEpoch: $0) }
                throw RecipeError.value(
                    at: "updates",
                    expected:
                        "a number with which an epoch ends, such as \(ends[0] > 0 ? "\(ends[0]) or " : "")\(ends[1])",
                    found: "\(updates)")
            }
            return batch == 0 ? epoch - 1 : epoch
        }
    }
}
