import Foundation
import Testing

@testable import Batchwise

/// x * factor, without `Equatable`.
private struct Scale: PrimitiveLayer {
    var factor: Float
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { factor * x }
}

/// x * factor, equal where the factors round to the same.
private struct Rounded: PrimitiveLayer, Equatable {
    var factor: Float
    static func == (one: Rounded, other: Rounded) -> Bool { one.factor.rounded() == other.factor.rounded() }
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { factor * x }
}

private struct Pair: Layer {
    var width: Int
    var body: some Layer {
        Dense(width)
        ReLU()
    }
}

/// Two recipes are equal where they compute the same.
@Suite struct RecipeEqualityTests {
    private static func recipe(_ layers: any Layer...) -> Recipe { Recipe(model: LayerList(layers)) }

    @Test func modelsAreComparedByLayers() {
        let layers: [any Layer] = [
            Dense(4), Dense(5), Dense(4, bias: false), Dense(4).named("a"), Dense(4).named("b"), Dense(4).frozen(),
            ReLU(), Dropout(0.1), Dropout(0.2), Scale(factor: 1), Scale(factor: 2), Rounded(factor: 1),
            Rounded(factor: 2), Pair(width: 3), Pair(width: 4), Residual { Scale(factor: 1) },
            Residual { Scale(factor: 2) }, Residual { Rounded(factor: 1) }, Scale(factor: 1).named("a"),
            BatchNorm(ghost: 8), BatchNorm(over: .batch),
        ]
        for (place, one) in layers.enumerated() {
            for (index, other) in layers.enumerated() {
                #expect((Self.recipe(one) == Self.recipe(other)) == (place == index), "\(one) \(other)")
            }
        }
        #expect(Self.recipe(Rounded(factor: 1)) == Self.recipe(Rounded(factor: 1.2)))
        #expect(Self.recipe(Dense(4), ReLU()) != Self.recipe(Dense(4)))
        #expect(Self.recipe(ReLU().named("a").frozen()) == Self.recipe(ReLU().frozen().named("a")))
        #expect(Self.recipe(ReLU().named("a").named("b")) == Self.recipe(ReLU().named("b")))
        // a composite is its body; a list within a list is not its layers, whose names it changes
        #expect(Recipe(model: Pair(width: 3)) == Self.recipe(Dense(3), ReLU()))
        #expect(Self.recipe(Pair(width: 3)) == Self.recipe(LayerList([Dense(3), ReLU()])))
        #expect(Self.recipe(Pair(width: 3)) != Self.recipe(Dense(3), ReLU()))
    }

    /// A change of any setting makes another recipe.
    @Test func everySettingCounts() throws {
        let recipe = Self.recipe(Dense(4), ReLU(), Dense(.classes))
        let changes: [(inout Recipe) -> Void] = [
            { $0.data = DataSource(train: ["digits"], kind: .automatic) }, { $0.model = Dense(4) },
            { $0.loss = .huber() }, { $0.batch.size = 33 },
            { $0.augmentation = Augmentation([.mixup(alpha: 0.2)]) }, { $0.optimizer = .adam() },
            { $0.learningRate = .constant(0.3) }, { $0.epochs = 21 }, { $0.seed = 43 }, { $0.precision = .bfloat16 },
            { $0.earlyStopping = EarlyStopping() }, { $0.keptModel = .best(nil) }, { $0.clip = .norm(1) },
            { $0.groups = [ParameterGroup(match: "0", rate: 2)] }, { $0.average = .exponential(decay: 0.9) },
            { $0.sam = SAM() }, { $0.replicas = Replicas(2, updates: 4) },
            { $0.startingModel = StartingModel("runs/a") }, { $0.lengthened = [2] },
            { $0.asynchronous = Asynchronous(.delays([2])) }, { $0.open.formSymmetricDifference(.epochs) },
        ]
        // as many as the recipe has properties
        #expect(changes.count == Mirror(reflecting: recipe).children.count)
        for (index, change) in changes.enumerated() {
            var other = recipe
            #expect(other == recipe)
            change(&other)
            #expect(other != recipe, "change \(index)")
        }
    }

    @Test func aRecipeFileComesBackTheSame() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "recipe-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var recipe = Self.recipe(Pair(width: 3), Dropout(0.1), Dense(.classes).named("logits"))
        recipe.keptModel = .best(.trainLoss)
        recipe.learningRate = .constant(0.1).cosine()
        try recipe.write(to: path)
        #expect(try Recipe(contentsOf: path) == recipe)
        #expect(try Recipe(yaml: recipe.yaml()) == recipe)

        #expect(throws: FileError.self) { try Recipe(contentsOf: path + ".none") }
        #expect(throws: FileError.self) { try recipe.write(to: "/nowhere/recipe.yaml") }
        #expect(throws: RecipeError.self) { try Self.recipe(Scale(factor: 1)).write(to: path) }
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(filePath: path))
        #expect(throws: FileError.malformed(path: path, reason: "a recipe is UTF-8 text and this is not")) {
            try Recipe(contentsOf: path)
        }
        try Data("epoch: 3".utf8).write(to: URL(filePath: path))
        #expect(throws: RecipeError.self) { try Recipe(contentsOf: path) }
    }
}
