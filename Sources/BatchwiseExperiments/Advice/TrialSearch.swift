import Batchwise
import BatchwiseRuns

/// Looks for the setting with the lowest loss, or the fewest seconds to a goal, by training.
///
/// From the best of the first settings on, the batch is doubled and halved (the rate then goes with its square root), the
/// rate, the length, and the two against each other. The search goes on from the best setting of all, with half the step once
/// nothing is better, until nothing is better at that step either or the time is over. At last the best few are trained
/// with more seeds, until one of them is best beyond doubt.
struct TrialSearch {
    /// The bounds of the search.
    struct Bounds {
        var batch: ClosedRange<Int>
        var epochs: ClosedRange<Int>
        /// The highest rate of a batch.
        var rate: (Int) -> Double
        var mayWarmUp: Bool
    }

    private let training: TrialTraining
    private let bounds: Bounds
    private let deadline: Double
    private let speed: ThroughputMeasurement
    /// The training examples of the recipe.
    private let examples: Int
    private let interruption: Interruption
    private let progress: (String) throws -> Void

    private(set) var trials: [TrialSetting: Trial] = [:]
    /// The seconds that trials took, over those that were expected.
    private var slowness = 1.0
    /// Whether the search ended because nothing near was better, not because the time was over.
    private(set) var isSettled = false

    /// The seeds of every setting: more where trainings to a goal are short, for their updates vary more than losses do.
    private var seeds = Self.fewestSeeds
    private var seedsOfFinalists: Int { training.goal == nil ? Self.fewestSeeds + 3 : 20 }

    private static let (fewestSeeds, mostSeeds) = (2, 8)
    private static let finalists = 6
    /// The settings that a search compares, about.
    private static let usualSettings = 60

    init(
        _ training: TrialTraining, bounds: Bounds, deadline: Double, examples: Int, speed: ThroughputMeasurement,
        until interruption: Interruption, progress: @escaping (String) throws -> Void
    ) {
        self.training = training
        self.bounds = bounds
        self.deadline = deadline
        self.examples = examples
        self.speed = speed
        self.interruption = interruption
        self.progress = progress
    }

    /// The trials whose seeds are all trained, the best first.
    var ranked: [Trial] {
        trials.values.sorted {
            (score($0), $0.seconds, $0.setting.batch) < (score($1), $1.seconds, $1.setting.batch)
        }
    }

    private func score(_ trial: Trial) -> Double { trial.score(toGoal: training.goal != nil) }

    /// Trains the first settings, and goes on from the best.
    mutating func run(from first: [TrialSetting]) throws {
        try train(first, seeds: seeds)
        if training.goal != nil, let best = ranked.first {
            let seconds = time(Array(repeating: (best.setting, 1), count: Self.usualSettings))
            seeds = min(max(Int(left / 2 / seconds), Self.fewestSeeds), Self.mostSeeds)
            try train(first, seeds: seeds)
        }
        var step = 2.0
        var hasLookedFar = false
        while let best = ranked.first, score(best) < .infinity {
            let near = untried(best.setting, step)
            let moves = affordable(near, seeds: seeds)
            if !moves.isEmpty {
                try train(moves, seeds: seeds)
            } else if near.isEmpty, step == 2 {
                step = 2.0.squareRoot()
            } else {
                isSettled = near.isEmpty
                // another valley may be deeper: with the time that is left, settings farther away are tried once
                let far = isSettled && !hasLookedFar ? affordable(distant(best.setting), seeds: seeds) : []
                hasLookedFar = true
                guard !far.isEmpty else { break }
                try train(far, seeds: seeds)
                guard ranked[0].setting != best.setting else { break }
                step = 2
            }
        }
        try trainFinalists()
    }

    /// Trains the best few with one seed more at a time, without those that are worse than the best beyond doubt.
    private mutating func trainFinalists() throws {
        for count in seeds + 1...seedsOfFinalists {
            let best = ranked[0]
            var finalists = ranked.prefix(Self.finalists).filter {
                score($0) < .infinity && !$0.isWorse(than: best, toGoal: training.goal != nil)
            }.map(\.setting)
            guard finalists.count > 1 || count <= Self.fewestSeeds + 3 else { break }
            // the recipe's own setting is shown beside them; to a goal, a slower one was cut off
            let isAdded = training.goal == nil && trials[training.own] != nil && !finalists.contains(training.own)
            if isAdded { finalists.append(training.own) }
            guard !finalists.isEmpty, time(finalists.map { ($0, 1) }) < left else { break }
            try train(finalists, seeds: count)
        }
    }

    private var left: Double { deadline - now() }

    // MARK: Moves

