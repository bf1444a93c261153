import Batchwise
import Testing

/// Orders and schedules that a program builds for a loop of its own, by public declarations alone.
@Suite struct OrdersTests {
    @Test func sampledEpochsAreCutIntoBatches() throws {
        let data = try Dataset(features: [0, 1, 2, 3, 4, 5, 6, 7], shape: [1], classes: [1, 0, 0, 0, 0, 0, 0, 0])

        let orders = try EpochOrders(data, sampling: Sampling(by: .classBalance), seed: 42)
        let schedule = try BatchSchedule(Batch(size: 32), examples: orders.count, epochs: 5)
        let order = orders.order(ofEpoch: 1)
        let examples = schedule.rows(ofBatch: 0, inEpoch: 1).map { order[$0] }  // those of the first update

        #expect(examples.count == 8)
        // the one example of its class comes in half of all draws; without sampling in an eighth
        let draws = (1...400).flatMap { Array(orders.order(ofEpoch: $0)) }
        let share = Double(draws.count { $0 == 0 }) / Double(draws.count)
        #expect(abs(share - 0.5) < 0.04)
        let plain = try EpochOrders(data, sampling: nil, seed: 42)
        #expect(Array(plain.order(ofEpoch: 3)) == Array(EpochOrder(count: 8, seed: 42, epoch: 3)))
    }

    @Test func aScheduleGrows() throws {
        let growth = BatchGrowth(.times(4, at: [.epochs(1)]), momentum: .scale)
        let schedule = try BatchSchedule(Batch(size: 10, grow: growth), examples: 100, epochs: 2)
        #expect(schedule.batches(inEpoch: 1) == 10 && schedule.batches(inEpoch: 2) == 3)
        #expect(schedule.rows(ofBatch: 2, inEpoch: 2) == 80..<100)
    }

    @Test func settingsThatMakeNoSenseAreRefused() throws {
        let data = try Dataset(features: [0, 1], shape: [1], classes: [0, 1])
        for sampling in [Sampling(by: .weights), Sampling(by: .classBalance, examples: -1)] {
            #expect(throws: PlanError.self) { try EpochOrders(data, sampling: sampling, seed: 1) }
        }
        #expect(throws: PlanError.self) { try EpochOrders(data, sampling: nil, block: 0, seed: 1) }
        for batch in [
            Batch(size: 0), Batch(size: 4, grow: BatchGrowth(.times(.nan, at: [.epochs(1)]))),
            Batch(size: 4, grow: BatchGrowth(.to([2], at: [.epochs(1)]))),
        ] {
            #expect(throws: RecipeError.self) { try BatchSchedule(batch, examples: 100, epochs: 2) }
        }
        #expect(throws: RecipeError.self) { try BatchSchedule(Batch(size: 4), examples: -1, epochs: 2) }
    }
}
