import Batchwise
import TestSupport
import Testing

struct Classifier: Layer {
    var widths = [64, 32]
    var dropout: Float = 0

    var body: some Layer {
        for width in widths {
            Dense(width)
            RootMeanSquareNorm()
            SiLU()
        }
        if dropout > 0 { Dropout(dropout) }
        Dense(.classes).named("logits")
    }
}

/// x / sqrt(mean(x^2) + epsilon), times a gain for each number of the last axis.
struct RootMeanSquareNorm: PrimitiveLayer {
    var epsilon: Float = 1e-6

    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard let width = x.shape.lengths.last else {
            throw .shape(at: graph.path, expected: "[batch, width]", found: x.shape)
        }
        let gain = graph.parameter("gain", [width], .ones)
        return x / (x.square().meanLast() + epsilon).sqrt() * gain
    }
}

@Suite struct ALayerOfYourOwnTests {
    @Test func aLayerOfTheProgramIsTrainedSavedAndLoaded() throws {
        let folder = try TemporaryFolder()
        let path = folder.at("model.safetensors")
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: Classifier(), optimizer: .adamW(), learningRate: .constant(0.01).cosine(), epochs: 10)
        var trainer = try Trainer(recipe, data: digits.train)
        let model = try trainer.run()
        try model.save(path)

        let loaded = try Model(contentsOf: path, model: Classifier())
        #expect(try model.evaluate(digits.test).accuracy ?? 0 > 0.95)
        #expect(model.parameterNames.contains("1.gain"))
        #expect(loaded.parametersSHA256 == model.parametersSHA256)
        #expect(throws: CheckpointError.self) { try Model(contentsOf: path) }
    }
}
