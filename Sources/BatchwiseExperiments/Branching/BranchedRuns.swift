import Batchwise

/// The critical batch by branching: from one state, runs with k times the batch over the same number of examples
/// [Merrill 2025].
///
/// The rate of a branch is k times that of the recipe for SGD, and sqrt(k) times for the others, which divide gradients
/// by their size. As long as its loss is no worse than that of the recipe's own batch, the larger batch saves updates at
/// no cost of examples: it is not beyond the critical batch.
package struct BranchedRuns: Sendable {
    /// The runs with one batch size, a run for each seed.
    package struct Branch: Sendable {
        /// The factor k of the recipe's batch.
        package let factor: Int
        package let batch: Int
        package let rate: Double
        /// The mean loss of the last quarter of the examples, for each seed; infinite where a run diverged.
        package internal(set) var losses: [Double] = []
        /// The loss less that of the recipe's batch with the same seed, over the mean loss of the recipe's batch.
        package internal(set) var differences = MeanWithInterval()

        /// The mean loss over the seeds; nil where a run diverged.
        package var loss: Double? {
            let mean = losses.reduce(0, +) / Double(losses.count)
            return mean.isFinite ? mean : nil
        }
    }

    /// The branches, from the recipe's own batch.
    package private(set) var branches: [Branch] = []
    /// The relative difference of losses up to which a branch is no worse.
    package let tolerance: Double
    /// The examples that each run trains on.
    package let examples: Int
    /// The loss over the training set at the first state of the first run.
    private var start: Double?

    /// A run whose loss ends above this many times its start has diverged.
    private static let farBeyondStart = 4.0

    /// The rule by which the rate of the recipe's optimizer grows with the batch.
    package static func isLinear(_ optimizer: Optimizer) -> Bool { ["sgd", "lars"].contains(optimizer.name) }

    /// Trains the branches.
    ///
    /// - Parameters:
    ///   - factors: the factors of the recipe's batch, from 1.
    ///   - examples: the examples of each run; nil: those of 40 updates of the largest batch, or of an epoch where
    ///     these are more.
    ///   - seeds: the runs of each branch, with orders of their own.
    package init(
        _ subject: Subject, factors: [Int] = [1, 2, 4], examples: Int? = nil, seeds: Int = 3, tolerance: Double = 0.01,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        let size = subject.recipe.batch.size
        let count = subject.recipe.batch.sampling?.examples ?? subject.data.train.count
        let (largest, overflows) = size.multipliedReportingOverflow(by: factors.max() ?? 1)
        guard !overflows, largest <= count else {
            throw MeasurementError.batchBeyondData(batch: overflows ? .max : largest, examples: count)
        }
        self.tolerance = tolerance
        let asked = examples ?? max(40 * largest, count)
        // whole batches of every size
        let length = max(asked / largest, 4) * largest
        self.examples = length
        let peak = subject.recipeRate(batch: size)
        for factor in factors {
            let scale = Self.isLinear(subject.recipe.optimizer) ? Double(factor) : Double(factor).squareRoot()
            var branch = Branch(factor: factor, batch: factor * size, rate: peak * scale)
            for seed in 0..<seeds {
                let loss = try loss(subject, branch, examples: length, seed: UInt64(seed))
                branch.losses.append(loss)
                progress(branches.count * seeds + seed + 1, factors.count * seeds)
            }
            // differences are averaged and divided: a mean of ratios would be biased
            let first = branches.first ?? branch
            let mean = first.losses.reduce(0, +) / Double(seeds)
            for (loss, other) in zip(branch.losses, first.losses) {
                branch.differences.add(loss == other ? 0 : (loss - other) / mean)
            }
            branches.append(branch)
            guard branches[0].loss != nil else { throw MeasurementError.branchDiverged(batch: size, rate: peak) }
        }
    }

    /// The mean loss of the last quarter of a run; infinity where it diverges.
    private mutating func loss(_ subject: Subject, _ branch: Branch, examples: Int, seed: UInt64) throws -> Double {
        var recipe = subject.recipe
        if branch.factor > 1 { (recipe.batch.grain, recipe.batch.lanes) = (nil, nil) }
        recipe.batch.size = branch.batch
        recipe.batch.grow = nil
        recipe.batch.last = .drop
        recipe.learningRate = .constant(branch.rate)
        (recipe.average, recipe.earlyStopping, recipe.keptModel) = (nil, nil, .last)
        recipe.seed += seed
        let epoch = recipe.batch.sampling?.examples ?? subject.data.train.count
        let updates = examples / branch.batch
        recipe.epochs = updates / max(epoch / branch.batch, 1) + 1
        var trainer = try Trainer(
            recipe, data: subject.data.train, startingFrom: subject.model, machine: subject.machine)
        if start == nil { start = try trainer.model().evaluate(subject.data.train, machine: subject.machine).loss }
        let last = updates - max(updates / 4, 1)
        var sum = 0.0
        for update in 0..<updates {
            do throws(TrainingError) {
                let report = try trainer.update()
                if update >= last { sum += report.loss }
            } catch {
                guard case .notFinite = error else { throw error }
                return .infinity
            }
        }
        let mean = sum / Double(updates - last)
        return mean > Self.farBeyondStart * (start ?? mean) ? .infinity : mean
    }

    // MARK: The answer

    /// The largest batch up to which no branch was worse.
    package var largestAsGood: Branch {
        branches[max(branches.prefix { isAsGood($0) }.count, 1) - 1]
    }

    /// The first branch that was worse; nil where none was.
    package var firstWorse: Branch? { branches.first { !isAsGood($0) } }

    /// Whether the mean loss of a branch is within the tolerance.
    package func isAsGood(_ branch: Branch) -> Bool { branch.loss != nil && branch.differences.mean <= tolerance }

    /// Whether the interval of the difference lies on one side of the tolerance.
    package func isSettled(_ branch: Branch) -> Bool {
        guard branch.factor > 1, branch.loss != nil else { return true }
        guard let width = branch.differences.halfWidth else { return false }
        return abs(branch.differences.mean - tolerance) > width
    }
}
