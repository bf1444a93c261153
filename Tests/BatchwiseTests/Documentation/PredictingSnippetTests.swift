import Batchwise
import Foundation
import TestSupport
import Testing

/// The examples in the comments of `Predicting`.
@Suite struct PredictingSnippetTests {
    @Test func aPredictorOfASavedModel() async throws {
        await #expect(processExitsWith: .success) {
            try await inNewWorkingFolder { _ in
                let data = Dataset.digits().train.prefix(20)
                let trained = try Trainer(Recipe(model: LayerList { Dense(.classes) }), data: data).model()
                try trained.save("model.safetensors")
                let features = (0..<20).flatMap { TestSupport.features(data, row: $0) }

                let predictor = try Predictor(Model(contentsOf: "model.safetensors"))
                let logits = try predictor.outputs(of: features)  // one row, or many
                let chances = try predictor.probabilities(of: features)  // of classes
                #expect(try logits == trained.outputs(for: data))
                for row in 0..<20 {
                    let own = logits[row * 10..<row * 10 + 10].map { exp(Double($0)) }
                    let expected = own.map { $0 / own.reduce(0, +) }
                    #expect(zip(chances[row * 10..<row * 10 + 10], expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
                }
                #expect(try predictor.outputs(of: Array(features.prefix(64))) == Array(logits.prefix(10)))
            }
        }
    }
}
