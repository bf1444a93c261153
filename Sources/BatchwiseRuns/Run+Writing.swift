import Batchwise
import BatchwiseData
import Foundations

// The files that a run writes beside its log: checkpoints and the model.

extension Run {
    /// Writes checkpoint and model, in this order: a finished run whose model could not be written needs no more
    /// training.
    mutating func save(note: EpochTotals?) throws {
        let processes = processes
        let checkpoint = try checkpoint(note)
        try processes.together {
            do {
                try recorder.write(checkpoint)
                try directory.write(try result())
                for text in [trainer.progress.staleness?.sentence, trainer.progress.backup?.sentence] {
                    guard let text else { continue }
                    recorder.add(.notice(.init(time: timestamp(), update: trainer.progress.updates, text: text)))
                }
                recorder.add(end())
                try recorder.writeEvents()
            } catch {
                throw RunError.notWritten(directory.path, reason: "\(error)", exitCode: 74)
            }
        }
    }

    func end() -> RunEvent {
        let status: RunEvent.End.Status =
            !trainer.isFinished ? .interrupted : trainer.hasStoppedEarly ? .stopped : .finished
        return .end(.init(time: timestamp(), update: trainer.progress.updates, status: status))
    }

    /// Writes a checkpoint if one is due. Parameters that have just overflowed are not saved: the next update refuses
    /// them.
    mutating func writeCheckpointIfDue(note: EpochTotals?, _ tell: (Report) -> Void) throws {
        guard processes.first(recorder.isDue(trainer.progress)), trainer.isFinite else { return }
        self.note(recorder.tryToWrite(try checkpoint(note)), tell)
    }

    func checkpoint(_ note: EpochTotals?) throws -> Checkpoint {
        processes.heartbeat?.beat(.writing, update: trainer.progress.updates)
        var checkpoint = trainer.checkpoint()
        try checkpoint.model.keep(data.preprocessing)
        checkpoint.model.notes[DataChecksums.note] = try checksums.text()
        if let note { checkpoint.model.notes[EpochTotals.note] = try note.text() }
        return checkpoint
    }

    /// Saves the state before an update that was refused; the error that is returned names its place.
    mutating func keepingState(after error: TrainingError) -> RunError {
        var kept = recorder.written
        // an epoch that could not be judged is done again from an older checkpoint
        var isBetweenUpdates = if case .validation = error { false } else { trainer.isFinite }
        // all processes put their parts of a checkpoint together, and only this error comes to all of them at once
        if processes.count > 1 { if case .notFinite = error {} else { isBetweenUpdates = false } }
        if isBetweenUpdates, (try? recorder.write(try checkpoint(totals))) != nil { kept = trainer.progress.updates }
        let update = trainer.progress.updates
        recorder.add(.end(.init(time: timestamp(), update: update, status: .failed, reason: "\(error)")))
        // the error itself says what went wrong first
        try? recorder.writeEvents()
        return .stopped(error, kept: kept, folder: directory.checkpoints.path)
    }

    mutating func note(_ notice: String?, _ tell: (Report) -> Void) {
        guard let notice else { return }
        tell(.notice(notice))
        notices.append(notice)
        recorder.add(.notice(.init(time: timestamp(), update: trainer.progress.updates, text: notice)))
    }
}
