import Foundation
import Testing

@testable import Batchwise

/// x * gain, each column by its own, which begins at `start`.
private struct Gain: PrimitiveLayer, RecipeLayer {
    var start: Float = 1
    var isPositive = false

    static var recipeName: String { "gain" }
    var recipeSettings: [RecipeValue.Entry] {
        [.init("start", .double(Double(start)))] + (isPositive ? [.init("positive", .bool(true))] : [])
    }

    init(start: Float = 1, isPositive: Bool = false) {
        (self.start, self.isPositive) = (start, isPositive)
    }

    init(settings: inout RecipeReader) throws(RecipeError) {
        start = Float(try settings.double("start", "a number of at least 0.5", where: { $0 >= 0.5 }) ?? 1)
        isPositive = try settings.bool("positive") ?? false
    }

    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let gain = graph.parameter("gain", x.shape.lengths, .ones)
        return start * (isPositive ? (x * gain).relu() : x * gain)
    }
}

/// A block that recipes can name, made of other layers.
private struct Block: RecipeLayer {
    var width: Int

    static var recipeName: String { "block" }
    var recipeSettings: [RecipeValue.Entry] { [.init("width", .int(width))] }

    init(width: Int) { self.width = width }
    init(settings: inout RecipeReader) throws(RecipeError) {
        guard let width = try settings.int("width", in: 1...4096) else {
            throw settings.missing("width", "a whole number from 1")
        }
        self.width = width
    }

    var body: some Layer {
        Dense(width)
        Gain()
        ReLU()
    }
}

private struct Relu: PrimitiveLayer, RecipeLayer {
    static var recipeName: String { "relu" }
    init(settings: inout RecipeReader) throws(RecipeError) {}
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x }
}

/// Layers of the program's own in recipes.
@Suite struct LayerRegistryTests {
    private static let yaml = """
        model:
          - {block: {width: 6}}
          - {residual: [{gain: {start: 0.5, positive: true, name: scaled}}]}
          - {gain: {frozen: true}}
          - {dense: classes}
        batch: {size: 16}
        epochs: 2
        """

    private static func registry() throws -> LayerRegistry { try LayerRegistry(Gain.self, Block.self) }

    @Test func aRecipeNamesThem() throws {
        let recipe = try Recipe(yaml: Self.yaml, layers: Self.registry())
        let written = Recipe(
            model: LayerList {
                Block(width: 6)
                Residual { Gain(start: 0.5, isPositive: true).named("scaled") }
                Gain().frozen()
                Dense(.classes)
            }, batch: Batch(size: 16), epochs: 2)
        #expect(recipe == written)
        let data = try SmallData.classes(40)
        var one = try Trainer(recipe, data: data)
        var two = try Trainer(written, data: data)
        let model = try one.run()
        #expect(try model.parametersSHA256 == two.run().parametersSHA256)
        #expect(model.parameterNames.contains("0.1.gain") && model.parameterNames.contains("1.scaled.gain"))
        #expect(Set(model.parameter("2.gain")?.values ?? []) == [1])
    }

    @Test func theNotationComesBackTheSame() throws {
        let recipe = try Recipe(yaml: Self.yaml, layers: Self.registry())
        #expect(try Recipe(yaml: recipe.yaml(), layers: Self.registry()) == recipe)
        let decoder = JSONDecoder()
        decoder.userInfo[.layerRegistry] = try Self.registry()
        #expect(try decoder.decode(Recipe.self, from: JSONEncoder().encode(recipe)) == recipe)
        #expect(throws: RecipeError.self) { try JSONDecoder().decode(Recipe.self, from: JSONEncoder().encode(recipe)) }
    }

    @Test func mistakesHaveTheirPlace() throws {
        func failure(_ yaml: String, _ layers: LayerRegistry) -> RecipeError? {
            do throws(RecipeError) {
                _ = try Recipe(yaml: yaml, layers: layers)
                return nil
            } catch { return error }
        }
        let layers = try Self.registry()
        #expect(
            "\(failure(Self.yaml, LayerRegistry()), default: "")".hasPrefix("unknown key model.0.block"))
        #expect(
            "\(failure("model: [{gian: {}}]", layers), default: "")" == "unknown key model.0.gian: did you mean gain?")
        #expect(
            failure("model: [{gain: {start: 0}}]", layers)
                == .value(at: "model.0.gain.start", expected: "a number of at least 0.5", found: "0"))
        #expect(
            failure("model: [{block: {}}]", layers)
                == .missing(at: "model.0.block.width", expected: "a whole number from 1"))
        #expect(
            "\(failure("model: [{gain: {begin: 1}}]", layers), default: "")".hasPrefix("unknown key model.0.gain.begin")
        )
        var taken = layers
        #expect(throws: RecipeError.self) { try taken.register(Relu.self) }
        #expect(throws: RecipeError.self) { try taken.register(Gain.self) }
    }

    @Test func modelsAndCheckpointsAreRead() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "gain-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let recipe = try Recipe(yaml: Self.yaml, layers: Self.registry())
        let data = try SmallData.classes(40)
        var whole = try Trainer(recipe, data: data)
        var first = try Trainer(recipe, data: data)
        try first.run { $0.index == 2 ? .stop : .proceed }
        try first.saveCheckpoint(path)
        var second = try Trainer(recipe, data: data)
        try second.resume(from: path)
        let model = try second.run()
        #expect(try model.parametersSHA256 == whole.run().parametersSHA256)

        try model.save(path)
        #expect(try Model(contentsOf: path, layers: Self.registry()).recipe == model.recipe)
        #expect(try Model(contentsOf: path, model: recipe.model).parametersSHA256 == model.parametersSHA256)
        #expect(throws: CheckpointError.self) { try Model(contentsOf: path) }
    }
}
