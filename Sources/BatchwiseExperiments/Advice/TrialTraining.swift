import Batchwise
import BatchwiseRuns

/// Trains settings with seeds, several at a time on one thread each, and compares them by examples that they do not see
/// or by the updates to a goal. Nothing is written.
struct TrialTraining: Sendable {
    /// A setting and a seed, and the most updates that it may take to the goal.
    struct Task: Sendable {
        var setting: TrialSetting
        var seed: UInt64
        var updates = Int.max
    }

    private(set) var recipe: Recipe
    /// The examples that trials train on, and those by which they are judged.
    let (train, judged): (Dataset, Dataset)
    /// The recipe's own examples of validation, which a rate that falls on a plateau follows.
    let validation: Dataset?
    /// The machine of one trial.
    let machine: Machine
    /// The examples of an epoch.
    let examples: Int
    let goal: SweepGoal?
    /// The part of a setting's epochs that a trial trains for.
    let share: Double
    /// The setting of the recipe itself, which is trained with all its keys.
    let own: TrialSetting
    let jobs: Int

    /// The same trainings in another precision.
    func with(_ precision: Precision) -> TrialTraining {
        var other = self
        other.recipe.precision = precision
        return other
    }

    func epochs(_ setting: TrialSetting) -> Int { max(Int((Double(setting.epochs) * share).rounded()), 1) }

    func updates(_ setting: TrialSetting) -> Int {
        setting.with(epochs: epochs(setting)).updates(examples: examples)
    }

    private func recipe(of task: Task) -> Recipe {
        let setting = task.setting.with(epochs: epochs(task.setting))
        var recipe = task.setting == own && share == 1 ? recipe : setting.recipe(recipe, examples: examples)
        recipe.seed = recipe.seed &+ task.seed
        // every trial is trained to its end, so that the examples that judge it choose nothing before
        (recipe.earlyStopping, recipe.keptModel) = (nil, .last)
        return recipe
    }

    /// The results in the order of the tasks; nil where a stop was asked for.
    func run(_ tasks: [Task], until stop: Interruption, progress: (Int) -> Void) throws -> [Trial.Result]? {
        let order = tasks.indices.sorted { updates(tasks[$0].setting) > updates(tasks[$1].setting) }
        let found = try SideBySide.run(order.map { tasks[$0] }, jobs: jobs, until: stop, progress: progress) {
            try train($0, until: $1)
        }
        let results = found.compactMap { $0 ?? nil }
        guard results.count == tasks.count else { return nil }
        return tasks.indices.map { place in results[order.firstIndex(of: place) ?? 0] }
    }

    private func trainer(_ task: Task) throws -> Trainer {
        try Trainer(recipe(of: task), data: train, validation: validation, machine: machine)
    }

    /// The result of a task; nil where a stop was asked for.
    private func train(_ task: Task, until stop: Interruption) throws -> Trial.Result? {
        do {
            return try result(task, until: stop)
        } catch let error where error is RecipeError || error is PlanError || error is GraphError {
            // a decay may end above this rate, or a warmup beyond these epochs
            return Trial.Result(refusal: "\(error)")
        }
    }

    private func result(_ task: Task, until stop: Interruption) throws -> Trial.Result? {
        var trainer = try trainer(task)
        var result = Trial.Result()
        var crossing: Int?
        // a run that reaches the goal near its end may miss it with another seed
        let latest = trainer.totalUpdates * 4 / 5
        do {
            while !trainer.isFinished {
                if stop.isRequested { return nil }
                let updates = trainer.progress.updates
                result.updates = updates
                guard updates < task.updates else { return result }
                try trainer.run(updates: goal == nil ? 100 : RunWatch.mark(after: updates) - updates) { _ in }
                guard let goal else { continue }
                let evaluation = try evaluate(trainer)
                guard evaluation.loss.isFinite else { return Trial.Result(isDiverged: true) }
                if goal.isReached(by: evaluation) {
                    // a goal that is held at the next mark is reached
                    if let crossing {
                        result.evaluation = evaluation
                        result.updatesToGoal = crossing <= latest ? crossing : nil
                        return result
                    }
                    crossing = trainer.progress.updates
                } else {
                    crossing = nil
                }
            }
        } catch TrainingError.notFinite {
            return Trial.Result(isDiverged: true, updates: trainer.progress.updates)
        }
        result.updates = trainer.progress.updates
        let evaluation = try evaluate(trainer)
        guard evaluation.loss.isFinite else { return Trial.Result(isDiverged: true, updates: result.updates) }
        result.evaluation = evaluation
        return result
    }

    private func evaluate(_ trainer: borrowing Trainer) throws -> Evaluation {
        try trainer.model().evaluate(judged, machine: machine)
    }

    /// The number of seeds, of so many, whose runs diverge within their first updates.
    func divergences(_ setting: TrialSetting, seeds: Int, updates: Int, until stop: Interruption) throws -> Int? {
        let tasks = (0..<UInt64(seeds)).map { Task(setting: setting, seed: $0, updates: updates) }
        let found = try SideBySide.run(tasks, jobs: jobs, until: stop, progress: { _ in }) { task, stop -> Bool? in
            var trainer = try trainer(task)
            do {
                while !trainer.isFinished, trainer.progress.updates < updates {
                    if stop.isRequested { return nil }
                    try trainer.run(updates: 100) { _ in }
                }
            } catch TrainingError.notFinite {
                return true
            }
            return false
        }
        let results = found.compactMap { $0 ?? nil }
        return results.count == seeds ? results.count(where: \.self) : nil
    }
}
