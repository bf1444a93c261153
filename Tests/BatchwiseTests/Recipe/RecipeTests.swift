import Foundation
import Testing

@testable import Batchwise

@Suite struct RecipeTests {
    static let yaml = """
        data: {train: houses.csv, target: price, split: {test: 0.25}, ignore: [id, 3], standardise: false}
        model: [{dense: 512}, relu, {dropout: 0.2}, {dense: {units: 10, bias: false, name: logits, frozen: true}}]
        loss: {softmax-cross-entropy: {label-smoothing: 0.1}}
        batch: {size: 128, grain: 16, last: pad}
        optimizer: {sgd: {momentum: 0.9, nesterov: true, weight-decay: 0.0005}}
        learning-rate: {base: 0.1, at-batch: 32, scaling: linear, warmup: 5 epochs, decay: cosine}
        epochs: 20
        seed: 7
        """

    @Test func everyKeyIsRead() throws {
        let recipe = try Recipe(notation: RecipeValue(yaml: Self.yaml))
        #expect(
            recipe.data
                == DataSource(
                    train: "houses.csv", target: "price", testFraction: 0.25, ignore: ["id", "3"], standardise: false))
        #expect(LayerList(of: recipe.model).layers.count == 4)
        #expect(recipe.loss == .softmaxCrossEntropy(labelSmoothing: 0.1))
        #expect(recipe.batch == Batch(size: 128, grain: 16, last: .pad))
        #expect(recipe.optimizer == .sgd(momentum: 0.9, nesterov: true, weightDecay: 0.0005))
        #expect(
            recipe.learningRate == LearningRate.base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)).cosine())
        #expect(recipe.epochs == 20 && recipe.seed == 7)
    }

    @Test func writingAndReadingGivesTheSameRecipe() throws {
        let notation = try Recipe(notation: RecipeValue(yaml: Self.yaml)).notation()
        #expect(try Recipe(notation: RecipeValue(yaml: notation.yaml())).notation() == notation)
        let recipe = try Recipe(notation: notation)
        let decoded = try JSONDecoder().decode(Recipe.self, from: JSONEncoder().encode(recipe))
        #expect(decoded.batch == recipe.batch && decoded.optimizer == recipe.optimizer)
        #expect(try LayerList(of: decoded.model).notation() == LayerList(of: recipe.model).notation())
    }

    @Test(arguments: [
        (
            "{at: [30 epochs, 900 updates], times: 5}",
            BatchGrowth(.times(5, at: [.epochs(30), .updates(900)]))
        ),
        (
            "{at: 5000 examples, times: 1.5, up-to: 4096, rate: scale, momentum: scale}",
            BatchGrowth(.times(1.5, at: [.examples(5000)]), limit: 4096, rate: .scale, momentum: .scale)
        ),
        (
            "{at: [1.5 epochs, 60 epochs], to: [512, 2048]}",
            BatchGrowth(.to([512, 2048], at: [.epochs(1.5), .epochs(60)]))
        ),
        ("{at: 2 epochs, to: 512}", BatchGrowth(.to([512], at: [.epochs(2)]))),
        ("{by: norm-test, up-to: 4096}", BatchGrowth(.byNoise(.init(.normTest())), limit: 4096)),
        (
            "{by: norm-test, theta: 0.9, every: 100 updates, times: 4, sample: 512, up-to: 4096}",
            BatchGrowth(
                .byNoise(.init(.normTest(theta: 0.9), every: .updates(100), times: 4, sample: 512)), limit: 4096)
        ),
        ("{by: noise-scale, up-to: 512}", BatchGrowth(.byNoise(.init(.noiseScale())), limit: 512)),
        (
            "{by: noise-scale, share: 0.5, every: 2 epochs, times: 3, sample: 64, up-to: 512, rate: scale}",
            BatchGrowth(
                .byNoise(.init(.noiseScale(share: 0.5), every: .epochs(2), times: 3, sample: 64)), limit: 512,
                rate: .scale)
        ),
        ("{by: cabs, up-to: 512}", BatchGrowth(.byNoise(.init(.cabs)), limit: 512)),
        ("{by: goodput, overhead: 95, up-to: 512}", BatchGrowth(.byNoise(.init(.goodput(overhead: 95))), limit: 512)),
    ])
    func growthIsReadAndWritten(yaml: String, growth: BatchGrowth) throws {
        let text =
            "model: mlp\nbatch: {size: 128, grow: \(yaml)}\nlearning-rate: {base: 0.1, at-batch: 32, scaling: linear}"
        let recipe = try Recipe(notation: RecipeValue(yaml: text))
        #expect(recipe.batch == Batch(size: 128, grow: growth))
        let again = try Recipe(notation: RecipeValue(yaml: recipe.notation().yaml()))
        #expect(again.batch == recipe.batch)
    }

    @Test func compositesAreWrittenAsTheirLayers() throws {
        struct Net: Layer {
            var body: some Layer {
                for _ in 0..<2 { Dense(4) }
                Residual { ReLU() }
            }
        }
        let notation = try LayerList(of: Net()).notation()
        #expect(
            notation
                == .list([
                    .map([.init("dense", .int(4))]), .map([.init("dense", .int(4))]),
                    .map([.init("residual", .list([.string("relu")]))]),
                ]))
        #expect(throws: RecipeError.self) { try LayerList { Mixed() }.notation() }
        #expect(throws: RecipeError.self) { try LayerList { Residual { Mixed() } }.notation() }
    }

    @Test(arguments: [
        ("batch: {size: 0}", "batch.size: expected a whole number"),
        ("batch: {sise: 32}", "unknown key batch.sise: did you mean size?"),
        ("epoch: 3", "unknown key epoch: did you mean epochs?"),
        ("model: [{dence: 3}]", "unknown key model.0.dence: did you mean dense?"),
        ("model: [{conv: {filters: 3, kernal: 3}}]", "unknown key model.0.conv.kernal: did you mean kernel?"),
        ("model: [{conv: {filters: 3}}]", "model.0.conv.kernel is missing"),
        ("model: [{dense: {unit: 5}}]", "unknown key model.0.dense.unit: did you mean units?"),
        ("model:\n\t- relu", "there is a tab: indent with spaces"),
        ("model: mpl", "did you mean mlp?"),
        ("model: []", "expected at least one layer, found an empty list"),
        ("loss: msee", "unknown key loss.msee: did you mean mse?"),
        ("optimizer: {adam: {epsilon: 1e-50}}", "optimizer.adam.epsilon: expected a number above"),
        ("optimizer: {sgd: {momentum: 0.99999999999}}", "optimizer.sgd.momentum: expected a number from 0 to below 1"),
        ("optimizer: {sgd: {nesterov: true}}", "a momentum above 0"),
        ("learning-rate: {base: 0.1, scaling: linear}", "learning-rate.at-batch is missing"),
        ("learning-rate: {warmup: 5}", "a length such as 5 epochs"),
        ("learning-rate: {decay: cosin}", "did you mean cosine?"),
        ("batch: {grow: {at: 3 epochs}}", "batch.grow.times is missing"),
        ("batch: {grow: {times: 3}}", "batch.grow.at is missing"),
        ("batch: {grow: {at: 3 epochs, time: 5}}", "unknown key batch.grow.time: did you mean times?"),
        ("batch: {grow: {at: [3], times: 5}}", "batch.grow.at.0: expected a length such as 5 epochs"),
        ("batch: {grow: {at: 3 epochs, times: 5, to: 64}}", "batch.grow.to: expected either times or to"),
        ("batch: {grow: {at: 3 epochs, to: 8}}", "batch.grow.to: expected a batch above the 32"),
        ("batch: {grow: {by: normtest}}", "did you mean norm-test?"),
        ("batch: {grow: {by: cabs}}", "batch.grow.up-to is missing: expected the largest batch that cabs may ask for"),
        ("batch: {grow: {by: goodput, up-to: 64}}", "batch.grow.overhead is missing"),
        ("batch: {grow: {by: goodput, overhead: 0, up-to: 64}}", "batch.grow.overhead: expected a number above 0"),
        ("batch: {grow: {by: noise-scale, share: -1, up-to: 64}}", "batch.grow.share: expected a number above 0"),
        ("batch: {grow: {by: cabs, share: 1, up-to: 64}}", "unknown key batch.grow.share"),
        ("learning-rate: {base: 0.1, scaling: adascale}", "learning-rate.at-batch is missing"),
        ("learning-rate: {base: 0.1, at-batch: 8, scaling: adascal}", "did you mean adascale?"),
        ("batch: {grow: {by: norm-test, at: 3 epochs, up-to: 64}}", "unknown key batch.grow.at"),
        ("batch: {grow: {at: 3 epochs, times: 2, rate: scaled}}", "did you mean scale?"),
        ("batch: {last: kep}", "did you mean keep?"), ("a: 1\na: 2", "stands twice"),
        ("- 1", "a map of keys"),
        ("seed: -1", "a whole number of at least 0"), ("epochs: 2.5", "epochs: expected a whole number"),
    ])
    func mistakesAreNamed(yaml: String, message: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe(notation: RecipeValue(yaml: yaml)) }
        let text = error?.description ?? ""
        #expect(text.contains(message), "\(text)")
        #expect(!text.contains("\n"))
    }

    @Test func recipesMadeInCodeAreCheckedToo() throws {
        let data = try SmallData.classes(20)
        var recipes = [Recipe](repeating: Recipe(model: Dense(.classes)), count: 6)
        recipes[0].batch.size = 0
        recipes[1].batch.lanes = 0
        recipes[2].batch.grain = 0
        recipes[3].learningRate.base = .nan
        recipes[4].optimizer = .sgd(momentum: -1)
        recipes[5].loss = .huber(delta: 0)
        for recipe in recipes { #expect(throws: RecipeError.self) { _ = try Trainer(recipe, data: data).plan } }
    }

    /// A document of nested aliases (a billion laughs) is refused, because aliases are counted as the values that they
    /// stand for.
    @Test func aliasesCannotMultiply() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let one = "*a\(level - 1)"
            yaml += "a\(level): &a\(level) [\(Array(repeating: one, count: 10).joined(separator: ", "))]\n"
        }
        #expect(throws: RecipeError.self) { try RecipeValue(yaml: yaml) }
    }
}
