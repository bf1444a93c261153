import Batchwise
import BatchwiseData
import Foundation

/// Trains in a run directory: updates, an evaluation after every epoch (of the validation examples, or else the
/// test examples), metrics, checkpoints, a stop on Ctrl-C.
struct TrainingRun: ~Copyable {
    private var trainer: Trainer
    private let directory: RunDirectory
    private let data: LoadedData
    private let machine: Machine
    private var display: ProgressDisplay
    private var recorder: RunRecorder
    /// What a person should know beside the results.
    private var notices: [String]

    /// The epoch that is going on, or the last one when the run is finished.
    private var totals = EpochTotals()
    private var validation: Evaluation?
    private var test: Evaluation?
    private var lastLoss: Double?
    /// Training time of the epochs before.
    private var secondsBefore = 0.0
    /// Of which updates waited for examples.
    private var stalledBefore = 0.0

    init(
        _ trainer: consuming Trainer, in directory: RunDirectory, data: LoadedData, machine: Machine,
        display: ProgressDisplay, checkpoints: CheckpointOptions
    ) {
        recorder = RunRecorder(directory, plan: trainer.plan, options: checkpoints)
        notices = data.notices + trainer.plan.notices
        self.trainer = trainer
        self.directory = directory
        self.data = data
        self.machine = machine
        self.display = display
    }

    /// Goes on where the newest checkpoint is that can be read. A run that was killed before its first begins again.
    mutating func restore() throws {
        directory.removeLeftovers()
        if let found = try directory.checkpoints.newest() {
            let checkpoint = found.checkpoint
            try requireSameRun(checkpoint)
            do {
                try trainer.restore(checkpoint)
            } catch { throw error.naming(found.path) }
            totals = EpochTotals(note: checkpoint.model.notes[EpochTotals.note]) ?? EpochTotals()
            recorder.begin(at: checkpoint.progress)
            for notice in found.notices { tell(notice) }
        } else {
            // the first checkpoint is written before anything else
            guard PastMetrics(path: directory.metrics, before: .max).lines.isEmpty, access(directory.model, F_OK) != 0
            else {
                throw Failure(
                    .badData,
                    "\(directory.checkpoints.path): there is no checkpoint, and yet the run has been trained: they "
                        + "were moved or removed. Put one back from a copy, or train a new run")
            }
            tell("\(directory.path): the run had no checkpoint yet, and begins at its beginning")
        }
        let past = try directory.pastMetrics(before: trainer.progress.epoch)
        if past.lines.count < trainer.progress.epoch - 1 {
            tell("\(directory.metrics): holds \(past.lines.count) of the \(trainer.progress.epoch - 1) epochs before")
        }
        secondsBefore = past.seconds
        stalledBefore = past.stalled
        lastLoss = past.lastLoss
    }

    private func requireSameRun(_ checkpoint: Checkpoint) throws {
        func fault(_ reason: String) -> Failure { Failure(.badData, "\(directory.path): cannot go on: \(reason)") }
        guard checkpoint.isOfRecipe(trainer.recipe) else {
            throw fault("recipe.yaml is not the recipe of its checkpoint; train it as a new run")
        }
        guard try checkpoint.model.preprocessing == data.preprocessing, trainer.comesTo(checkpoint.progress) else {
            throw fault("the data are not those of its checkpoint; train a new run")
        }
    }

    var isFinished: Bool { trainer.isFinished }

    /// Trains to the end of the recipe, or until somebody interrupts.
    mutating func train() throws {
        guard !trainer.isFinished else { return try finishAgain() }
        Interruption.catchSignals()
        defer { Interruption.releaseSignals() }
        defer { display.clear() }
        if !recorder.hasCheckpoint { try recorder.write(try checkpoint(nil)) }
        do {
            try trainOn()
        } catch let error as TrainingError {
            throw keepingState(after: error)
        }
        if !trainer.isFinished { try save(note: totals) }
    }

    private mutating func trainOn() throws {
        var started = now()
        var validated = trainer.validationTime
        var look = Stride()
        while !trainer.isFinished {
            let most = min(look.length, trainer.updatesLeftInEpoch, recorder.updatesUntilDue(trainer.progress))
            guard let report = try update(most) else { break }
            if report.endsEpoch {
                totals.seconds += now() - started - (trainer.validationTime - validated)
                try finishEpoch(report)
                started = now()
                validated = trainer.validationTime
                if !trainer.isFinished { beginEpoch() }
            } else {
                var soFar = totals
                soFar.seconds += now() - started
                if look.isTime() { display.draw(report, totals, seconds: soFar.seconds) }
                try writeCheckpointIfDue(note: soFar)
            }
            if Interruption.isRequested {
                totals.seconds += now() - started
                break
            }
        }
    }

    /// Runs so many updates, and returns the last one's report.
    private mutating func update(_ count: Int) throws -> UpdateReport? {
        var totals = totals
        var last: UpdateReport?
        let stalled = trainer.waitingTime
        defer { self.totals = totals }
        try trainer.run(updates: count) {
            totals.add($0)
            last = $0
        }
        totals.stalled = (totals.stalled ?? 0) + trainer.waitingTime - stalled
        return last
    }

