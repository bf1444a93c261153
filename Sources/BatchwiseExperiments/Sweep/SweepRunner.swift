import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// Trains the cells of a sweep, as many side by side as there are jobs.
package struct SweepRunner {
    package let sweep: Sweep
    /// Notices about the data of the first cell, for a person.
    package let notices: [String]
    private let cells: [SweepCell]
    private let data: SharedData
    private let jobs: Int
    private var judged: SweepGoal?

    /// Checks all that can be checked before anything is written, and reads the data of the first cell.
    ///
    /// - Parameters:
    ///   - jobs: the cells that train at a time; nil: one a core.
    ///   - memory: bytes of features that are held in memory.
    package init(_ sweep: Sweep, jobs: Int? = nil, memory: Int? = nil) throws {
        self.sweep = sweep
        cells = try sweep.cells()
        data = SharedData(memory: memory)
        self.jobs = jobs ?? Machine().cores
        let first = try data.recipe(cells[0].recipe)
        notices = first.data.notices
        try sweep.goal?.require(in: first.data)
        if sweep.tunesRate {
            judged = sweep.goal ?? SweepGoal(first.data.validation == nil ? .train : .validation, .loss, 0)
        }
    }

    /// Trains all cells that have not ended; nil where a stop was asked for before the last one ended.
    ///
    /// - Parameter progress: receives the numbers of cells that have ended and of those that are known.
    package func run(
        in directory: SweepDirectory, checkpoints: CheckpointSchedule = .usual, until interruption: Interruption? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> SweepResult? {
        var training = CellTraining(sweep: sweep, directory: directory.path, data: data, judged: judged)
        training.checkpoints = checkpoints
        let result =
            sweep.tunesRate
            ? try tuned(training, interruption, progress) : try trained(cells, training, interruption, progress)
        guard let result else { return nil }
        let whole = SweepResult(sweep, directory: directory.path, cells: result.cells, rates: result.rates)
        if let first = result.cells.first, result.cells.allSatisfy({ $0.outcome.status == .failed }) {
            throw SweepError.nothingTrained(reason: first.outcome.reason ?? "")
        }
        try AtomicFile.write(Array((whole.json.text + "\n").utf8), to: "\(directory.path)/sweep.json")
        return whole
    }

    private typealias Outcome = (cells: [TrainedCell], rates: [TunedRate])

    private func trained(
        _ cells: [SweepCell], _ training: CellTraining, _ interruption: Interruption?, _ progress: (Int, Int) -> Void
    ) throws -> Outcome? {
        let states = try run(cells.map { ($0, nil) }, training, interruption) { progress($0, cells.count) }
        guard let states else { return nil }
        return (zip(cells, states).compactMap { TrainedCell($0, $1) }, [])
    }

    /// Tunes the rate of every setting with its first seed, and trains the other seeds at the best rate.
    private func tuned(
        _ training: CellTraining, _ interruption: Interruption?, _ progress: (Int, Int) -> Void
    ) throws -> Outcome? {
        let firsts = cells.filter { $0.seed == cells[0].seed || sweep.seeds == 1 }
        var tuners = try firsts.map { cell in
            let (recipe, data) = try data.recipe(cell.recipe)
            let epoch = recipe.batch.sampling?.examples ?? data.train.count
            return RateTuner(cell, examples: recipe.epochs * epoch, judged: judged ?? SweepGoal(.train, .loss, 0))
        }
        var ended: [String: TrainedCell] = [:]
        while tuners.contains(where: { !$0.isFinished }) {
            let tasks = tuners.flatMap { tuner in tuner.steps.map { (cell: tuner.cell($0), limit: tuner.limit) } }
            let before = ended.count
            let known = before + tasks.count + firsts.count * (sweep.seeds - 1)
            let states = try run(tasks, training, interruption) { progress(before + $0, known) }
            guard var states = states?[...] else { return nil }
            for (task, state) in zip(tasks, states) { ended[task.cell.folder] = TrainedCell(task.cell, state) }
            for place in tuners.indices where !tuners[place].isFinished {
                let own = Array(states.prefix(tuners[place].steps.count))
                states = states.dropFirst(own.count)
                for (step, reason) in tuners[place].add(own) {
                    let cell = tuners[place].cell(step)
                    let outcome = try training.stop(cell, reason: reason)
                    ended[cell.folder] = TrainedCell(cell, .ended(outcome))
                }
            }
        }
        let others = zip(firsts, tuners).flatMap { first, tuner in
            cells.compactMap { cell -> SweepCell? in
                guard let best = tuner.best, cell.number == first.number, cell.seed != first.seed else { return nil }
                var cell = cell
                cell.rateStep = best
                return cell
            }
        }
        let before = ended.count
        guard let rest = try trained(others, training, interruption, { progress(before + $0, before + $1) }) else {
            return nil
        }
        let all = (ended.values + rest.cells).sorted {
            ($0.cell.number, $0.cell.rateStep ?? 0, $0.cell.seed) < (
                $1.cell.number, $1.cell.rateStep ?? 0, $1.cell.seed
            )
        }
        let rates = zip(firsts, tuners).map { TunedRate(number: $0.number, step: $1.best, isAtEdge: $1.isAtEdge) }
        return (all, rates)
    }

    /// Trains cells, those first that are expected to take longest; nil where a stop was asked for.
    private func run(
        _ tasks: [(cell: SweepCell, limit: Int?)], _ training: CellTraining, _ interruption: Interruption?,
        _ progress: (Int) -> Void
    ) throws -> [CellTraining.State]? {
        // cells with the same data stand together; small batches take more time for an example
        var sources: [RecipeValue?: Int] = [:]
        let places = tasks.enumerated().map { place, task in
            let source = task.cell.recipe.data?.notation
            sources[source] = sources[source] ?? sources.count
            return (sources[source] ?? 0, task.cell.seed, -task.cell.recipe.epochs, task.cell.recipe.batch.size, place)
        }
        let order = places.sorted { $0 < $1 }.map(\.4)
        let sorted = order.map { tasks[$0] }
        let found = try SideBySide.run(sorted, jobs: jobs, until: interruption, progress: progress) {
            try training.train($0.cell, limit: $0.limit, until: $1)
        }
        var states: [CellTraining.State?] = tasks.map { _ in nil }
        for (place, state) in zip(order, found) { states[place] = state }
        let whole = states.compactMap { state -> CellTraining.State? in
            if case .interrupted? = state { nil } else { state }
        }
        return whole.count == tasks.count ? whole : nil
    }
}

/// A cell, and the result of its run.
package struct TrainedCell: Sendable {
    package let cell: SweepCell
    package let outcome: CellOutcome

    init(_ cell: SweepCell, outcome: CellOutcome) {
        self.cell = cell
        self.outcome = outcome
    }

    /// Nil for a cell that has not ended.
    init?(_ cell: SweepCell, _ state: CellTraining.State) {
        guard case .ended(let outcome) = state else { return nil }
        self.init(cell, outcome: outcome)
    }
}

/// The best rate of a setting.
package struct TunedRate: Sendable, Hashable {
    /// The number of the setting.
    package let number: Int
    /// The power of the square root of ten by which it differs from the recipe's; nil where every rate diverged.
    package let step: Int?
    /// Whether it is the lowest or highest that was tried.
    package let isAtEdge: Bool
}
