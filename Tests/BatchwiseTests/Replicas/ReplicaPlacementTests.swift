import TestSupport
import Testing

@testable import Batchwise

/// Replicas come to the same bits wherever they are trained, and go on there from any checkpoint.
@Suite struct ReplicaPlacementTests {
    typealias Case = RanksTests.Case

    private static func apart(
        _ name: String, _ replicas: Replicas, _ model: LayerList = RanksTests.mlp, shape: [Int] = [12],
        change: (inout Recipe) -> Void = { _ in }
    ) -> Case {
        Case(name, model, shape: shape) {
            $0.replicas = replicas
            change(&$0)
        }
    }

    static let cases = [
        apart("averaged", Replicas(4, updates: 2)),
        apart("more replicas than examples of the last batch", Replicas(12, updates: 3)),
        apart("one model first", Replicas(4, updates: 2, start: .epochs(1))) { $0.optimizer = .adam() },
        apart("outer", Replicas(5, updates: 2, rule: .outer(OuterOptimizer()))) { $0.clip = .norm(0.5) },
        apart("elastic", Replicas(4, updates: 2, rule: .elastic(0.1)), RanksTests.images, shape: [6, 6, 2]),
        apart("bfloat16", Replicas(4, updates: 2, compression: .bfloat16)) { $0.optimizer = .lamb() },
        apart("the largest", Replicas(4, updates: 2, compression: .largest(fraction: 0.1))),
        apart("fragments", Replicas(4, updates: 3, rule: .outer(OuterOptimizer(rate: 0.5)), fragments: 3)),
        apart("eager", Replicas(5, updates: 2, rule: .outer(OuterOptimizer(isEager: true)))) {
            $0.optimizer = .adamW()
        },
        apart(
            "eager, one model first",
            Replicas(4, updates: 2, start: .epochs(1), rule: .outer(OuterOptimizer(momentum: 0, isEager: true))),
            RanksTests.images, shape: [6, 6, 2]),
        apart(
            "eager fragments",
            Replicas(4, updates: 3, rule: .outer(OuterOptimizer(rate: 0.5, isEager: true)), fragments: 3)),
        apart("images", Replicas(4, updates: 2), RanksTests.images, shape: [6, 6, 2]) {
            $0.augmentation = Augmentation([.flip, .mixup(alpha: 0.4)])
        },
        apart(
            "whole batches", Replicas(4, updates: 2),
            layers(Dense(20), BatchNorm(over: .batch), ReLU(), Dense(.classes))),
        apart("uphill, muon", Replicas(4, updates: 2)) { recipe in
            (recipe.sam, recipe.optimizer) = (SAM(rho: 0.1), .muon())
        },
        apart("growing", Replicas(4, updates: 2)) { $0.batch.grow = BatchGrowth(.times(2, at: [.epochs(1)])) },
    ]

    private struct Course: Equatable, Sendable {
        var hash: String
        var losses: [Double]
    }

    private static func course(_ trainer: inout Trainer) throws -> Course {
        var losses: [Double] = []
        while !trainer.isFinished { try trainer.run(updates: 5) { losses.append($0.loss) } }
        return Course(hash: trainer.model().parametersSHA256, losses: losses)
    }

    private static func course(_ example: Case, _ machine: Machine) throws -> Course {
        var trainer = try Trainer(example.recipe, data: example.data(), machine: machine)
        return try course(&trainer)
    }

    @Test(arguments: cases) func anyPlaceGivesTheSameBits(example: Case) throws {
        let alone = try Self.course(example, Machine(threads: 1))
        #expect(try Self.course(example, Machine(threads: 2)) == alone)
        #expect(try Self.course(example, Machine(threads: 3, microBatch: 4)) == alone)
        for (size, threads) in [(2, 1), (3, 2), (4, 1)] {
            let ranks = RanksInMemory(size)
            let found = try ranks.train(example.recipe, example.data(), Machine(threads: threads)) {
                try Self.course(&$0)
            }
            #expect(found.allSatisfy { $0 == alone }, "\(size) ranks of \(threads)")
        }
        var plain = example
        plain.recipe.replicas = nil
        #expect(try Self.course(plain, Machine(threads: 1)).hash != alone.hash)
    }

