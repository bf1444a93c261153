import Batchwise
import BatchwiseData
import Foundations

// The loop of a run: updates, and the evaluations, log lines and checkpoints at the end of an epoch.

extension Run {
    /// Trains to the end of the recipe, or until somebody asks for a stop; `isFinished` tells which. Another call goes
    /// on with the training.
    ///
    /// - Parameters:
    ///   - interruption: asks for a stop after the current update; the run's state and model are written then.
    ///   - report: receives the progress of the run.
    /// - Throws: `RunError.stopped` where an update was refused, `RunError.notWritten` where the result cannot be
    ///   written, `RunError` or `FileError` where the first files cannot be written.
    @discardableResult
    public mutating func train(
        until interruption: Interruption? = nil, _ report: (Report) -> Void = { _ in }
    ) throws -> RunSummary {
        guard !trainer.isFinished else {
            try finishAgain(report)
            return summary()
        }
        recorder.add(beginning())
        isNew = false
        isStoppedByWatch = false
        let processes = processes
        try processes.together { try recorder.writeEvents() }
        if !recorder.hasCheckpoint {
            let checkpoint = try checkpoint(nil)
            try processes.together { try recorder.write(checkpoint) }
        }
        do {
            do {
                try trainOn(until: interruption, report)
            } catch let error as TrainingError {
                guard try beginAgain(after: error, report) else { throw error }
                try trainOn(until: interruption, report)
            }
        } catch let error as TrainingError {
            let stopped = keepingState(after: error)
            // rows that cannot be read stop the process that needs them, and it ends the others
            if case .data = error { throw stopped }
            try processes.together { throw stopped }
        }
        if !trainer.isFinished { try save(note: totals) }
        return summary()
    }

    private func beginning() -> RunEvent {
        let host = RunEvent.Host(trainer.plan)
        let time = timestamp()
        guard isNew else {
            return .resume(.init(time: time, update: trainer.progress.updates, host: host, notices: notices))
        }
        var classes: [String]?
        if case .classes(let names) = data.preprocessing.target, names.count <= Self.mostClasses { classes = names }
        return .start(
            .init(
                time: time, version: RunEvent.version, host: host, recipe: trainer.recipe.sha256 ?? "",
                classes: classes, notices: notices))
    }

    /// The most classes that the log counts one by one.
    private static let mostClasses = 1000

    private mutating func trainOn(until interruption: Interruption?, _ tell: (Report) -> Void) throws {
        var started = now()
        var validated = trainer.validationTime
        // processes tell each other what they see at every look; those that do not wait for each other meet there
        var look = Stride(seconds: trainer.meetsAtLooks ? 0.5 : processes.count > 1 ? 0.2 : 0.02)
        while !trainer.isFinished {
            processes.heartbeat?.beat(.training, update: trainer.progress.updates)
            try injectFailure()
            let most = processes.first(
                min(
                    look.length, trainer.updatesLeftInEpoch, recorder.updatesUntilDue(trainer.progress),
                    updatesUntilInjection, watch?.updatesUntilMark(trainer.progress) ?? .max))
            // the trainer evaluates the examples for validation at the end of an epoch
            if data.validation != nil, most >= trainer.updatesLeftInEpoch { processes.heartbeat?.beat(.evaluating) }
            guard let report = try update(most, started) else { break }
            if let decision = report.growth { tell(.growth(decision)) }
            if report.endsEpoch {
                totals.seconds += now() - started - (trainer.validationTime - validated)
                try finishEpoch(report, tell)
                started = now()
                validated = trainer.validationTime
                if !trainer.isFinished { beginEpoch() }
            } else {
                if watch?.isMark(report.index) == true {
                    let began = now()
                    try evaluateForWatch(report, seconds: secondsBefore + totals.seconds + began - started)
                    started += now() - began
                }
                var soFar = totals
                soFar.seconds += now() - started
                if look.isTime() {
                    tell(.update(report, soFar))
                    note(recorder.tryToWriteEventsIfDue(), tell)
                }
                try writeCheckpointIfDue(note: soFar, tell)
            }
            if processes.any(interruption?.isRequested == true) || isStoppedByWatch {
                totals.seconds += now() - started
                break
            }
        }
    }

    /// Runs `count` updates, and returns the report of the last one.
    private mutating func update(_ count: Int, _ started: Double) throws -> UpdateReport? {
        var totals = totals
        var last: UpdateReport?
        let stalled = trainer.waitingTime
        let before = secondsBefore + totals.seconds - started
        var recorder = recorder
        var stops = false
        let watch = watch
        defer {
            self.totals = totals
            self.recorder = recorder
            isStoppedByWatch = isStoppedByWatch || stops
        }
        let isLogged = RunEvent.Update.isLogged
        func add(_ findings: UpdateFindings) { totals.add(findings) }
        try trainer.run(updates: count, reporting: isLogged, others: add) {
            totals.add($0)
            last = $0
            if let decision = $0.growth { recorder.add(.growth(.init(time: timestamp(), decision: decision))) }
            guard isLogged($0.index) else { return }
            let event = RunEvent.update(.init($0, seconds: before + now()))
            recorder.add(event)
            if watch?.endsRun(event) == true { stops = true }
        }
        totals.stalled = (totals.stalled ?? 0) + trainer.waitingTime - stalled
        return last
    }

