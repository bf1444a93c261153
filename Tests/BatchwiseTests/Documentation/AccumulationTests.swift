import Batchwise
import Testing

@Suite struct AccumulationTests {
    @Test func aBatchThatIsCutHasTheBitsOfOnePass() throws {
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Dense(64)
                BatchNorm(over: .batch)
                ReLU()
                Dense(.classes)
            }, batch: Batch(size: 500), epochs: 3)

        var whole = try Trainer(recipe, data: digits.train, machine: Machine(threads: 1, microBatch: 500))
        var cut = try Trainer(recipe, data: digits.train, machine: Machine(threads: 2, microBatch: 48))
        let isSame = try whole.run().parametersSHA256 == cut.run().parametersSHA256
        print(cut.plan.accumulationSteps, isSame)  // 6 true
        #expect(isSame)
        #expect(cut.plan.accumulationSteps == 6)
        #expect(whole.plan.accumulationSteps == 1)
        let small = try Plan(recipe, data: digits.train, machine: Machine(memory: 2 << 20))
        print(small.bytes.training, small.microBatch)
        #expect(small.bytes.training <= 2 << 20)
        #expect(small.microBatch < 500)
    }
}
