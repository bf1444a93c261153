import Foundation
import Testing

@testable import Batchwise

/// Gradients that are late by a script: see Asynchronous.
@Suite struct DelayedUpdatesTests {
    /// Full batches of a linear regression in Double: the parameters before each update, w then b.
    static func course(
        _ problem: LinearProblem, from start: [Double], rate: Double, delays: [Int], momentum: Double = 0,
        isAware: Bool = false, updates: Int
    ) -> [[Double]] {
        var versions = [start]
        var velocity = start.map { _ in 0.0 }
        for update in 0..<updates {
            let delay = min(update, delays[update % delays.count])
            let old = versions[update - delay]
            let gradient = LinearProblem.mean(problem.x.indices.map { problem.gradient($0, old).gradient })
            velocity = zip(velocity, gradient).map { momentum * $0 + $1 }
            let own = isAware ? rate / Double(max(1, delay)) : rate
            versions.append(zip(versions[update], velocity).map { $0 - own * $1 })
        }
        return versions
    }

    static func recipe(_ problem: LinearProblem, rate: Double, _ asynchronous: Asynchronous?, updates: Int) -> Recipe {
        Recipe(
            model: Dense(1), loss: .meanSquaredError(), batch: Batch(size: problem.x.count), optimizer: .sgd,
            learningRate: .constant(rate), epochs: updates, seed: 5, asynchronous: asynchronous)
    }

    // MARK: The formula

    /// A quadratic loss of curvature h in w and in b: the mean of x is 0, and that of 2 x^2 is h, as 2 is of b.
    static func quadratic() throws -> (data: Dataset, curvature: Double) {
        let data = try Dataset(
            features: [1, -1, 1, -1], shape: [1], values: [3, -3, 3, -3], mean: 0, deviation: 1, weights: nil)
        return (data, 2)
    }

    /// The losses of 1000 updates at a share of the largest stable rate 2 sin(pi / (2 (2 t + 1))) / h.
    static func losses(delay: Int, share: Double) throws -> (found: [Double], expected: [Double]) {
        let (data, curvature) = try quadratic()
        let rate = share * 2 * sin(Double.pi / Double(2 * (2 * delay + 1))) / curvature
        let recipe = Recipe(
            model: Dense(1), loss: .meanSquaredError(), batch: Batch(size: 4), optimizer: .sgd,
            learningRate: .constant(rate), epochs: 1000, asynchronous: Asynchronous(.delays([delay])))
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        let values = trainer.model().values
        let start = Double(values[0][0])
        var found: [Double] = []
        try trainer.run(updates: 1000) { found.append($0.loss) }
        // the distance e of w from its best value: e' = e - rate h e_delayed, and a loss of e^2
        var distances = [start - 3]
        for update in 0..<1000 {
            distances.append(distances[update] - rate * curvature * distances[max(0, update - delay)])
        }
        return (found, (0..<1000).map { pow(distances[max(0, $0 - delay)], 2) })
    }

    @Test(arguments: 0...5) func convergesBelowTheFormulaAndNotAbove(delay: Int) throws {
        for share in [0.98, 1.02] {
            let (found, expected) = try Self.losses(delay: delay, share: share)
            let (early, late) = (found[200..<300].max() ?? 0, found[900...].max() ?? 0)
            #expect(share < 1 ? late < early / 10 || late < 1e-10 : late > 10 * early, "\(share): \(early), \(late)")
            for update in 0..<200 {
                #expect(abs(found[update] - expected[update]) <= 1e-3 * expected[update] + 1e-8, "\(update)")
            }
        }
    }

    // MARK: Every update

    @Test(arguments: [[0], [1], [3], [0, 1, 3], [7]], [(0, false), (0, true), (0.5, false)] as [(Double, Bool)])
    func parametersAreThoseOfAPlainLoop(delays: [Int], rule: (momentum: Double, isAware: Bool)) throws {
        let (momentum, isAware) = rule
        let problem = LinearProblem(20)
        let asynchronous = Asynchronous(.delays(delays), stalenessAware: isAware)
        var recipe = Self.recipe(problem, rate: 0.03, asynchronous, updates: 40)
        recipe.optimizer = .sgd(momentum: Float(momentum))
        var trainer = try Trainer(recipe, data: problem.dataset(), machine: Machine(threads: 2))
        let start = trainer.model().values.flatMap { $0 }.map(Double.init)
        func expected(_ delays: [Int]) -> [[Double]] {
            Self.course(
                problem, from: start, rate: 0.03, delays: delays, momentum: momentum, isAware: isAware, updates: 40)
        }
        let (course, other) = (expected(delays), expected([2]))
        for update in 1...40 {
            let report = try trainer.update()
            let staleness = min(update - 1, delays[(update - 1) % delays.count])
            #expect(abs(report.learningRate - 0.03 / Double(isAware ? max(1, staleness) : 1)) < 1e-12)
            let found = trainer.model().values.flatMap { $0 }.map(Double.init)
            #expect(zip(found, course[update]).allSatisfy { abs($0 - $1) < 2e-5 }, "\(update): \(found)")
        }
        let found = trainer.model().values.flatMap { $0 }.map(Double.init)
        #expect(!zip(found, other[40]).allSatisfy { abs($0 - $1) < 2e-5 })
    }

