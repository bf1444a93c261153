import Batchwise
import Testing

/// The examples in the comments of `Loading`.
@Suite struct LoadingSnippetTests {
    @Test func theOrderOfAnEpoch() {
        let order = EpochOrder(count: 60_000, seed: 42, epoch: 1)
        print(order[0])  // the example that epoch 1 visits first
        print(order[59_999])  // the last, found just as fast
        let all = Array(order)
        #expect(all.first == order[0] && all.last == order[59_999])
        #expect(all.sorted() == Array(0..<60_000) && all != Array(0..<60_000))
    }

    @Test func theCutOfAnEpoch() {
        let schedule = BatchSchedule(examples: 100, batch: 32, last: .keep)
        print(schedule.batchesPerEpoch)  // 4
        print(schedule.rows(ofBatch: 3))  // 96..<100
        #expect(schedule.batchesPerEpoch == 4)
        #expect(schedule.rows(ofBatch: 3) == 96..<100)
    }
}
