// The place of a run on its clock, and the updates that are left.

extension Trainer {
    /// Examples of one pass over the data.
    package var examplesPerEpoch: Int { schedule.batches.examplesPerEpoch }

    /// Updates that are left in the epoch; one, where the gradient's noise may be about to change that.
    package var updatesLeftInEpoch: Int {
        mayDecide ? 1 : schedule.batches.batches(inEpoch: progress.epoch) - progress.batch
    }

    /// Examples of a full batch at the end of an epoch.
    package func batchSize(atEndOf epoch: Int) -> Int {
        schedule.batches.phases[
            schedule.batches.phase(ofBatch: schedule.batches.batches(inEpoch: epoch) - 1, inEpoch: epoch)
        ].size
    }

    /// Whether a run of this recipe on these data can have come this far.
    package func comesTo(_ progress: TrainingProgress) -> Bool { batches(at: progress) != nil }

    /// The schedule of a run that has come this far; nil where no run of this recipe on these data can.
    func batches(at seen: TrainingProgress) -> BatchSchedule? {
        guard (1...epochLimit + 1).contains(seen.epoch), seen.batch >= 0,
            let schedule = try? BatchSchedule(
                recipe.batch, examples: orders.count, epochs: recipe.epochs, decisions: seen.growth ?? []),
            seen.batch < schedule.batches(inEpoch: seen.epoch),
            seen.updates == schedule.updates(beforeBatch: seen.batch, ofEpoch: seen.epoch),
            seen.examples == schedule.examplesSeen(beforeBatch: seen.batch, ofEpoch: seen.epoch),
            seen.growth?.last?.examples ?? 0 <= seen.examples
        else { return nil }
        return schedule
    }
}