    @Test func aDelayOfNothingGivesTheBitsOfNone() throws {
        let data = try SmallData.classes(90)
        var recipe = RanksTests.cases[1].recipe
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        recipe.asynchronous = Asynchronous(.delays([0]), stalenessAware: true)
        #expect(try Trainer.fingerprint(recipe, data, Machine(threads: 1)) == expected)
        recipe.asynchronous = Asynchronous(.delays([1]))
        #expect(try Trainer.fingerprint(recipe, data, Machine(threads: 1)) != expected)
    }

    /// A batch of one example has a short cut, which gradients that are late do not take.
    @Test func singleExamplesAreLateToo() throws {
        let problem = LinearProblem(12)
        var recipe = Self.recipe(problem, rate: 0.02, Asynchronous(.delays([2])), updates: 1)
        recipe.batch = Batch(size: 1)
        let data = try problem.dataset()
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        var versions = [trainer.model().values.flatMap { $0 }.map(Double.init)]
        let order = EpochOrder(count: 12, seed: recipe.seed, epoch: 1)
        for update in 0..<12 {
            let gradient = problem.gradient(order[update], versions[max(0, update - 2)]).gradient
            versions.append(zip(versions[update], gradient).map { $0 - 0.02 * $1 })
        }
        try trainer.run()
        let found = trainer.model().values.flatMap { $0 }.map(Double.init)
        #expect(zip(found, versions[12]).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    // MARK: The same bits

    static let images = RanksTests.Case("late, ghost batches", RanksTests.images, shape: [6, 6, 2]) { recipe in
        recipe.asynchronous = Asynchronous(.delays([2, 0, 3]), stalenessAware: true)
        recipe.average = .exponential(decay: 0.9)
    }
    static let cases = [
        RanksTests.Case("late", RanksTests.mlp) { $0.asynchronous = Asynchronous(.delays([2])) },
        RanksTests.Case("late, clipped, adam", RanksTests.mlp) { recipe in
            recipe.asynchronous = Asynchronous(.delays([0, 3]))
            (recipe.optimizer, recipe.clip) = (.adam(), .norm(0.1))
        },
        RanksTests.Case("late, growing", RanksTests.mlp) { recipe in
            recipe.asynchronous = Asynchronous(.delays([4]))
            recipe.batch.grow = BatchGrowth(.times(2, at: [.epochs(1)]))
        },
        images,
    ]

    @Test(arguments: cases) func sameBitsForAnyThreadsAndMicroBatch(example: RanksTests.Case) throws {
        let data = try example.data()
        let expected = try Trainer.fingerprint(example.recipe, data, Machine(threads: 1))
        for (threads, microBatch) in [(1, 8), (2, nil), (3, 8)] {
            let machine = Machine(threads: threads, microBatch: microBatch)
            #expect(try Trainer.fingerprint(example.recipe, data, machine) == expected)
        }
    }

    @Test(arguments: cases, [(2, 1, nil, 1), (3, 2, 8, 3)] as [(Int, Int, Int?, Int)])
    func ranksTrainTheSameParameters(
        example: RanksTests.Case, split: (ranks: Int, threads: Int, microBatch: Int?, ranksPerMachine: Int)
    ) throws {
        try RanksTests().ranksTrainTheSameParameters(example: example, split: split)
    }

    @Test(arguments: cases, [1, 2, 4]) func resumeEqualsUninterrupted(example: RanksTests.Case, stop: Int) throws {
        let data = try example.data()
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(example.recipe, data: data, machine: Machine(threads: 1))
        for _ in 0..<stop { _ = try first.update() }
        try first.checkpoint().write(to: path)
        let checkpoint = try Checkpoint(contentsOf: path)
        func finished(_ checkpoint: Checkpoint) throws -> String {
            var second = try Trainer(example.recipe, data: data, machine: Machine(threads: 2, microBatch: 8))
            try second.restore(checkpoint)
            return try second.run().parametersSHA256
        }
        let expected = try Trainer.fingerprint(example.recipe, data, Machine(threads: 1))
        #expect(try finished(checkpoint) == expected)
        // without its older versions a checkpoint is refused, and with others it comes to other bits
        var other = checkpoint
        for name in checkpoint.vectors.keys where name.hasPrefix("version-") {
            other.vectors[name] = checkpoint.model.values
        }
        #expect(try finished(other) != expected)
        other.vectors["version-1"] = nil
        #expect(throws: CheckpointError.self) { try finished(other) }
    }

    @Test func anAuditFindsTheSameBits() throws {
        let audit = try Audit(Self.images.recipe, data: Self.images.data(), updates: 4, workers: 2)
        #expect(try audit.run().verdict == .sameBits)
    }

    @Test func thePlanCountsTheVersions() throws {
        var recipe = RanksTests.cases[1].recipe
        let data = try SmallData.classes(90)
        let plain = try Plan(recipe, data: data)
        recipe.asynchronous = Asynchronous(.delays([3]))
        let plan = try Plan(recipe, data: data)
        #expect(plan.bytes.optimizer - plain.bytes.optimizer == 4 * plain.bytes.parameters)
        #expect(plan.notices.contains("asynchronous: gradients are late by 3 updates"))
    }
}
