import Synchronization
import Testing

@testable import Batchwise

/// The bytes that a plan says processes exchange are those that they exchange.
@Suite struct UpdateTrafficTests {
    /// Recipes whose batches have one size, and no quantity.
    static let cases = RanksTests.cases.filter { $0.recipe.batch.grow == nil }

    private static func prepared(
        _ recipe: Recipe, _ data: Dataset, _ machine: Machine, _ ranks: Int, machines: Int? = nil
    )
        throws -> PreparedRun
    {
        let machines = machines ?? ranks
        var machine = machine
        (machine.ranks, machine.machines) = (ranks, machines)
        return try Trainer.prepare(recipe, data: data, machine: machine)
    }

    /// Every process receives all bytes but its own, which the plan counts for each of them. The last batch of the epoch
    /// is smaller than the others.
    @Test(arguments: cases, [(2, 1, nil), (3, 2, nil), (2, 2, 4), (4, 1, 4)] as [(Int, Int, Int?)])
    func processesExchangeThePlannedBytes(
        example: RanksTests.Case, split: (ranks: Int, threads: Int, microBatch: Int?)
    ) throws {
        if !example.recipe.precision.isAvailable { try Test.cancel("this processor has no AVX512-BF16") }
        let data = try example.data()
        let machine = Machine(threads: split.threads, microBatch: split.microBatch)
        let run = try Self.prepared(example.recipe, data, machine, split.ranks)
        let batches = run.schedule.updates(beforeBatch: 0, ofEpoch: 2)
        let sizes = (0..<batches).map { batch in
            min(run.schedule.batch, run.schedule.examples - batch * run.schedule.batch)
        }
        let ranks = RanksInMemory(split.ranks)
        _ = try ranks.train(example.recipe, data, machine) { try $0.run(updates: batches) { _ in } }
        var expected = Array(repeating: 0, count: split.ranks)
        for size in sizes {
            let own = run.ownBytes(batch: size)
            let all = run.exchanges(batch: size).reduce(0) { $0 + $1.bytes }
            let kinds: [UpdateTraffic.Kind] = [.handedSums, .finishedSums]
            let sums = run.exchanges(batch: size).reduce(0) { $0 + (kinds.contains($1.kind) ? $1.bytes : 0) }
            let received = run.receivedSums(batch: size)
            #expect(own.reduce(0, +) + sums == all)
            #expect(received.reduce(0, +) == sums)
            for rank in 0..<split.ranks { expected[rank] += all - sums - own[rank] + received[rank] }
        }
        #expect(ranks.received == expected)
        #expect(expected.allSatisfy { $0 > 0 })
    }

    /// Processes of one machine copy only what they do not share.
    @Test(arguments: cases)
    func processesOfOneMachineCopyThePlannedBytes(example: RanksTests.Case) throws {
        if !example.recipe.precision.isAvailable { try Test.cancel("this processor has no AVX512-BF16") }
        let data = try example.data()
        let run = try Self.prepared(example.recipe, data, Machine(threads: 1), 3, machines: 1)
        let ranks = RanksInMemory(3)
        ranks.sharesMemory = true
        _ = try ranks.train(example.recipe, data, Machine(threads: 1)) { try $0.run(updates: 1) { _ in } }
        #expect(ranks.bytes.load(ordering: .relaxed) == 2 * run.copiedBytes(batch: run.largestBatch))
    }

    /// The layers of a plan have the numbers of a plain net by hand. Features and targets are in every process.
    @Test func layersHaveTheRowsOfTheirGradients() throws {
        let example = RanksTests.Case("", layers(Dense(90), ReLU(), Dense(20), ReLU(), Dense(.classes)))
        let run = try Self.prepared(example.recipe, example.data(), Machine(threads: 1), 2)
        let traffic = run.traffic
        // slopes of 90; activations of 90 and slopes of 20; of 20 and of 5 classes; losses
        #expect(traffic.rowFloatsByLayer == [90, 90 + 20, 20 + 5, 2])
        #expect(traffic.layers.map(\.gradientFloats) == [13 * 90, 91 * 20, 21 * 5])
        // 40 examples of two processes, in three lanes of which the second is under way at the border
        #expect(traffic.sumsUnderWay(run.execution.division, batch: 40) == [2])
        // and half of the finished sums go to the other process
        #expect(run.handedLayers == [40 * 180 > 5 * 13 * 90, 40 * 220 > 5 * 91 * 20, 40 * 50 > 5 * 21 * 5])
    }

    /// As a negative control, a plan for another batch or another optimizer says other bytes.
    @Test func otherPlansSayOtherBytes() throws {
        let data = try RanksTests.cases[0].data()
        let plain = RanksTests.Case("", RanksTests.mlp).recipe
        func bytes(_ change: (inout Recipe) -> Void) throws -> Int {
            var recipe = plain
            change(&recipe)
            return try Self.prepared(recipe, data, Machine(threads: 1), 2).exchanges(batch: recipe.batch.size)
                .reduce(0) { $0 + $1.bytes }
        }
        let usual = try bytes { _ in }
        #expect(try bytes { $0.batch.size = 41 } > usual)
        #expect(try bytes { $0.clip = .norm(1) } > usual)
        let lamb = try bytes { $0.optimizer = .lamb() }
        let clipped = try bytes { $0.clip = .norm(1) }
        #expect(lamb > clipped)
    }
}
