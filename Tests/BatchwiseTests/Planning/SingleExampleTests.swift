import Testing

@testable import Batchwise

/// Batch normalisation that finds one example alone is told once, with what to do about it.
@Suite struct SingleExampleTests {
    static let models: [(name: String, groups: [BatchNorm.Group])] = [
        ("none", []), ("batch", [.batch]), ("ghost", [.ghost(8)]), ("two ghosts", [.ghost(8), .ghost(12)]),
        ("both", [.batch, .ghost(8)]), ("wide ghost", [.ghost(64)]),
    ]

    private static func model(_ groups: [BatchNorm.Group], frozen: Bool = false) -> LayerList {
        LayerList {
            for group in groups {
                Dense(6)
                BatchNorm(over: group)
                ReLU()
            }
            Dense(.classes)
        }
    }

    private func notices(
        _ model: LayerList, _ batch: Batch, examples: Int, epochs: Int = 2, shape: [Int] = [12], threads: Int = 2
    ) throws -> [String] {
        try Plan(
            Recipe(model: model, batch: batch, epochs: epochs), data: SmallData.classes(examples, shape: shape),
            machine: Machine(threads: threads)
        ).notices.filter { $0.contains("normalisation of one") }
    }

    /// Whether any batch of the run has a set of one example, looked up batch by batch.
    private func isSingle(_ groups: [BatchNorm.Group], _ schedule: BatchSchedule, epochs: Int) -> Bool {
        for epoch in 1...epochs {
            for batch in 0..<schedule.batches(inEpoch: epoch) {
                let rows = schedule.rows(ofBatch: batch, inEpoch: epoch).count
                for group in groups {
                    let size = if case .ghost(let size) = group { size } else { rows }
                    if Normalisation.chunks(rows, size: size).contains(where: { $0.count == 1 }) { return true }
                }
            }
        }
        return false
    }

    @Test(arguments: 0..<models.count, [LastBatch.keep, .drop, .pad])
    func everyBatchSizeIsJudged(number: Int, last: LastBatch) throws {
        let groups = Self.models[number].groups
        var told = 0
        for examples in [1, 2, 33, 49, 50] {
            for size in [1, 2, 7, 9, 16, 24, 25, 32, 33, 40, 48, 64] {
                let batch = Batch(size: size, grain: size < 8 ? 1 : 4, last: last)
                let schedule = BatchSchedule(examples: examples, batch: size, last: last)
                guard schedule.batchesPerEpoch > 0 else { continue }
                let found = try notices(Self.model(groups), batch, examples: examples)
                let expected = isSingle(groups, schedule, epochs: 2)
                #expect(found.count == (expected ? 1 : 0), "\(examples) in \(size): \(found)")
                if !groups.contains(where: { $0 != .batch }) { #expect(!found.contains { $0.contains("ghost") }) }
                told += found.count
            }
        }
        #expect((told > 0) == !groups.isEmpty)
    }

    @Test(arguments: 0..<models.count, [LastBatch.keep, .drop])
    func phasesOfABatchThatGrowsAreJudged(number: Int, last: LastBatch) throws {
        let groups = Self.models[number].groups
        var told = 0
        for (from, to, mark) in [
            (8, 16, TrainingLength.epochs(1)), (8, 16, .epochs(1.5)), (8, 24, .updates(3)), (12, 32, .epochs(2)),
            (16, 33, .epochs(1)), (12, 24, .examples(12)),
        ] {
            for examples in [48, 49, 51, 57, 60] {
                for epochs in [3, 4] {
                    let batch = Batch(
                        size: from, grain: 4, last: last, grow: BatchGrowth(.to([to], at: [mark])))
                    let schedule = try BatchSchedule(batch, examples: examples, epochs: epochs)
                    let found = try notices(Self.model(groups), batch, examples: examples, epochs: epochs)
                    let expected = isSingle(groups, schedule, epochs: epochs)
                    #expect(
                        found.count == (expected ? 1 : 0), "\(examples), \(from) to \(to) at \(mark): \(found)")
                    told += found.count
                }
            }
        }
        #expect(groups.isEmpty ? told == 0 : last == .drop || told > 0)
    }

    @Test func theNoticeSaysWhatToDo() throws {
        let nothing = "batch normalisation of one example gives nothing but its shift: "
        let whole = Self.model([.batch, .batch, .batch])
        #expect(
            try notices(whole, Batch(size: 16), examples: 49) == [
                nothing + "the last batch of an epoch has 1 example: use batch.last: drop, or another batch.size"
            ])
        #expect(try notices(whole, Batch(size: 16, last: .drop), examples: 49) == [])
        #expect(
            try notices(whole, Batch(size: 1), examples: 49) == [nothing + "use a larger batch, or group-norm"])
        let ghosts = Self.model([.ghost(8), .ghost(8)])
        #expect(
            try notices(ghosts, Batch(size: 33), examples: 66) == [
                nothing + "a batch of 33 leaves 1 for its last ghost batch of 8: use another ghost batch or batch.size"
            ])
        #expect(
            try notices(ghosts, Batch(size: 32), examples: 41) == [
                nothing + "the last batch of an epoch has 9 examples, which leave 1 for its last ghost batch of 8: "
                    + "use batch.last: drop, or another ghost batch or batch.size"
            ])
        let growing = Batch(size: 16, grow: BatchGrowth(.to([24], at: [.epochs(1)])))
        #expect(
            try notices(whole, growing, examples: 49) == [
                nothing + "the last batch of an epoch has 1 example, where batches have 16: "
                    + "use batch.last: drop, or another batch.size"
            ])
        // an image is many numbers: its statistics are its own, and not nothing
        let images = layers(Conv2D(filters: 3, kernel: 3), BatchNorm(over: .batch), ReLU(), Dense(.classes))
        #expect(
            try notices(images, Batch(size: 16), examples: 49, shape: [6, 6, 2]) == [
                "batch normalisation of one example knows that example alone: the last batch of an epoch has 1 example: "
                    + "use batch.last: drop, or another batch.size"
            ])
    }
}
