import Foundation
import Testing

/// A model learns the next character of a text, and predicts it.
@Suite struct TextTests {
    private static let shakespeare: URL = {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "shared/data/shakespeare/input.txt")
    }()
    private static let isThere = FileManager.default.fileExists(atPath: shakespeare.path)

    /// The entropy of the last fifth of the text, by the frequency of its characters (Python), is 3.27 nats: the lowest
    /// loss of a model that does not look at its window.
    @Test(.enabled(if: isThere, "shared/data/shakespeare is not beside the repository"))
    func theLossFallsBelowTheEntropyOfCharacters() throws {
        let shop = try Workshop()
        try shop.write([UInt8](Data(contentsOf: Self.shakespeare).prefix(30_000)), to: "input.txt")
        let model = "model=[{embedding: {vocabulary: 58, width: 8}}, flatten, {dense: 64}, relu, {dense: classes}]"
        let outcome = try shop.run(
            "train", "input.txt", "--set", "data.window=8", "--set", model, "--set", "epochs=4", "--run", "run",
            "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let loss = try #require(try outcome.json()["test_loss"] as? Double)
        #expect(loss < 2.6, "\(loss)")

        try shop.write("First Citizen:\nSpeak, speak", to: "new.txt")
        let json = try shop.run("predict", "run", "new.txt", "--probabilities", "--json").json()
        // A prediction after each 8 characters of 27, and after the last of them.
        #expect((json["predictions"] as? [String])?.count == 20)
        #expect((json["classes"] as? [String])?.prefix(2) == ["\\n", "\\s"])
    }

    @Test func aCharacterThatTrainingHasNotIsNamed() throws {
        let shop = try Workshop()
        try shop.write(String(repeating: "ab", count: 50) + "\nz", to: "input.txt")
        let model = "model=[{embedding: {vocabulary: 3, width: 2}}, flatten, {dense: classes}]"
        let outcome = try shop.run("train", "input.txt", "--set", "data.window=4", "--set", model)
        #expect(outcome.status == 65)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("input.txt, line 1, column 101"), "\(outcome.errors)")
    }
}
