import Foundation
import Testing

@testable import Batchwise

/// Batches that grow by the gradient's noise: each criterion against plain loops in Double, and the same bits for any
/// machine.
@Suite struct NoiseRuleTests {
    private static let criteria: [BatchGrowth.NoiseRule.Criterion] = [
        .normTest(theta: 0.7), .noiseScale(), .noiseScale(share: 2.5), .cabs, .goodput(overhead: 60),
    ]

    private static func recipe(
        _ criterion: BatchGrowth.NoiseRule.Criterion, grain: Int? = nil, every: TrainingLength = .updates(3),
        times: Double = 100, sample: Int = 64
    ) -> Recipe {
        Recipe(
            model: layers(Dense(1)),
            batch: Batch(
                size: 16, grain: grain,
                grow: BatchGrowth(.byNoise(.init(criterion, every: every, times: times, sample: sample)), limit: 150)),
            optimizer: .sgd, learningRate: .constant(0.05), epochs: 3, seed: 7)
    }

    /// The numbers of a sample: tr(S), |G|^2 and |g|^2, and the mean loss.
    private func oracle(
        _ problem: LinearProblem, _ theta: [Double], examples: [Int], chunk: Int
    ) -> (variance: Double, square: Double, ofMean: Double, loss: Double) {
        let own = examples.map { problem.gradient($0, theta) }
        let chunks = stride(from: 0, to: own.count, by: chunk).map { first in
            LinearProblem.mean(own[first..<first + chunk].map(\.gradient))
        }
        let mean = LinearProblem.mean(chunks)
        let spread = chunks.reduce(0) { sum, gradient in
            sum + zip(gradient, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        // an estimate for draws with replacement, then for N examples that are drawn without
        let variance = Double(chunk) * spread / Double(chunks.count - 1)
        let (n, all) = (Double(examples.count), Double(problem.x.count))
        let ofMean = LinearProblem.square(mean)
        let weights = problem.weights ?? problem.y.map { _ in 1 }
        let meanWeight = weights.reduce(0, +) / all
        let loss = own.reduce(0) { $0 + $1.loss } * meanWeight / examples.reduce(0) { $0 + weights[$1] }
        return (variance * (all - 1) / all, ofMean - variance / n + variance / all, ofMean, loss)
    }

    @Test(arguments: criteria, [(1, 64, false), (1, 400, false), (8, 64, true), (8, 400, false)])
    func decisionsAreThoseOfTheOracle(
        criterion: BatchGrowth.NoiseRule.Criterion, sample: (grain: Int, size: Int, isWeighted: Bool)
    ) throws {
        let problem = LinearProblem(400, isWeighted: sample.isWeighted)
        let recipe = Self.recipe(criterion, grain: sample.grain, sample: sample.size)
        var trainer = try Trainer(recipe, data: problem.dataset(), machine: Machine(threads: 2))
        for _ in 0..<3 { #expect(try trainer.update().growth == nil) }
        let theta = trainer.model().values.flatMap { $0.map { Double($0) } }
        let rate = trainer.nextLearningRate
        let found = try #require(try trainer.update().growth)

        let order = EpochOrder(count: 400, seed: 7, epoch: 1)
        let examples = (0..<sample.size).map { order[$0] }
        let (variance, square, ofMean, loss) = oracle(problem, theta, examples: examples, chunk: sample.grain)
        func near(_ a: Double?, _ b: Double) -> Bool { abs((a ?? .nan) / b - 1) < 1e-3 }
        #expect(near(found.variance, variance) && near(found.loss, loss) && found.learningRate == rate)
        #expect(near(found.gradientNormSquared, square) && near(found.noiseScale, variance / square))
        #expect(near(found.theta, (variance * 400 / 399 / 16 / ofMean).squareRoot()))
        if sample.grain == 1 && sample.size == 400 {
            // the whole truth: the mean and the variance over all examples
            let all = (0..<400).map { problem.gradient($0, theta).gradient }
            let mean = LinearProblem.mean(all)
            let spread = all.reduce(0) { $0 + LinearProblem.square($1) } / 400 - LinearProblem.square(mean)
            #expect(near(found.gradientNormSquared, LinearProblem.square(mean)) && near(found.variance, spread))
        }
        var asked: Double
        switch criterion {
        case .normTest(let theta): asked = variance * 400 / 399 / (theta * theta * ofMean)
        case .noiseScale(let share): asked = share * variance / square
        case .cabs: asked = 0.05 * variance / loss
        case .goodput(let overhead):
            // the batch of most progress a second, found by trying
            let phi = variance / square
            asked =
                (1...4000).map(Double.init).max {
                    $0 / (overhead + $0) / (phi + $0) < $1 / (overhead + $1) / (phi + $1)
                } ?? 0
            #expect(abs((found.asked ?? 0) - asked) <= 0.51)
            asked = found.asked ?? 0
        }
        #expect(near(found.asked, asked))
        var size = 16
        while Double(size) < asked, size < 150 { size += sample.grain }
        size = min(size, 150)
        #expect(found.before == 16 && found.batch == size && found.sample == sample.size && found.update == 4)
        #expect(trainer.progress.growth?.map(\.size) == (size > 16 ? [size] : nil))
        #expect(
            found.reason == (size == 16 ? .largeEnough : size == 150 && asked > 150 ? .upTo : .asAsked))
    }

    @Test(
        arguments: [
            (nil, 16, .unclear), (0, 16, .largeEnough), (16, 16, .largeEnough), (16.5, 24, .asAsked),
            (24, 24, .asAsked),
            (30, 32, .asAsked), (32, 32, .asAsked), (33, 32, .times), (.infinity, 32, .times), (.nan, 16, .largeEnough),
        ] as [(Double?, Int, GrowthDecision.Reason)])
    func theBatchIsWholeGrainsWithinLimits(asked: Double?, size: Int, reason: GrowthDecision.Reason) {
        let rule = BatchGrowth.NoiseRule(.noiseScale())
        let found = rule.batch(after: 16, asked: asked, grain: 8, limit: 400)
        #expect(found.size == size && found.reason == reason)
        let last = rule.batch(after: 16, asked: 1e9, grain: 8, limit: 20)
        #expect(last.size == 20 && last.reason == .upTo)
        #expect(rule.batch(after: 20, asked: 1e9, grain: 8, limit: 20).size == 20)
    }

    /// Two opposite gradients say nothing of |G|^2: the rules that divide by it do not grow.
    @Test func noEstimateOfTheGradientMeansNoGrowth() {
        let noise = [0.0].withUnsafeBufferPointer { ChunkNoise(chunk: 8, chunks: 2, squares: 2, sum: $0, loss: 0.5) }
        #expect(noise.unbiased.squaredNorm == -1 && noise.variance == 16 && noise.noiseScale == nil)
        for criterion in [BatchGrowth.NoiseRule.Criterion.noiseScale(), .goodput(overhead: 10)] {
            #expect(BatchGrowth.NoiseRule(criterion).asked(by: noise, rate: 0.1) == nil)
        }
        #expect(BatchGrowth.NoiseRule(.cabs).asked(by: noise, rate: 0.25) == 8)
        #expect(BatchGrowth.NoiseRule(.normTest()).asked(by: noise, rate: 0.1) == .infinity)
    }

    /// The same parameters and the same decisions for any micro-batch and threads, and wherever the run is resumed.
    @Test(arguments: criteria)
    func sameBitsForAnyMachineAndResumed(criterion: BatchGrowth.NoiseRule.Criterion) throws {
        let data = try LinearProblem(203, isWeighted: true).dataset()
        var recipe = Self.recipe(criterion, grain: 1, every: .examples(90), times: 1.7, sample: 30)
        if criterion == .cabs { (recipe.batch.size, recipe.learningRate) = (2, .constant(0.1)) }
        recipe.model = layers(Dense(5), Tanh(), Dropout(0.2), Dense(1))
        func run(_ machine: Machine) throws -> (hash: String, decisions: [GrowthDecision]) {
            var trainer = try Trainer(recipe, data: data, machine: machine)
            var decisions: [GrowthDecision] = []
            let model = try trainer.run {
                if let decision = $0.growth { decisions.append(decision) }
                return .proceed
            }
            return (model.parametersSHA256, decisions)
        }
        let whole = try run(Machine(threads: 1))
        #expect(whole.decisions.contains { $0.batch > $0.before })
        for machine in [
            Machine(threads: 2), Machine(threads: 1, microBatch: 1), Machine(threads: 1, microBatch: 3),
            Machine(threads: 2, microBatch: 3),
        ] {
            let found = try run(machine)
            #expect(found.hash == whole.hash && found.decisions == whole.decisions, "\(machine)")
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try Trainer(recipe, data: data, machine: Machine(threads: 2))
        while !first.isFinished {
            // a run that begins with batches of two is long
            guard criterion != .cabs || first.progress.updates % 6 == 5 else {
                _ = try first.update()
                continue
            }
            try first.checkpoint().write(to: path)
            var second = try Trainer(recipe, data: data, machine: Machine(threads: 1, microBatch: 3))
            try second.restore(Checkpoint(contentsOf: path))
            let done = first.progress.updates
            var decisions: [GrowthDecision] = []
            let model = try second.run {
                if let decision = $0.growth { decisions.append(decision) }
                return .proceed
            }
            #expect(model.parametersSHA256 == whole.hash, "after \(done) updates")
            #expect(decisions == whole.decisions.filter { $0.update > done })
            _ = try first.update()
        }
    }

    /// An update that fails after a decision leaves a checkpoint from which the decision is made again.
    @Test func aDecisionForTheNextUpdateIsMadeAgain() throws {
        let data = try LinearProblem(203).dataset()
        let recipe = Self.recipe(.normTest(theta: 1e-3))
        var first = try Trainer(recipe, data: data)
        for _ in 0..<3 { _ = try first.update() }
        _ = try first.readyEngine()
        #expect(first.progress.growth?.count == 1 && first.checkpoint().progress.growth == nil)
        var second = try Trainer(recipe, data: data)
        try second.restore(first.checkpoint())
        let (own, other) = (try first.update(), try second.update())
        #expect(own.growth != nil && own == other)
        #expect(first.model().parametersSHA256 == second.model().parametersSHA256)
    }

    @Test(arguments: criteria) func theAuditAcceptsIt(criterion: BatchGrowth.NoiseRule.Criterion) throws {
        let recipe = Self.recipe(criterion, every: .updates(2), times: 2)
        let certificate = try Audit(recipe, data: LinearProblem(150).dataset(), updates: 6, workers: 2).run()
        #expect(certificate.verdict == .sameBits, "\(certificate)")
    }
}
