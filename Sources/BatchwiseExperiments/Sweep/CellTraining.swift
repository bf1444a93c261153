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
    /// The batch size of the cells whose gradient noise scale is measured; nil: none is.
    var noiseBatch: Int?
    /// The seed of the examples and directions by which the shapes of all cells are measured.
    var shapeSeed: UInt64 = 0
    /// The cells that train at a time, which share the memory.
    var jobs = 1

    /// The state of a cell after a call.
    enum State: Sendable {
        case ended(CellOutcome)
        /// Trained up to the limit; the metric by which it is judged there.
        case paused(Double?)
        case interrupted
    }

    private let machine = Machine(threads: 1, loadingThreads: 1)

    private func options(for cell: SweepCell) -> RunOptions {
        var options = RunOptions(
            machine: machine, checkpoints: checkpoints, keptCheckpoints: 1,
            measuresNoise: cell.recipe.batch.size == noiseBatch)
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
        } catch let error
            where error is RecipeError || error is GraphError || error is PlanError || error is QuantityError
        {
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
        if let step = cell.rateStep {
            recipe.learningRate.base *= RateTuner.factor(step)
            // the rate that is reported is then that of the cell's own batch
            if recipe.batch.grow == nil {
                recipe.learningRate = recipe.learningRate.withoutScaling(batch: recipe.batch.size)
            }
        }
        let options = options(for: cell)
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
            outcome.noise = run.noise
            if sweep.measures.contains(.sharpness) || sweep.measures.contains(.curvature) {
                guard let shape = try shape(of: model, summary.recipe, run.data, until: stop) else {
                    return .interrupted
                }
                outcome.shape = shape
            }
        }
        return .ended(try ending(outcome, path))
    }

    private func evaluate(_ model: Model, _ examples: Dataset?) throws -> Evaluation? {
        try examples.map { try model.evaluate($0, machine: machine) }
    }

    /// The shape of the loss at the end of a cell; nil where a stop was asked for.
    private func shape(
        of model: Model, _ recipe: Recipe, _ data: LoadedData, until stop: Interruption
    ) throws -> CellShape? {
        var (recipe, machine) = (recipe, machine)
        recipe.seed = shapeSeed
        machine.memory = memoryLimit / jobs
        return try CellShape(
            try Subject(recipe, data: data, model: model, machine: machine), sweep.measures, until: stop)
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