    /// Every rank receives its slice from all others, and the slices of the result: 2 (R - 1) / R models an average.
    @Test(arguments: [2, 4]) func ranksReceiveTwoModelsAtMost(size: Int) throws {
        let example = Self.apart("averaged", Replicas(size, updates: 2))
        let ranks = RanksInMemory(size)
        let models = try ranks.train(example.recipe, example.data(), Machine(threads: 1)) { trainer -> Int in
            try trainer.run()
            return trainer.model().values.reduce(0) { $0 + $1.count }
        }
        // 6 updates, and a few numbers of each replica about each of them
        let averages = 3
        let findings = 6 * (size - 1) * MemoryLayout<ReplicaFinding>.stride
        for received in ranks.received {
            let expected = Double(4 * models[0] * averages * 2 * (size - 1)) / Double(size)
            #expect(abs(Double(received - findings) - expected) < 4 * 2 * Double(averages * size), "\(received)")
        }
    }

    /// Ranks that do not exchange anything come to other bits.
    @Test func ranksNeedEachOther() throws {
        let example = Self.cases[0]
        let ranks = RanksInMemory(2)
        ranks.keepsApart = true
        let alone = try Self.course(example, Machine(threads: 1))
        let found = try ranks.train(example.recipe, example.data(), Machine(threads: 1)) { try Self.course(&$0) }
        #expect(found.allSatisfy { $0.hash != alone.hash })
    }

    @Test(arguments: cases) func aRunGoesOnFromAnyUpdateInAnyPlace(example: Case) throws {
        let alone = try Self.course(example, Machine(threads: 1))
        for updates in 0..<alone.losses.count {
            let ranks = RanksInMemory(2)
            let checkpoints = try ranks.train(example.recipe, example.data(), Machine(threads: 1)) { trainer in
                while trainer.progress.updates < updates { _ = try trainer.update() }
                return trainer.checkpoint()
            }
            let file = try TemporaryFile(checkpoints[0].encoded())
            var resumed = try Trainer(example.recipe, data: example.data(), machine: Machine(threads: 2))
            try resumed.resume(from: file.path)
            let course = try Self.course(&resumed)
            #expect(course.hash == alone.hash, "from update \(updates)")
        }
    }

    @Test func aCheckpointWithoutReplicasIsRefused() throws {
        let example = Self.cases[0]
        var trainer = try Trainer(example.recipe, data: example.data())
        _ = try trainer.update()
        var checkpoint = trainer.checkpoint()
        checkpoint.vectors = checkpoint.vectors.filter { !$0.key.hasPrefix("replica.3.") }
        let file = try TemporaryFile(checkpoint.encoded())
        var resumed = try Trainer(example.recipe, data: example.data())
        #expect(throws: CheckpointError.self) { try resumed.resume(from: file.path) }
    }

    @Test func moreProcessesThanReplicasAreRefused() throws {
        let example = Self.apart("two", Replicas(2, updates: 3))
        var machine = Machine()
        (machine.ranks, machine.rank) = (3, 1)
        let error = #expect(throws: PlanError.self) {
            try Trainer.prepare(example.recipe, data: example.data(), machine: machine)
        }
        #expect("\(try #require(error))".contains("3 processes were started, and there are 2 replicas"))
    }

    /// A replica whose numbers stop being finite ends the run in every rank, and no state of it is saved.
    @Test func aReplicaThatFailsIsNamed() throws {
        var example = Self.cases[0]
        example.recipe.learningRate = .constant(1e30)
        let data = try example.data()
        let messages = try RanksInMemory(2).train(example.recipe, data, Machine(threads: 1)) { trainer in
            do {
                try trainer.run()
            } catch let error as TrainingError {
                return "\(error) \(trainer.isFinite)"
            }
            return "no error"
        }
        for message in messages { #expect(message.contains("of replica ") && message.hasSuffix("false"), "\(message)") }
    }
}
