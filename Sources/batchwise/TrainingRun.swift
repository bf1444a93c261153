import Batchwise
import Foundation

/// Trains in a run directory: updates, an evaluation after every epoch (of the validation examples, or else the
/// test examples), metrics, checkpoints, a stop on Ctrl-C.
struct TrainingRun: ~Copyable {
    private var trainer: Trainer
    private let directory: RunDirectory
    private let data: LoadedData
    private let machine: Machine
    private var display: ProgressDisplay

    /// The epoch that is going on, or the last one when the run is finished.
    private var totals = EpochTotals()
    private var validation: Evaluation?
    private var test: Evaluation?
    private var lastLoss: Double?
    /// Training time of the epochs before.
    private var secondsBefore = 0.0
    /// Of which updates waited for examples.
    private var stalledBefore = 0.0
    private var lastCheckpoint = now()

    /// Seconds between checkpoints at the ends of epochs. The last one and one on interruption are always written.
    private static let checkpointInterval = 10.0
    private static let checkpointIntervalWithinEpochs = 60.0

    init(
        _ trainer: consuming Trainer, in directory: RunDirectory, data: LoadedData, machine: Machine,
        display: ProgressDisplay
    ) {
        self.trainer = trainer
        self.directory = directory
        self.data = data
        self.machine = machine
        self.display = display
    }

    /// Goes on where the checkpoint in the directory is; without one the run begins.
    mutating func restore() throws {
        if access(directory.checkpoint, F_OK) == 0 {
            let checkpoint = try readSaved(directory.checkpoint) {
                try Checkpoint(contentsOf: directory.checkpoint)
            }
            try requireSameRun(checkpoint)
            try trainer.restore(checkpoint)
            totals = EpochTotals(note: checkpoint.notes[EpochTotals.note]) ?? EpochTotals()
        }
        let past = try directory.pastMetrics(before: trainer.progress.epoch)
        secondsBefore = past.seconds
        stalledBefore = past.stalled
        lastLoss = past.lastLoss
    }

    private func requireSameRun(_ checkpoint: Checkpoint) throws {
        func fault(_ reason: String) -> Failure { Failure(.badData, "\(directory.path): cannot go on: \(reason)") }
        func withoutData(_ recipe: Recipe) throws -> RecipeValue {
            var recipe = recipe
            recipe.data = nil
            return try recipe.notation()
        }
        guard try withoutData(checkpoint.model.recipe) == withoutData(trainer.recipe) else {
            throw fault("recipe.yaml is not the recipe of its checkpoint; train it as a new run")
        }
        guard checkpoint.model.preprocessing == data.preprocessing, trainer.comesTo(checkpoint.progress) else {
            throw fault("the data are not those of its checkpoint; train a new run")
        }
    }

    var isFinished: Bool { trainer.isFinished }

    /// Trains to the end of the recipe, or until somebody interrupts.
    mutating func train() throws {
        guard !trainer.isFinished else { return try evaluateFinishedRun() }
        Interruption.catchSignals()
        defer { Interruption.releaseSignals() }
        defer { display.clear() }
        var started = now()
        var look = Stride()
        while !trainer.isFinished {
            guard let report = try update(min(look.length, trainer.updatesLeftInEpoch)) else { break }
            if report.endsEpoch {
                totals.seconds += now() - started
                try finishEpoch(report)
                started = now()
                if !trainer.isFinished { beginEpoch() }
            } else if look.isTime() {
                display.draw(report, totals, seconds: now() - started + totals.seconds)
                if now() - lastCheckpoint >= Self.checkpointIntervalWithinEpochs {
                    var soFar = totals
                    soFar.seconds += now() - started
                    try writeCheckpoint(note: soFar)
                }
            }
            if Interruption.isRequested {
                totals.seconds += now() - started
                break
            }
        }
        if !trainer.isFinished { try save(note: totals) }
    }

    /// Runs so many updates, and returns the last one's report.
    private mutating func update(_ count: Int) throws -> UpdateReport? {
        var totals = totals
        var last: UpdateReport?
        let stalled = trainer.stall
        try trainer.run(updates: count) {
            totals.add($0)
            last = $0
        }
        totals.stalled = (totals.stalled ?? 0) + trainer.stall - stalled
        self.totals = totals
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
        try evaluate()
        if let validation { trainer.reportValidation(validation) }
        let record = EpochRecord(
            epoch: report.epoch, updates: report.index, totals: totals, examples: report.examples,
            isClassification: report.accuracy != nil, validation: validation, test: test,
            learningRate: report.learningRate, batch: trainer.batchSize(atEndOf: report.epoch))
        try directory.append(record)
        lastLoss = totals.loss
        display.finish(record)
        if trainer.isFinished {
            try save(note: nil)
        } else if now() - lastCheckpoint >= Self.checkpointInterval {
            try writeCheckpoint(note: nil)
        }
    }

    /// A run that was finished before is only looked at again.
    private mutating func evaluateFinishedRun() throws {
        Output.log("\(directory.path): this run is finished; there is nothing to resume")
        try evaluate()
    }

    /// Test examples that are not needed for validation are looked at once, in the end.
    private mutating func evaluate() throws {
        validation = try data.validation.map { try trainer.model().evaluate($0, machine: machine) }
        let tested = trainer.isFinished || data.validation == nil ? data.test : nil
        test = try tested.map { try trainer.model().evaluate($0, machine: machine) }
    }

    /// Model and checkpoint, in this order: a checkpoint of a finished run means that its model is there.
    private mutating func save(note: EpochTotals?) throws {
        var model = trainer.model()
        model.preprocessing = data.preprocessing
        try model.save(directory.model)
        try writeCheckpoint(note: note)
    }

    private mutating func writeCheckpoint(note: EpochTotals?) throws {
        var checkpoint = trainer.checkpoint()
        checkpoint.model.preprocessing = data.preprocessing
        if let note { checkpoint.notes[EpochTotals.note] = try note.text() }
        try checkpoint.write(to: directory.checkpoint)
        lastCheckpoint = now()
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
            parametersSHA256: trainer.model().parametersSHA256, run: directory.path)
    }
}

/// The sums of an unfinished epoch go with its checkpoint, so that the means of a resumed epoch are those of the whole.
extension EpochTotals {
    fileprivate static let note = "epoch"

    fileprivate init?(note: String?) {
        guard let note, let totals = try? JSONDecoder().decode(Self.self, from: Data(note.utf8)) else { return nil }
        self = totals
    }

    fileprivate func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// How many updates go on between looks at the clock: as many as take about a fiftieth of a second.
private struct Stride {
    private(set) var length = 1
    private var lastLook = now()
    private var lastDraw = now()

    /// Whether it is time to show something.
    mutating func isTime() -> Bool {
        let time = now()
        let elapsed = time - lastLook
        if elapsed < 0.01 { length = min(length * 2, 1 << 16) } else if elapsed > 0.04 { length = max(length / 2, 1) }
        lastLook = time
        guard time - lastDraw > 0.01 else { return false }
        lastDraw = time
        return true
    }
}

/// Seconds of a clock that is never set.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