    private mutating func beginEpoch() {
        secondsBefore += totals.seconds
        stalledBefore += totals.stalled ?? 0
        totals = EpochTotals()
        validation = nil
        test = nil
    }

    private mutating func finishEpoch(_ report: UpdateReport) throws {
        let isKept = trainer.progress.selection?.kept.map { $0.epoch == report.epoch } ?? true
        validation = report.validation
        // with validation examples, test examples are looked at once, by the model that is kept
        test = data.validation == nil || trainer.isFinished && isKept ? try evaluate(trainer.model(), data.test) : nil
        let record = EpochRecord(
            epoch: report.epoch, updates: report.index, totals: totals, examples: report.examples,
            isClassification: report.accuracy != nil, validation: validation, test: test,
            learningRate: report.learningRate, batch: trainer.batchSize(atEndOf: report.epoch))
        tell(recorder.add(record))
        lastLoss = totals.loss
        display.finish(record)
        guard trainer.isFinished else { return try writeCheckpointIfDue(note: nil) }
        if !isKept { try evaluateResult() }
        try save(note: nil)
    }

    /// A run that was finished before is only looked at again, and its model written if that is not there.
    private mutating func finishAgain() throws {
        Output.log("\(directory.path): this run is finished; there is nothing to resume")
        try evaluateResult()
        let model = try result()
        if (try? Model(contentsOf: directory.model).parametersSHA256) != model.parametersSHA256 {
            try model.save(directory.model)
            tell("\(directory.model): was not the model of this run, and is written again")
        }
    }

    private mutating func evaluateResult() throws {
        validation = try evaluate(trainer.keptModel(), data.validation)
        test = try evaluate(trainer.keptModel(), data.test)
    }

    private func evaluate(_ model: Model, _ examples: Dataset?) throws -> Evaluation? {
        try examples.map { try model.evaluate($0, machine: machine) }
    }

    /// The model that the recipe asks for, with what raw rows go through first.
    private func result() throws -> Model {
        var model = trainer.keptModel()
        try model.keep(data.preprocessing)
        return model
    }

    /// Checkpoint and model, in this order: a finished run whose model could not be written needs no more training.
    private mutating func save(note: EpochTotals?) throws {
        do {
            try recorder.write(try checkpoint(note))
            try result().save(directory.model)
        } catch {
            let reason = (error as? Failure)?.message ?? "\(error)"
            throw Failure(
                .inputOutput,
                "\(reason): the model is not written. When that is put right, go on with: "
                    + "batchwise train --resume \(shellQuoted(directory.path))")
        }
    }

    /// Parameters that have just overflowed are left for the next update to refuse.
    private mutating func writeCheckpointIfDue(note: EpochTotals?) throws {
        guard recorder.isDue(trainer.progress), trainer.isFinite else { return }
        tell(recorder.tryToWrite(try checkpoint(note)))
    }

    private func checkpoint(_ note: EpochTotals?) throws -> Checkpoint {
        var checkpoint = trainer.checkpoint()
        try checkpoint.model.keep(data.preprocessing)
        if let note { checkpoint.model.notes[EpochTotals.note] = try note.text() }
        return checkpoint
    }

    /// Keeps the state before an update that was refused, and says where it is.
    private mutating func keepingState(after error: TrainingError) -> Failure {
        var kept = recorder.written
        // an epoch that could not be judged is done again from an older checkpoint
        let isBetweenUpdates = if case .validation = error { false } else { trainer.isFinite }
        if isBetweenUpdates, (try? recorder.write(try checkpoint(totals))) != nil { kept = trainer.progress.updates }
        let place = kept.map { ". The state after update \($0) is kept in \(directory.checkpoints.path)" }
        return Failure(Failure.status(of: error), "\(error)\(place ?? "")")
    }

    private mutating func tell(_ notice: String?) {
        guard let notice else { return }
        display.clear()
        Output.log("note: \(notice)")
        notices.append(notice)
    }

    /// What the run came to, so far.
    func summary() -> TrainingSummary {
        let progress = trainer.progress
        let seconds = secondsBefore + totals.seconds
        return TrainingSummary(
            updates: progress.updates, examples: progress.examples,
            epochs: progress.batch == 0 ? progress.epoch - 1 : progress.epoch, totalUpdates: trainer.totalUpdates,
            seconds: seconds, trainLoss: totals.loss ?? lastLoss, trainAccuracy: totals.accuracy,
            validation: validation, test: test,
            stall: seconds > 0 ? (stalledBefore + (totals.stalled ?? 0)) / seconds : 0,
            isClassification: trainer.recipe.loss?.isClassification ?? false,
            parametersSHA256: trainer.keptModel().parametersSHA256,
            stoppedEarly: trainer.hasStoppedEarly, best: trainer.bestEpoch, recipe: trainer.recipe, notices: notices,
            run: directory.path)
    }
}