    /// Settings of a quarter to four times the batch and a tenth to three times the rate, with the recipe's length.
    private func distant(_ setting: TrialSetting) -> [TrialSetting] {
        var settings: [TrialSetting] = []
        for batch in [max(setting.batch / 4, 1), setting.batch, setting.batch * 2, setting.batch * 4] {
            for factor in [0.1, 0.3, 1, 3] {
                settings.append(
                    setting.with(
                        batch: batch, rate: setting.rate * factor, epochs: training.own.epochs, hasWarmup: false))
            }
        }
        return allowed(settings)
    }

    /// Settings that are within the bounds and have not been tried.
    private func allowed(_ settings: [TrialSetting]) -> [TrialSetting] {
        Set(settings).filter {
            bounds.batch.contains($0.batch) && bounds.epochs.contains($0.epochs)
                && $0.rate <= bounds.rate($0.batch) && trials[$0] == nil
        }.sorted { ($0.batch, $0.epochs, $0.rate) < ($1.batch, $1.epochs, $1.rate) }
    }

    /// The settings beside one that are within the bounds and have not been tried.
    private func untried(_ setting: TrialSetting, _ step: Double) -> [TrialSetting] {
        var moves: [TrialSetting] = []
        for factor in [step, 1 / step] {
            // batches are powers of two times the first, for an odd size is no finding
            if step == 2 {
                let batch = factor > 1 ? setting.batch * 2 : setting.batch / 2
                moves.append(setting.with(batch: max(batch, 1), rate: setting.rate * factor.squareRoot()))
            }
            let epochs = Int((Double(setting.epochs) * factor).rounded())
            moves.append(setting.with(rate: setting.rate * factor))
            moves.append(setting.with(epochs: epochs))
            // a longer training at a lower rate, and a shorter one at a higher
            moves.append(setting.with(rate: setting.rate / factor, epochs: epochs))
        }
        if bounds.mayWarmUp, step < 2 { moves.append(setting.with(hasWarmup: !setting.hasWarmup)) }
        return allowed(moves)
    }

    /// The moves that there is time for: the longest are left out first.
    private func affordable(_ moves: [TrialSetting], seeds: Int) -> [TrialSetting] {
        var moves = moves
        // a third of the time is kept for the seeds of the finalists
        while !moves.isEmpty, time(moves.map { ($0, seeds) }) > left * 2 / 3 {
            guard let longest = moves.max(by: { time([($0, 1)]) < time([($1, 1)]) }) else { break }
            moves.removeAll { $0 == longest }
        }
        return moves
    }

    /// The seconds that trials are expected to take side by side.
    private func time(_ tasks: [(setting: TrialSetting, seeds: Int)]) -> Double {
        let seconds = tasks.map { task -> Double in
            let updates = min(training.updates(task.setting), mostUpdates(task.setting))
            return Double(updates) * speed.secondsOnOneThread(batch: task.setting.batch)
        }
        let sum = zip(seconds, tasks).reduce(0.0) { $0 + $1.0 * Double($1.1.seeds) }
        return slowness * max(sum / Double(training.jobs), seconds.max() ?? 0)
    }

    // MARK: Training

    /// The most updates that a trial takes to a goal: beyond twice the time of the best, it is no better.
    private func mostUpdates(_ setting: TrialSetting) -> Int {
        guard training.goal != nil, let best = ranked.first.map(score), best < .infinity else { return .max }
        return Int(2 * best / speed.secondsPerUpdate(batch: setting.batch)) + 1
    }

    /// Trains settings until each has results of so many seeds.
    private mutating func train(_ settings: [TrialSetting], seeds: Int) throws {
        var tasks: [TrialTraining.Task] = []
        for setting in settings {
            let done = trials[setting]?.results.count ?? 0
            for seed in done..<max(done, seeds) {
                tasks.append(.init(setting: setting, seed: UInt64(seed), updates: mostUpdates(setting)))
            }
        }
        guard !tasks.isEmpty else { return }
        let expected = time(tasks.map { ($0.setting, 1) }) / slowness * Double(training.jobs)
        let start = now()
        let count = trials.count
        try progress(line(count))
        let found = try training.run(tasks, until: interruption) { _ in }
        try progress(line(count))
        guard let found else { return }
        // trials that ended early tell nothing about the speed
        let made = zip(tasks, found).reduce(0.0) {
            $0 + Double($1.1.updates) * speed.secondsOnOneThread(batch: $1.0.setting.batch)
        }
        if made > 0.2 * expected { slowness = max((now() - start) * Double(training.jobs) / made, 0.1) }
        for (task, result) in zip(tasks, found) {
            let setting = task.setting
            let fresh = Trial(
                setting, secondsPerUpdate: speed.secondsPerUpdate(batch: setting.batch),
                updates: setting.updates(examples: examples))
            trials[setting, default: fresh].add(result)
        }
    }

    private func line(_ count: Int) -> String {
        count == 0 ? "trainings of the first settings" : "trainings: \(count) settings were compared"
    }
}
