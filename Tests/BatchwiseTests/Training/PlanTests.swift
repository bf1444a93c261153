import Testing

@testable import Batchwise

/// Tests of the decisions of a plan, before anything is allocated.
@Suite struct PlanTests {
    private func plan(
        _ batch: Batch, examples: Int = 1000, model: LayerList = layers(Dense(64), ReLU(), Dense(.classes)),
        machine: Machine = Machine(threads: 2)
    ) throws -> Plan {
        try Trainer(Recipe(model: model, batch: batch, epochs: 1), data: SmallData.classes(examples), machine: machine)
            .plan
    }

    @Test func defaultsLeaveTwoLanesFromSixteenUp() throws {
        for (size, grain, lanes) in [(1, 1, 1), (8, 4, 1), (16, 8, 2), (32, 16, 2), (100, 16, 2), (2048, 16, 8)] {
            let plan = try plan(Batch(size: size), examples: 3000)
            #expect(plan.grain == grain && plan.lanes == lanes, "B=\(size): \(plan.grain), \(plan.lanes)")
        }
    }

    @Test func aSmallMicroBatchIsRaisedToAGrainWithANotice() throws {
        let raised = try plan(Batch(size: 64, grain: 16), machine: Machine(threads: 1, microBatch: 10))
        #expect(raised.microBatch == 16 && raised.accumulationSteps == 4 && raised.notices.count == 1)
        let kept = try plan(Batch(size: 64, grain: 16), machine: Machine(threads: 1, microBatch: 32))
        #expect(kept.microBatch == 32 && kept.accumulationSteps == 2 && kept.notices.isEmpty)
    }

    @Test func noBufferIsLargerThanTheData() throws {
        #expect(try plan(Batch(size: 32, grain: 1 << 20)).microBatch <= 32)
        let whole = layers(Dense(8), BatchNorm(ghost: 1 << 20), Dense(.classes))
        #expect(try plan(Batch(size: 1 << 20), examples: 50, model: whole).microBatch <= 50)
        #expect(try plan(Batch(size: 64), machine: Machine(threads: 1, microBatch: .max)).microBatch == 64)
    }

    @Test func aMemoryLimitMakesMicroBatchesSmallerOrRefuses() throws {
        let wide = layers(Dense(2000), ReLU(), Dense(2000), ReLU(), Dense(.classes))
        let free = try plan(Batch(size: 512), model: wide, machine: Machine(threads: 1))
        let bytes = free.bytes.total - free.bytes.data
        let limited = try plan(Batch(size: 512), model: wide, machine: Machine(threads: 1, memory: bytes + (30 << 20)))
        #expect(limited.bytes.total - limited.bytes.data <= bytes + (30 << 20))
        #expect(throws: PlanError.self) {
            try plan(Batch(size: 512), model: wide, machine: Machine(threads: 1, memory: 1 << 20))
        }
    }

    /// An update that waits for the whole gradient has memory for it, and the plan counts it.
    @Test func whatTheRecipeAddsToAnUpdateIsCounted() throws {
        let data = try SmallData.classes(100)
        func bytes(
            _ optimizer: Optimizer, clip: Clipping? = nil, average: WeightAverage? = nil,
            quantities: [any Quantity] = []
        ) throws -> Plan.Bytes {
            let recipe = Recipe(
                model: layers(Dense(64), ReLU(), Dense(48), ReLU(), Dense(.classes)), batch: Batch(size: 20),
                optimizer: optimizer, epochs: 1, clip: clip, average: average)
            return try Trainer(recipe, data: data, machine: Machine(threads: 1), quantities: quantities).plan
                .bytes
        }
        let plain = try bytes(.sgd)
        let vector = plain.parameters
        #expect(try bytes(.sgd, clip: .norm(1)).gradients == plain.gradients + vector)
        #expect(try bytes(.sgd, quantities: [GradientNorm(), UpdateRatio()]).gradients == plain.gradients + 2 * vector)
        #expect(try bytes(.sgd, average: .exponential(decay: 0.9)).optimizer == vector)
        #expect(try bytes(.adam(amsgrad: true)).optimizer == 3 * vector)
        #expect(try bytes(.muon()).gradients > plain.gradients + vector)
    }

    @Test func aGhostBatchHoldsWholeGrains() throws {
        let model = layers(Dense(8), BatchNorm(ghost: 24), Dense(.classes))
        #expect(throws: PlanError.self) { try plan(Batch(size: 96, grain: 16), model: model) }
        #expect(try plan(Batch(size: 96, grain: 8), model: model).microBatch % 24 == 0)
        #expect(try plan(Batch(size: 96), model: model).grain == 8)
    }

    @Test func smallWorkIsNotShared() throws {
        #expect(try plan(Batch(size: 1), machine: Machine()).workers == 1)
    }

    @Test func targetsThatDoNotGoWithTheLossAreRefused() throws {
        let classes = try SmallData.classes(10)
        let values = try Dataset(features: [1, 2, 3, 4], shape: [1], values: [3, 5, 7, 9])
        func attempt(_ loss: Loss, _ data: Dataset) throws {
            _ = try Trainer(Recipe(model: Dense(.classes), loss: loss), data: data)
        }
        #expect(throws: PlanError.self) { try attempt(.meanSquaredError(), classes) }
        #expect(throws: PlanError.self) { try attempt(.binaryCrossEntropy, classes) }
        #expect(throws: PlanError.self) { try attempt(.softmaxCrossEntropy, values) }
        // standardised targets may be below 0, which probabilities cannot be
        #expect(throws: PlanError.self) { try attempt(.binaryCrossEntropy, values) }
    }

    @Test func idsThatNoTableHasAreRefused() throws {
        let model = layers(Embedding(vocabulary: 3, width: 2), Flatten(), Dense(.classes))
        for (ids, isFine) in [
            ([0, 1, 2, 2], true), ([0, 1, 3, 2], false), ([0, 0.5, 1, 2], false), ([0, -1, 1, 2], false),
        ] {
            let data = try Dataset(features: ids.map { Float($0) }, shape: [2], classes: [0, 1])
            let trainer = { _ = try Trainer(Recipe(model: model), data: data) }
            if isFine { try trainer() } else { #expect(throws: PlanError.self, performing: trainer) }
        }
    }
}