    private mutating func beginEpoch() {
        secondsBefore += totals.seconds
        stalledBefore += totals.stalled ?? 0
        totals = EpochTotals(after: totals)
        validation = nil
        test = nil
    }

    private mutating func finishEpoch(_ report: UpdateReport, _ tell: (Report) -> Void) throws {
        let isKept = trainer.keptEpoch.map { $0.epoch == report.epoch } ?? true
        validation = report.validation
        // all scores are computed once, of the model that is kept
        let scores: ScoreParts = trainer.isFinished && isKept ? .all : []
        // with validation examples, test examples are looked at once, by the model that is kept
        test =
            data.validation == nil || trainer.isFinished && isKept
            ? try evaluate(trainer.model(), data.test, scores) : nil
        if trainer.isFinished, isKept, data.test == nil,
            let found = try evaluate(trainer.model(), data.validation, scores)
        {
            validation = found
        }
        let epoch = RunEvent.Epoch(
            report, totals, validation: validation, test: test, batch: trainer.batchSize(atEndOf: report.epoch))
        for (part, result) in [(RunEvent.Evaluated.Part.validation, validation), (.test, test)] {
            log(part, result, epoch: report.epoch)
        }
        try evaluateForWatch(report, seconds: secondsBefore + totals.seconds)
        record(.epoch(epoch))
        note(recorder.tryToWriteEvents(), tell)
        (lastLoss, lastAccuracy) = (totals.loss, totals.accuracy)
        tell(.epoch(epoch))
        guard trainer.isFinished else { return try writeCheckpointIfDue(note: totals.afterEpoch, tell) }
        if !isKept {
            try evaluateResult()
            log(.test, test, epoch: trainer.bestEpoch?.epoch ?? report.epoch)
        }
        warning = try warningOfUselessModel()
        note(warning, tell)
        try save(note: totals.afterEpoch)
    }

    /// Compares the model with the parts of the data that the watch asks for, but for those that the end of an epoch
    /// has been compared with.
    private mutating func evaluateForWatch(_ report: UpdateReport, seconds: Double) throws {
        for part in watch?.parts ?? [] {
            let (examples, known) =
                switch part {
                case .train: (data.train as Dataset?, nil as Evaluation?)
                case .validation: (data.validation, validation)
                case .test: (data.test, test)
                }
            guard !report.endsEpoch || known == nil else { continue }
            log(part, try evaluate(trainer.model(), examples), epoch: report.epoch, seconds: seconds)
        }
    }

    private mutating func log(
        _ part: RunEvent.Evaluated.Part, _ result: Evaluation?, epoch: Int, seconds: Double? = nil
    ) {
        guard var result else { return }
        if result.classCounts?.count ?? 0 > Self.mostClasses { result.classCounts = nil }
        record(
            .evaluation(
                .init(
                    time: timestamp(), update: trainer.progress.updates, epoch: epoch, part: part, result: result,
                    trained: trainer.progress.examples, seconds: seconds ?? secondsBefore + totals.seconds)))
    }

    private mutating func record(_ event: RunEvent) {
        recorder.add(event)
        if watch?.endsRun(event) == true { isStoppedByWatch = true }
    }

    /// Evaluates a run that was finished before, and writes its model again where the file does not hold it.
    private mutating func finishAgain(_ tell: (Report) -> Void) throws {
        try evaluateResult()
        warning = try warningOfUselessModel()
        let model = try result()
        let isThere = (try? Model(contentsOf: directory.model).parametersSHA256) == model.parametersSHA256
        if !isThere { try directory.write(model) }
        if try RunLog(of: directory.path).end == nil {
            // it was killed between its last checkpoint and its end
            recorder.add(end())
            try recorder.writeEvents()
        }
        if !isThere { note("\(directory.model): was not the model of this run, and is written again", tell) }
    }

    private mutating func evaluateResult() throws {
        validation = try evaluate(trainer.keptModel(), data.validation, .all)
        test = try evaluate(trainer.keptModel(), data.test, .all)
    }

    /// Compares the model with the answer that needs no features, on the examples that it was not trained with if there
    /// are some.
    private func warningOfUselessModel() throws -> String? {
        guard isFirst, let baseline = Baseline(data.train) else { return nil }
        let isCrossEntropy = if case .softmaxCrossEntropy(0)? = trainer.recipe.loss { true } else { false }
        let (examples, found, part) =
            if let test, let examples = data.test {
                (examples, test as Evaluation?, "test")
            } else if let validation,
                let examples = data.validation
            {
                (examples, validation as Evaluation?, "validation")
            } else {
                (data.train, try evaluate(trainer.keptModel(), data.train), "train")
            }
        return found.flatMap { baseline.notice(on: examples, $0, isCrossEntropy: isCrossEntropy, part: part) }
    }

    /// The first process alone evaluates, while the others wait for it.
    private func evaluate(
        _ model: Model, _ examples: Dataset?, _ scores: ScoreParts = []
    ) throws -> Evaluation? {
        guard isFirst else { return nil }
        processes.heartbeat?.beat(.evaluating)
        return try examples.map { try model.evaluate($0, scores: scores, machine: machine) }
    }
}
