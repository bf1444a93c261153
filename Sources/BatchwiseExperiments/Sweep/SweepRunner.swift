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
    let cells: [SweepCell]
    let data: SharedData
    private let jobs: Int
    private(set) var judged: SweepGoal?

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
        (training.shapeSeed, training.jobs) = (cells[0].recipe.seed, jobs)
        if sweep.measures.contains(.noiseScale) { training.noiseBatch = middleBatch }
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

    /// The middle one of the batch sizes, or the smaller of two; a batch of one example has no noise to measure.
    private var middleBatch: Int? {
        let sizes = Set(cells.map(\.recipe.batch.size)).subtracting([1]).sorted()
        return sizes.isEmpty ? nil : sizes[(sizes.count - 1) / 2]
    }

    typealias Outcome = (cells: [TrainedCell], rates: [TunedRate])

    func trained(
        _ cells: [SweepCell], _ training: CellTraining, _ interruption: Interruption?, _ progress: (Int, Int) -> Void
    ) throws -> Outcome? {
        let states = try run(cells.map { ($0, nil) }, training, interruption) { progress($0, cells.count) }
        guard let states else { return nil }
        return (zip(cells, states).compactMap { TrainedCell($0, $1) }, [])
    }

    /// Trains cells, those first that are expected to take longest; nil where a stop was asked for.
    func run(
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
