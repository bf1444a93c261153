import Batchwise
import BatchwiseData
import BatchwiseRuns

// The cells of a sweep that tunes rates.

extension SweepRunner {
    /// Tunes the rate of every setting with its first seed, and trains the other seeds at the best rate.
    func tuned(
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
