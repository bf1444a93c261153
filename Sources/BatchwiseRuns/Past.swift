import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// The state that a resumed run takes over from its directory, beside the state of its trainer.
struct Past {
    /// Whether there was a checkpoint; without one the run begins at its beginning.
    private(set) var hasCheckpoint = false
    /// Whether the run's log says that it has begun.
    let hasBegun: Bool
    /// The sums of the epoch that is going on.
    private(set) var totals = EpochTotals()
    /// Seconds of training of the epochs before, and the part of them in which updates waited for examples.
    private(set) var seconds = 0.0
    private(set) var stalled = 0.0
    /// The training loss and accuracy of the last epoch.
    private(set) var lastLoss, lastAccuracy: Double?
    /// Notices for a person.
    var notices: [String] = []

    /// Sets the trainer to the newest checkpoint that can be read.
    ///
    /// - Throws: `RunError` where the run was trained and cannot go on; no file of the run is changed then.
    init(
        restoring trainer: inout Trainer, _ directory: RunDirectory, _ data: LoadedData, _ checksums: DataChecksums
    ) throws {
        directory.removeLeftovers()
        let log = try RunLog(of: directory.path)
        hasBegun = !log.events.isEmpty
        if let found = try directory.checkpoints.newest() {
            let checkpoint = found.checkpoint
            guard checkpoint.isOfRecipe(trainer.recipe) else { throw RunError.otherRecipe(directory.path) }
            if let notice = try Self.requireSame(data, checksums, as: checkpoint, in: directory) {
                notices.append(notice)
            }
            guard trainer.comesTo(checkpoint.progress) else {
                throw RunError.otherData(directory.path, difference: "the number of the training examples")
            }
            do {
                try trainer.restore(checkpoint)
            } catch { throw error.naming(found.path) }
            totals = EpochTotals(note: checkpoint.model.notes[EpochTotals.note]) ?? EpochTotals()
            hasCheckpoint = true
            notices += found.notices
        } else {
            // the first checkpoint is written before anything else
            guard !log.hasProgress, access(directory.model, F_OK) != 0 else {
                throw RunError.noCheckpoint(directory.checkpoints.path)
            }
            notices.append("\(directory.path): the run had no checkpoint yet, and begins at its beginning")
        }
        if access(directory.plan, F_OK) != 0 { try directory.write(trainer.plan) }
        let before = trainer.progress.epoch - 1
        let epochs = log.epochs(before: before + 1)
        if epochs.count < before {
            notices.append("\(directory.events): holds \(epochs.count) of the \(before) epochs before")
        }
        seconds = epochs.reduce(0) { $0 + $1.seconds }
        stalled = epochs.reduce(0) { $0 + $1.seconds * ($1.stall ?? 0) }
        (lastLoss, lastAccuracy) = (epochs.last?.trainLoss, epochs.last?.trainAccuracy)
    }

    /// Makes sure that the data are those of a checkpoint; returns a notice where it does not tell.
    private static func requireSame(
        _ data: LoadedData, _ checksums: DataChecksums, as checkpoint: Checkpoint, in directory: RunDirectory
    ) throws -> String? {
        let known = DataChecksums(note: checkpoint.model.notes[DataChecksums.note])
        let difference = known.flatMap { checksums.difference(from: $0) }
        let fitted = try data.preprocessing.difference(from: checkpoint.model.preprocessing)
        if let difference = difference ?? fitted { throw RunError.otherData(directory.path, difference: difference) }
        return known == nil
            ? "\(directory.path): was begun by a version of Batchwise that kept no checksums of the data: that features, "
                + "labels and weights are still the same is not checked" : nil
    }
}
