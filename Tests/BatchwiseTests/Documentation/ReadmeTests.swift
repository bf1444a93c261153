import Batchwise
import TestSupport
import Testing

/// The program of the README.
@Suite struct ReadmeTests {
    private static func program() throws -> (Model, Dataset) {
        struct Classifier: Layer {
            var width = 128
            var dropout: Float = 0
            var body: some Layer {
                Flatten()
                Dense(width)
                ReLU()
                if dropout > 0 { Dropout(dropout) }
                Dense(.classes).named("logits")
            }
        }

        let digits = Dataset.digits()
        let recipe = Recipe(model: Classifier(), batch: Batch(size: 32), optimizer: .sgd(momentum: 0.9), epochs: 20)
        var trainer = try Trainer(recipe, data: digits.train)
        let model = try trainer.run()
        print(try model.evaluate(digits.test).accuracy ?? 0)
        try model.save("digits.safetensors")
        return (model, digits.test)
    }

    @Test func itTrainsAndSaves() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { folder in
                let (model, test) = try ReadmeTests.program()
                let saved = try Model(contentsOf: folder.at("digits.safetensors"))
                #expect(saved.parametersSHA256 == model.parametersSHA256)
                #expect(model.parameterNames == ["1.weight", "1.bias", "logits.weight", "logits.bias"])
                #expect(try saved.evaluate(test).accuracy ?? 0 > 0.96)
            }
        }
    }
}
