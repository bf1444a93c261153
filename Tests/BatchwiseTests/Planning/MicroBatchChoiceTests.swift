import Testing

@testable import Batchwise

/// Every plan gives the reason of its micro-batch, and says what became of the one that was asked for.
@Suite struct MicroBatchChoiceTests {
    private static let dense = layers(Dense(64), ReLU(), Dense(.classes))

    private func plan(
        _ size: Int, _ machine: Machine, model: LayerList = dense, grain: Int? = nil, examples: Int = 600
    ) throws -> Plan {
        try Plan(
            Recipe(model: model, batch: Batch(size: size, grain: grain), epochs: 1),
            data: SmallData.classes(examples), machine: machine)
    }

    @Test func theReasonIsTheOneThatDecided() throws {
        func reason(_ size: Int, _ machine: Machine, model: LayerList = Self.dense, grain: Int? = nil) throws -> String
        {
            try plan(size, machine, model: model, grain: grain).reason
        }
        #expect(try reason(32, Machine(threads: 1)) == "it is the whole batch")
        #expect(
            try reason(32, Machine(threads: 2)) == "it is a worker's part of a batch: 32 examples on 2 workers")
        #expect(
            try reason(600, Machine(threads: 1))
                == "it is likely to be the fastest, for its tensors stay in the cache")
        #expect(
            try reason(600, Machine(threads: 1), grain: 300)
                == "it is the smallest: micro-batches hold whole grains, here of 300")
        #expect(try reason(64, Machine(threads: 1, microBatch: 32)) == "--micro-batch gives it")
        #expect(
            try reason(64, Machine(threads: 1, microBatch: 7))
                == "--micro-batch 7 is raised to 16: micro-batches hold whole grains, here of 16")
        #expect(
            try reason(64, Machine(threads: 2, microBatch: 64))
                == "--micro-batch 64 is lowered to 32: 64 examples on 2 workers")
        #expect(try reason(64, Machine(threads: 2, accumulation: 2)) == "--accumulation asks for 2 steps")
        #expect(
            try reason(64, Machine(threads: 2), model: layers(Dense(8), BatchNorm(over: .batch), Dense(.classes)))
                == "it is a worker's part of a batch: 64 examples on 2 workers; normalisation over the batch would repeat "
                + "smaller ones")
    }

    @Test func theReasonTellsOfTheMemory() throws {
        let wide = layers(Dense(900), ReLU(), Dense(.classes))
        func machine(_ memory: Int?) -> Machine { Machine(threads: 1, memory: memory) }
        let error = #expect(throws: PlanError.self) { try plan(200, machine(1000), model: wide) }
        guard case .overBudget(_, let least, _)? = error else { return }
        let one = try plan(200, machine(least), model: wide)
        #expect(one.microBatch == 16 && one.reason == "it is the only one that fits")
        let two = try plan(200, machine(least + 16 * 2 * 900 * 4 + 4096), model: wide)
        #expect(two.microBatch == 32 && two.reason == "it is the largest that fits")
        // a batch in one step needs no sums for its gradient
        let deep = layers(Dense(3000), ReLU(), Dense(2000), ReLU(), Dense(.classes))
        let free = try plan(300, machine(nil), model: deep)
        let whole = try plan(300, Machine(threads: 1, microBatch: 300), model: deep)
        #expect(free.microBatch < 300 && whole.bytes.training < free.bytes.training)
        let limited = try plan(300, machine(whole.bytes.training), model: deep)
        #expect(limited.microBatch == 300)
        #expect(
            limited.reason
                == "it is a batch in one step, which needs no sums of gradients; \(free.microBatch) does not fit")
    }

    struct Case: Sendable {
        var batch, grain, asked: Int
        var groups: [BatchNorm.Group]
        var says: String?

        init(_ batch: Int, grain: Int, asked: Int, _ groups: [BatchNorm.Group], _ says: String?) {
            (self.batch, self.grain, self.asked) = (batch, grain, asked)
            (self.groups, self.says) = (groups, says)
        }
    }

    static let cases = [
        Case(100, grain: 16, asked: 7, [.batch], "raised to 16: micro-batches hold whole grains, here of 16"),
        Case(
            100, grain: 8, asked: 7, [.batch, .ghost(24)],
            "raised to 24: micro-batches hold whole ghost batches, here of 24"),
        Case(
            100, grain: 16, asked: 7, [.ghost(32)], "raised to 32: micro-batches hold whole ghost batches, here of 32"),
        Case(100, grain: 16, asked: 64, [.ghost(32)], nil),
        Case(100, grain: 16, asked: 96, [.ghost(32)], "lowered to 64: 100 examples on 2 workers"),
        Case(
            100, grain: 4, asked: 7, [.ghost(12), .ghost(8)],
            "raised to 24: micro-batches hold whole ghost batches, here of 24"),
        Case(
            100, grain: 1, asked: 7, [.ghost(31), .ghost(37)],
            "raised to 100: ghost batches of different sizes keep the whole batch of 100 together"),
        Case(100, grain: 16, asked: 7, [.ghost(128)], "raised to 100: a ghost batch holds the whole batch of 100"),
        Case(
            100, grain: 16, asked: 7, [.batch, .ghost(128)], "raised to 100: a ghost batch holds the whole batch of 100"
        ),
        Case(32, grain: 64, asked: 7, [], "raised to 32: a grain holds the whole batch of 32"),
        Case(32, grain: 16, asked: 64, [], "lowered to 16: 32 examples on 2 workers"),
    ]

    @Test(arguments: cases)
    func whatWasAskedForIsExplained(example: Case) throws {
        let model = LayerList {
            for group in example.groups {
                Dense(8)
                BatchNorm(over: group)
            }
            Dense(.classes)
        }
        let plan = try plan(
            example.batch, Machine(threads: 2, microBatch: example.asked), model: model, grain: example.grain)
        let found = plan.notices.filter { $0.contains("micro-batch") && !$0.contains("again") }
        let expected = example.says.map { ["micro-batch \(example.asked) \($0)"] } ?? []
        #expect(found == expected, "\(plan.notices)")
    }

    /// With --accumulation the notice is about the size that is used.
    @Test func accumulationAndMicroBatchTogether() throws {
        let plan = try plan(32, Machine(threads: 2, microBatch: 64, accumulation: 1))
        #expect(plan.microBatch == 32)
        #expect(plan.notices == ["micro-batch 64 lowered to 32: 32 examples on 2 workers"])
    }
}
