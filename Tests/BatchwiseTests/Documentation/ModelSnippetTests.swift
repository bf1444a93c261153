import Batchwise
import Testing

/// The examples in the comments of `Model`.
@Suite struct ModelSnippetTests {
    @Test func aModelOfLayers() throws {
        struct Classifier: Layer {
            var width = 128
            var body: some Layer {
                Flatten()
                Dense(width)
                ReLU()
                Dense(.classes)
            }
        }
        let trainer = try Trainer(Recipe(model: Classifier(width: 16)), data: Dataset.digits().train)
        let model = trainer.model()
        #expect(model.parameterNames == ["1.weight", "1.bias", "3.weight", "3.bias"])
        #expect(model.parameter("1.weight")?.shape == [16, 64] && model.parameter("3.weight")?.shape == [10, 16])
    }

    /// The outputs of the scaled model, against its first weights and the formula.
    @Test func aLayerThatRecipesName() throws {
        /// x * scale, the same number everywhere.
        struct Scale: PrimitiveLayer, RecipeLayer {
            var scale: Float

            static var recipeName: String { "scale" }
            var recipeSettings: [RecipeValue.Entry] { [.init("by", .double(Double(scale)))] }
            init(settings: inout RecipeReader) throws(RecipeError) {
                scale = Float(try settings.double("by", "a number") ?? 1)
            }

            func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { scale * x }
        }
        let layers = try LayerRegistry(Scale.self)
        let recipe = try Recipe(yaml: "model: [{scale: {by: 2}}, {dense: classes}]", layers: layers)
        let data = try Dataset(features: [1, -2, 0.5, 3], shape: [2], classes: [0, 1])
        let model = try Trainer(recipe, data: data).model()
        let weight = try #require(model.parameter("1.weight")).values
        let bias = try #require(model.parameter("1.bias")).values
        let found = try model.outputs(for: data)
        #expect(found.count == 4)
        for (row, x) in [[Float(1), -2], [0.5, 3]].enumerated() {
            for place in 0..<2 {
                let product = x[0] * weight[2 * place] + x[1] * weight[2 * place + 1]
                #expect(abs(found[2 * row + place] - (2 * product + bias[place])) < 1e-5)
            }
        }
    }
}
