import Testing

@testable import Batchwise

/// Settings that nobody has given, and what the data makes of them.
@Suite struct OpenSettingsTests {
    private static func read(_ yaml: String) throws -> Recipe { try Recipe(notation: RecipeValue(yaml: yaml)) }

    @Test func aRecipeWithoutSettingsIsThatOfAProgramWithout() throws {
        let read = try Self.read("model: [{dense: classes}]")
        #expect(read == Recipe(model: layers(Dense(.classes))))
        #expect(read.clip == nil && read.optimizer == .sgd(momentum: 0.9, weightDecay: 0.0003))
        #expect(read.open == [.optimizer, .learningRate, .clip, .epochs, .stopping])
        // what is open is not written
        #expect(try Recipe(notation: read.notation()) == read)
        for key in ["optimizer", "learning-rate", "clip", "epochs", "keep"] {
            #expect(try read.notation()[key] == nil, "\(key)")
        }
    }

    /// Gradients of numbers are bounded where neither the optimizer nor the rate is given, or where the recipe says so.
    @Test(arguments: [
        ("seed: 1", Clipping.norm(1)), ("optimizer: adam", nil), ("learning-rate: 0.1", nil), ("clip: none", nil),
        ("{optimizer: adam, clip: {norm: 3}}", .norm(3)), ("epochs: 4", .norm(1)),
    ])
    func clippingIsUsualBesideTheUsualRate(yaml: String, clip: Clipping?) throws {
        let recipe = try Self.read(yaml)
        let numbers = try Dataset(features: [1, 2, 3, 4], shape: [1], values: [1, 0, 2, 3])
        let completed = try recipe.completed(for: numbers)
        #expect(completed.clip == clip && completed.open == [])
        let again = try Recipe(notation: completed.notation())
        #expect(again.clip == clip)
        #expect(try again.completed(for: numbers).clip == clip)
        // of classes only where the recipe says so
        #expect(try recipe.completed(for: SmallData.classes(40)).clip == recipe.clip)
    }

    @Test func changingARecipeClosesItsSettings() {
        var recipe = Recipe(model: layers(Dense(.classes)))
        recipe.learningRate = .constant(0.1)
        #expect(recipe.clip == nil && recipe.open == [.optimizer, .epochs, .stopping])
        recipe = Recipe(model: layers(Dense(.classes)))
        recipe.clip = nil
        #expect(recipe.open == [.optimizer, .learningRate, .epochs, .stopping])
    }

    /// At least 500 updates of classes and 650 of numbers, and at most 10 million examples, around 20 epochs of classes and 40 of numbers.
    @Test(arguments: [
        (16, 32, true, 500), (24, 32, false, 650), (320, 32, true, 50), (1438, 32, true, 20), (1438, 32, false, 40),
        (60_000, 32, true, 20), (1_000_000, 32, true, 10), (1_000_000, 32, false, 10), (50_000_000, 32, true, 1),
        (1000, 1000, true, 500), (1000, 1, true, 20),
    ])
    func epochsFollowTheData(examples: Int, batch: Int, isClassification: Bool, epochs: Int) {
        let recipe = Recipe(model: layers(Dense(.classes)), batch: Batch(size: batch))
        let (chosen, notices) = recipe.choosing(examples: examples, isClassification: isClassification)
        #expect(chosen.epochs == epochs)
        #expect(notices.isEmpty == (epochs == (isClassification ? 20 : 40)))
        var given = recipe
        given.epochs = 3
        #expect(given.choosing(examples: examples, isClassification: isClassification).recipe.epochs == 3)
    }

    @Test func heldOutExamplesEndTheRunUnlessTheRecipeSaysOtherwise() throws {
        let recipe = try Self.read("model: linear")
        let chosen = recipe.choosing(examples: 20_000, isClassification: true, isHeldOut: true).recipe
        #expect(chosen.earlyStopping == EarlyStopping(patience: 7) && chosen.keptModel == .bestIfStopped)
        #expect(chosen.epochs == 30)
        for yaml in ["early-stopping: none", "keep: last", "keep: best", "early-stopping: 3", "epochs: 9"] {
            let said = try Self.read(yaml)
            let same = said.choosing(examples: 20_000, isClassification: true, isHeldOut: true).recipe
            #expect(same.earlyStopping == said.earlyStopping && same.keptModel == said.keptModel, "\(yaml)")
        }
        // a completed recipe comes back as it is
        #expect(try Recipe(notation: chosen.notation()).keptModel == .bestIfStopped)
        let plain = recipe.choosing(examples: 100, isClassification: true).recipe
        #expect(try Recipe(notation: plain.notation()).open == [])
    }
}
