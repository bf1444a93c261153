import Testing

@testable import Batchwise

/// Backup workers by a script, which leave shares of a batch out: see Asynchronous.
@Suite struct BackupScriptTests {
    @Test func sharesAreDrawnEvenlyAndWithoutRepeats() {
        let asynchronous = Asynchronous(.backup(2, workers: 5))
        var counts = Array(repeating: 0, count: 10)
        for number in 1...4000 {
            let places = asynchronous.leftOut(ofUpdate: number, batch: 10, seed: 7).flatMap { $0 }
            // two shares of two examples, each whole
            #expect(places.count == 4 && Set(places).count == 4 && places == places.sorted())
            for place in places {
                counts[place] += 1
                #expect(places.contains(place ^ 1))
            }
        }
        // 2 of 5: a standard deviation of 31
        #expect(counts.allSatisfy { abs($0 - 1600) < 130 }, "\(counts)")
        #expect(
            (1...20).contains {
                asynchronous.leftOut(ofUpdate: $0, batch: 10, seed: 7)
                    != asynchronous.leftOut(ofUpdate: $0, batch: 10, seed: 8)
            })
        #expect(asynchronous.leftOut(ofUpdate: 1, batch: 4, seed: 7).isEmpty, "a short batch is taken whole")
        #expect(Asynchronous(.backup(2, workers: nil)).leftOut(ofUpdate: 1, batch: 10, seed: 7).isEmpty)
    }

    /// Batches of 12 and a last one of 2, which is taken whole by 5 workers.
    @Test(arguments: [(1, 3), (2, 5), (4, 5)]) func parametersAreThoseOfAPlainLoop(backup: Int, workers: Int) throws {
        let problem = LinearProblem(50)
        let asynchronous = Asynchronous(.backup(backup, workers: workers))
        let recipe = Recipe(
            model: Dense(1), batch: Batch(size: 12, grain: 4), optimizer: .sgd(momentum: 0.5),
            learningRate: .constant(0.02), epochs: 3, seed: 5, asynchronous: asynchronous)
        var trainer = try Trainer(recipe, data: problem.dataset(), machine: Machine(threads: 2))
        let start = trainer.model().values.flatMap { $0.map { Double($0) } }
        var (plain, all) = (start, start)
        var (velocity, velocityOfAll) = (start.map { _ in 0.0 }, start.map { _ in 0.0 })
        var number = 0
        for epoch in 1...3 {
            let order = EpochOrder(count: 50, seed: 5, epoch: epoch)
            for first in stride(from: 0, to: 50, by: 12) {
                number += 1
                let rows = Array(first..<min(first + 12, 50))
                let out = asynchronous.leftOut(ofUpdate: number, batch: rows.count, seed: 5)
                let counted = rows.indices.filter { place in !out.contains { $0.contains(place) } }.map { rows[$0] }
                #expect(rows.count < workers ? counted == rows : counted.count < rows.count)
                let found = counted.map { problem.gradient(order[$0], plain) }
                let gradient = LinearProblem.mean(found.map(\.gradient))
                velocity = zip(velocity, gradient).map { 0.5 * $0 + $1 }
                let report = try trainer.update()
                let loss = found.reduce(0) { $0 + $1.loss } / Double(found.count)
                #expect(abs(report.loss - loss) < 1e-5 * max(1, loss), "update \(number)")
                plain = zip(plain, velocity).map { $0 - 0.02 * $1 }
                let whole = LinearProblem.mean(rows.map { problem.gradient(order[$0], all).gradient })
                velocityOfAll = zip(velocityOfAll, whole).map { 0.5 * $0 + $1 }
                all = zip(all, velocityOfAll).map { $0 - 0.02 * $1 }
            }
        }
        func distance(_ expected: [Double]) -> Double {
            zip(trainer.model().values.joined(), expected).map { abs(Double($0) - $1) }.max() ?? .infinity
        }
        #expect(distance(plain) < 2e-6)
        // a mean over all examples is told apart
        #expect(distance(all) > 1e-4)
    }

    static let cases = [
        RanksTests.Case("left out", RanksTests.mlp) { $0.asynchronous = Asynchronous(.backup(1, workers: 4)) },
        RanksTests.Case("left out, clipped, adam", RanksTests.mlp) { recipe in
            recipe.asynchronous = Asynchronous(.backup(3, workers: 7))
            (recipe.optimizer, recipe.clip) = (.adam(), .norm(0.1))
            recipe.average = .exponential(decay: 0.9)
        },
        RanksTests.Case(
            "left out, images",
            layers(
                Conv2D(filters: 4, kernel: 3, padding: .same), ReLU(), MaxPool2D(2), Flatten(), Dense(.classes)),
            shape: [6, 6, 2]
        ) { recipe in
            recipe.asynchronous = Asynchronous(.backup(2, workers: 5))
            recipe.augmentation = Augmentation([.flip, .mixup(alpha: 0.4)])
            recipe.sam = SAM(rho: 0.1)
        },
    ]

    @Test(arguments: cases) func sameBitsForAnyThreadsAndMicroBatch(example: RanksTests.Case) throws {
        let data = try example.data()
        let expected = try Trainer.fingerprint(example.recipe, data, Machine(threads: 1))
        for (threads, microBatch) in [(1, 8), (2, nil), (3, 8)] {
            let machine = Machine(threads: threads, microBatch: microBatch)
            #expect(try Trainer.fingerprint(example.recipe, data, machine) == expected)
        }
        var plain = example.recipe
        plain.asynchronous = nil
        #expect(try Trainer.fingerprint(plain, data, Machine(threads: 1)) != expected)
    }

    @Test(
        arguments: cases, [(2, 1, nil, 1), (4, 1, nil, 1), (3, 2, 8, 3)] as [(Int, Int, Int?, Int)])
    func ranksTrainTheSameParameters(
        example: RanksTests.Case, split: (ranks: Int, threads: Int, microBatch: Int?, ranksPerMachine: Int)
    ) throws {
        try RanksTests().ranksTrainTheSameParameters(example: example, split: split)
    }

    /// The draw of an update depends on its number alone, so that a run goes on from any.
    @Test(arguments: [1, 2, 4]) func resumeEqualsUninterrupted(stop: Int) throws {
        let example = Self.cases[1]
        let data = try example.data()
        var first = try Trainer(example.recipe, data: data, machine: Machine(threads: 1))
        for _ in 0..<stop { _ = try first.update() }
        var second = try Trainer(example.recipe, data: data, machine: Machine(threads: 2, microBatch: 8))
        try second.restore(first.checkpoint())
        #expect(
            try second.run().parametersSHA256
                == Trainer.fingerprint(example.recipe, data, Machine(threads: 1)))
    }

    @Test func anAuditFindsTheSameBits() throws {
        let audit = try Audit(Self.cases[0].recipe, data: Self.cases[0].data(), updates: 4, workers: 2)
        #expect(try audit.run().verdict == .sameBits)
    }

    @Test func otherModelsAreRefusedKindly() throws {
        var recipe = Self.cases[0].recipe
        recipe.model = layers(Dense(8), BatchNorm(ghost: 8), ReLU(), Dense(.classes))
        let error = #expect(throws: PlanError.self) { _ = try Plan(recipe, data: SmallData.classes(90)) }
        #expect("\(try #require(error))".contains("batch normalisation would mix with the others"))
        let plan = try Plan(Self.cases[0].recipe, data: SmallData.classes(90))
        #expect(plan.notices.contains { $0.contains("3 of 4 shares of its batch, drawn by the seed") })
    }
}
