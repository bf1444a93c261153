import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Text that a model of characters writes.
@Suite struct TextGenerationTests {
    private static let line = "to be or not to be, that is the question.\n"

    private func writer(_ text: String = String(repeating: line, count: 20), window: Int = 6) throws -> RowPredictor {
        let file = try TemporaryFile(text, name: "text.txt")
        let loaded = try DataSource(train: file.path, window: window, testFraction: 0).load(seed: 1)
        let recipe = try Recipe(
            notation: RecipeValue(yaml: "{model: text, epochs: 4}"))
        var trainer = try Trainer(recipe, data: loaded.train, machine: Machine(threads: 1))
        var model = try trainer.run()
        try model.keep(loaded.preprocessing)
        return try RowPredictor(model)
    }

    /// The text repeats itself, so that six characters tell the next one but where two words begin alike.
    @Test func aModelWritesWhatItHasRead() throws {
        let written = try writer().text(after: Self.line, length: 80, temperature: 0)
        #expect((Self.line + written).hasPrefix(Self.line + Self.line), "\(written)")
    }

    @Test func theSeedDecides() throws {
        let writer = try writer()
        let text = try writer.text(after: "to be", length: 60, temperature: 1.5, seed: 7)
        #expect(text.unicodeScalars.count == 60)
        #expect(try writer.text(after: "to be", length: 60, temperature: 1.5, seed: 7) == text)
        #expect(try writer.text(after: "to be", length: 60, temperature: 1.5, seed: 8) != text)
        // a longer text begins with a shorter one
        #expect(try writer.text(after: "to be", length: 25, temperature: 1.5, seed: 7) == text.prefix(25))
        #expect(try writer.text(after: "to be", length: 0) == "")
    }

    /// At temperature 0 every character is the prediction after those before it.
    @Test func temperatureZeroWritesThePredictions() throws {
        let writer = try writer()
        var text = "not to be"
        for _ in 0..<40 {
            let predictions = try writer.predictions(after: text)
            text +=
                ["\\n": "\n", "\\s": " "][predictions.classes[predictions.places[0]]]
                ?? predictions.classes[predictions.places[0]]
        }
        #expect(try "not to be" + writer.text(after: "not to be", length: 40, temperature: 0) == text)
    }

    @Test func aShortPromptStandsBehindLineFeedsOrSpaces() throws {
        let lines = try writer()
        let text = try lines.text(after: "be", length: 30)
        #expect(try lines.text(after: "\n\n\n\nbe", length: 30) == text)
        #expect(try lines.text(after: "", length: 30) == lines.text(after: "\n\n\n\n\n\n", length: 30))
        let words = try writer(String(repeating: "to be or not ", count: 40))
        #expect(try words.text(after: "be", length: 30) == words.text(after: "    be", length: 30))
        // other characters before the prompt would be seen
        #expect(
            try words.predictions(after: "    be").numbers != words.predictions(after: "t t be").numbers)
    }

    @Test func unknownCharactersAndOtherModelsAreRefused() throws {
        let writer = try writer()
        let error = #expect(throws: PredictionError.self) { try writer.text(after: "to bé", length: 5) }
        #expect(error?.exitCode == 65)
        #expect(error?.description.hasPrefix("character 5 of the text is é, which training did not have") == true)
        #expect(throws: PredictionError.badTemperature(-1)) {
            try writer.text(after: "to", length: 5, temperature: -1)
        }

        let digits = try DataSource(train: DataSource.digits).load(seed: 1)
        var trainer = try Trainer(
            Recipe(model: LayerList { Dense(.classes) }, epochs: 1), data: digits.train.prefix(32),
            machine: Machine(threads: 1))
        var model = try trainer.run()
        try model.keep(digits.preprocessing)
        let other = try RowPredictor(model)
        #expect(throws: PredictionError.self) { try other.text(after: "to be", length: 5) }
    }

    @Test func thePresetHasAVectorForEachCharacter() throws {
        let model = try LayerList(notation: .string("text"))
        let notation = try model.notation()
        #expect(try LayerList(notation: notation).notation() == notation)
        #expect(try notation.yaml().contains("classes"))
        let graph = try model.graph(inputShape: [8], outputs: 65, purpose: .training)
        #expect(graph.vocabulary == 65)
        #expect(throws: RecipeError.self) {
            try Recipe(notation: RecipeValue(yaml: "model: [{embedding: {vocabulary: 0, width: 2}}]"))
        }
    }
}
