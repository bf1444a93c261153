import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// Trains the cells of a sweep, each as a run of its own with one thread.
struct CellTraining: Sendable {
    let sweep: Sweep
    /// The directory of the sweep.
    let directory: String
    let data: SharedData
    /// The metric by which rates are compared at a limit; nil where none is tuned.
    var judged: SweepGoal?
    var checkpoints = CheckpointSchedule.usual

    /// The state of a cell after a call.
    enum State: Sendable {
        case ended(CellOutcome)
        /// Trained up to the limit; the metric by which it is judged there.
        case paused(Double?)
        case interrupted
    }

    private var options: RunOptions {
        var options = RunOptions(
            machine: Machine(threads: 1, loadingThreads: 1), checkpoints: checkpoints, keptCheckpoints: 1)
        options.mayLowerRate = false
        return options
    }

    func path(of cell: SweepCell) -> String { "\(directory)/\(cell.folder)" }

    /// Trains a cell to its end, or for so many examples; a cell that has begun goes on, one that has ended is read.
    func train(_ cell: SweepCell, limit: Int? = nil, until stop: Interruption) throws -> State {
        let path = path(of: cell)
        var watch = CellWatch(goal: sweep.goal, judged: judged, limit: limit)
        if let outcome = try CellOutcome.read(of: path) {
            // the place where it was compared with others lies before its end
            if limit != nil {
                for event in try RunLog(of: path).events where watch.add(event) { break }
                if case .limit(let value)? = watch.end { return .paused(value) }
            }
            return .ended(outcome)
        }
        let run: Run
        do {
            run = try self.run(of: cell, in: path)
        } catch let error where error is RecipeError || error is GraphError || error is PlanError {
            return .ended(try ending(CellOutcome(status: .failed, reason: "\(error)"), path))
        }
        for event in try RunLog(of: path).events where event.update <= run.progress.updates {
            if watch.add(event) { break }
        }
        return try finish(run, &watch, path, stop)
    }

    /// Stops a cell that has begun, for a reason.
    func stop(_ cell: SweepCell, reason: String) throws -> CellOutcome {
        let path = path(of: cell)
        if let outcome = try CellOutcome.read(of: path) { return outcome }
        let run = try self.run(of: cell, in: path)
        var outcome = CellOutcome(status: .stopped, reason: reason)
        outcome.take(run)
        return try ending(outcome, path)
    }

    private func run(of cell: SweepCell, in path: String) throws -> Run {
        var (recipe, data) = try data.recipe(cell.recipe)
        if let step = cell.rateStep { recipe.learningRate.base *= RateTuner.factor(step) }
        return access("\(path)/recipe.yaml", F_OK) == 0
            ? try Run(resuming: path, data: data, options: options)
            : try Run(recipe, data: data, in: path, options: options)
    }

    private func finish(
        _ run: consuming Run, _ watch: inout CellWatch, _ path: String, _ stop: Interruption
    ) throws -> State {
        var (seen, failure) = (watch, nil as CellOutcome?)
        if seen.end == nil {
            let parts = Set([sweep.goal?.part, judged?.part].compactMap { $0 })
            let own = Interruption()
            let eyes = Eyes(seen)
            run.watch = RunWatch(parts: [.train, .validation, .test].filter(parts.contains)) { eyes.watch.add($0) }
            do {
                try run.train(until: own) { _ in if stop.isRequested { own.request() } }
            } catch RunError.stopped(let error, _, _) {
                let isDivergence = if case .notFinite = error { true } else { false }
                failure = CellOutcome(status: isDivergence ? .diverged : .failed, reason: "\(error)")
            }
            seen = eyes.watch
        }
        watch = seen
        if var failure {
            failure.take(run)
            return .ended(try ending(failure, path))
        }
        var outcome = CellOutcome(status: .finished)
        switch watch.end {
        case .limit(let value): return .paused(value)
        case .goal(let place):
            outcome.status = .goal
            outcome.goal = place
        case .diverged(let reason):
            outcome.status = .diverged
            outcome.reason = reason
        case nil:
            guard run.isFinished else { return .interrupted }
            outcome.goal = watch.goalAtEnd
            if outcome.goal != nil { outcome.status = .goal }
        }
        let summary = outcome.take(run)
        outcome.metric = watch.metric
        if outcome.status != .diverged {
            let model = try run.result()
            outcome.validation = try summary.validation ?? evaluate(model, run.data.validation)
            outcome.test = try summary.test ?? evaluate(model, run.data.test)
        }
        return .ended(try ending(outcome, path))
    }

    private func evaluate(_ model: Model, _ examples: Dataset?) throws -> Evaluation? {
        try examples.map { try model.evaluate($0, machine: options.machine) }
    }

    private func ending(_ outcome: CellOutcome, _ path: String) throws -> CellOutcome {
        try outcome.write(of: path)
        return outcome
    }
}

/// A watch that the closure of a run may change, on the thread of the run.
private final class Eyes {
    var watch: CellWatch

    init(_ watch: CellWatch) { self.watch = watch }
}

extension CellOutcome {
    /// Takes over how far a run came.
    @discardableResult
    fileprivate mutating func take(_ run: borrowing Run) -> RunSummary {
        let summary = run.summary()
        (updates, examples, seconds) = (summary.updates, summary.examples, summary.seconds)
        trainLoss = summary.trainLoss
        isClassification = summary.isClassification
        batch = min(summary.recipe.batch.size, run.examplesPerEpoch)
        rate = summary.recipe.learningRate.base
        parametersSHA256 = summary.parametersSHA256
        return summary
    }
}
