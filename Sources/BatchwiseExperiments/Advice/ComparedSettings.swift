import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

/// Settings that were compared by training them, and the one that is chosen.
package struct ComparedSettings: Sendable {
    /// All trials, the best first.
    package private(set) var trials: [Trial] = []
    /// The trial of the recipe's own setting.
    package private(set) var own: Trial?
    /// The best setting, or the fastest of those within one standard error of it [Breiman 1984] that take half of its
    /// time.
    package private(set) var chosen: Trial?
    /// The part of its epochs that each setting was trained for.
    package private(set) var share = 1.0
    /// Whether nothing near the best is better, as far as trials tell.
    package private(set) var isSettled = false
    /// The seeds with which the beginning of the chosen setting was trained; none diverged.
    package private(set) var stableSeeds = 0
    /// The chosen setting in bfloat16; nil where that is not possible.
    package private(set) var otherPrecision: OtherPrecision?
    /// The training examples that were kept back to judge the trials; 0 where others judge them.
    package let keptBack: Int
    /// A budget in seconds with which settings can be compared over their whole length; nil: this one was enough.
    package private(set) var neededBudget: Double?

    /// The trainings of the longest first setting that a comparison needs time for.
    private static let leastTrainings = 12.0
    /// The part of the loss that is given away for speed at most, whatever the standard error, and the part of the time
    /// that a faster setting may take.
    private static let largestLoss = 0.02
    private static let gainInTime = 0.5
    private static let beginnings = (seeds: 20, updates: 300)

    /// - Parameters:
    ///   - first: The settings to begin with, and among them `own`, that of the recipe.
    ///   - left: The seconds of the budget that are left.
    ///   - highestRate: The highest rate of a batch that is tried.
    init(
        _ subject: Subject, first: [TrialSetting], own: TrialSetting, goal: SweepGoal?, left: Double, budget: Double,
        speed: ThroughputMeasurement, highestRate: @escaping (Int) -> Double, until interruption: Interruption,
        progress: @escaping (String) throws -> Void
    ) throws {
        let recipe = subject.recipe
        let left = max(left, 0)
        let deadline = now() + left
        let parts = Self.parts(subject, goal)
        let count = try EpochOrders(
            parts.train, sampling: recipe.batch.sampling, block: recipe.batch.block, seed: recipe.seed
        ).count
        keptBack = subject.data.train.count - parts.train.count
        let jobs = max(subject.machine.threads ?? subject.machine.cores, 1)

        let longest = first.map { Double($0.updates(examples: count)) * speed.secondsOnOneThread(batch: $0.batch) }
        let whole = Self.leastTrainings * (longest.max() ?? 0) / Double(jobs)
        let lengths = first.map(\.epochs)
        let (least, most) = (lengths.min() ?? 1, lengths.max() ?? 1)
        if whole > left {
            neededBudget = budget - left + whole
            // a training that is cut short compares no lengths
            guard goal == nil, left / whole * Double(least) >= 1, !recipe.learningRate.hasMarks else { return }
            share = left / whole
        }
        let memory = subject.machine.memory ?? memoryLimit
        let training = TrialTraining(
            recipe: recipe, train: parts.train, judged: parts.judged, validation: subject.data.validation,
            machine: Machine(threads: 1, memory: memory / jobs, loadingThreads: 1), examples: count, goal: goal,
            share: share, own: own, jobs: jobs)
        let bounds = TrialSearch.Bounds(
            batch: 1...max(count / 2, 1),
            epochs: share == 1 && !recipe.learningRate.hasMarks ? 1...10 * most : least...most,
            rate: highestRate, mayWarmUp: recipe.learningRate.warmup == nil && !recipe.learningRate.climbs)
        var search = TrialSearch(
            training, bounds: bounds, deadline: deadline - left / 10, examples: try subject.epochLength, speed: speed,
            until: interruption, progress: progress)
        try search.run(from: first)
        (trials, self.own, isSettled) = (search.ranked, search.trials[own], search.isSettled)
        for trial in Self.choices(of: trials, toGoal: goal != nil).prefix(5) {
            let updates = min(Self.beginnings.updates, training.updates(trial.setting))
            let time = Double(updates) * speed.secondsOnOneThread(batch: trial.setting.batch) / Double(jobs)
            let seeds = min(Self.beginnings.seeds, max(Int(max(deadline - now(), left / 20) / time), 2))
            try progress("\(seeds) beginnings with the advised rate")
            let diverged = try training.divergences(trial.setting, seeds: seeds, updates: updates, until: interruption)
            try progress("\(seeds) beginnings with the advised rate")
            guard diverged == 0 else { continue }
            (chosen, stableSeeds) = (trial, seeds)
            otherPrecision = try OtherPrecision(
                subject, trial, training, until: deadline, interruption: interruption)
            break
        }
    }

    /// The examples that trials train on, and those that judge them: the recipe's own for a goal and where it has
    /// enough, else a fifth of the training examples.
    private static func parts(_ subject: Subject, _ goal: SweepGoal?) -> (train: Dataset, judged: Dataset) {
        let data = subject.data
        switch goal?.part {
        case .train: return (data.train, data.train)
        case .test: if let test = data.test { return (data.train, test) }
        case .validation, nil: break
        }
        let enough = min(2000, data.train.count / 5)
        if let validation = data.validation, goal != nil || validation.count >= enough {
            return (data.train, validation)
        }
        var split = Split(count: data.train.count, seed: subject.recipe.seed)
        let judged = split.take(0.2)
        return (data.train.rows(split.rest), data.train.rows(judged))
    }

    /// The trials that may be chosen, in the order of preference.
    private static func choices(of trials: [Trial], toGoal: Bool) -> [Trial] {
        let valid = trials.filter { $0.score(toGoal: toGoal) < .infinity }
        guard !toGoal, let best = valid.first, let loss = best.loss else { return valid }
        // the spread of single runs, from all finalists together, for one has few seeds; poor settings spread more
        let spreads = valid.compactMap(\.loss).filter { $0.count > 1 && $0.count >= loss.count }
        let variance = spreads.map(\.variance).reduce(0, +) / Double(max(spreads.count, 1))
        let limit = loss.mean + min((variance / Double(loss.count)).squareRoot(), Self.largestLoss * abs(loss.mean))
        let fast = valid.filter {
            $0.score(toGoal: false) <= limit && $0.seconds <= Self.gainInTime * best.seconds
        }.sorted { $0.seconds < $1.seconds }
        return fast + valid.filter { trial in !fast.contains { $0.setting == trial.setting } }
    }
}
