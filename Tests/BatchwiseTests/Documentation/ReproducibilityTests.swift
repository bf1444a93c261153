import Batchwise
import Testing

@Suite struct ReproducibilityTests {
    @Test func twoModelsHaveTheSameHash() throws {
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Dense(64)
                ReLU()
                Dropout(0.2)
                Dense(.classes)
            }, batch: Batch(size: 100), epochs: 2)
        var trainer = try Trainer(recipe, data: digits.train)
        print(try trainer.run().parametersSHA256)
        var again = try Trainer(recipe, data: digits.train, machine: Machine(threads: 3, microBatch: 16))
        #expect(try again.run().parametersSHA256 == trainer.model().parametersSHA256)
        let certificate = try Audit(recipe, data: digits.train, updates: 10).run()
        print(certificate.verdict)  // sameBits
        #expect(certificate.verdict == .sameBits)
    }
}
