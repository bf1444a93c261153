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

    /// Sentences of a few words, in an order that does not repeat itself soon.
    private static let sentences = (0..<400).map { number in
        let (who, what) = (["the cat", "a dog", "my aunt", "the old king"], ["sees", "calls", "loves", "has lost"])
        let place = number * 7919 / 3
        return "\(who[place % 4]) \(what[place / 4 % 4]) \(who[place / 16 % 4]).\n"
    }.joined()

    /// Half of the characters are certain after those before them; the most frequent one is a sixth of the text.
    @Test func aPlainTextNeedsNoKey() throws {
        let shop = try Workshop()
        try shop.write(Self.sentences, to: "input.txt")
        let outcome = try shop.run("train", "input.txt", "--set", "epochs=2", "--run", "run", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try #require(try outcome.json()["test_accuracy"] as? Double) > 0.7)
        #expect(outcome.errors.contains("note: input.txt is read as plain text"), "\(outcome.errors)")
        // the run's own recipe says it all, and trains to the same bits
        let recipe = try shop.read("run/recipe.yaml")
        #expect(recipe.contains("window: 8") && recipe.contains("embedding"), "\(recipe)")
        #expect(try shop.run("train", "run/recipe.yaml", "--json").hash() == outcome.hash())
        #expect(try shop.run("plan", "input.txt", "--no-measure").status == 0)
        #expect(try shop.run("init", "input.txt").status == 0)
        #expect(try shop.read("recipe.yaml").contains("window: 8"))

        let described = try shop.run("data", "describe", "input.txt")
        let count = Self.sentences.unicodeScalars.count
        #expect(
            described.lines.first?.contains("plain text") == true && described.lines.last?.hasPrefix("note: ") == true)
        let json = try shop.run("data", "describe", "input.txt", "--json").json()
        #expect(json["characters"] as? Int == count && json["rows"] as? Int == count - 8)
        #expect(json["format"] as? String == "text")
    }

    @Test func aModelWritesText() throws {
        let shop = try Workshop()
        try shop.write(Self.sentences, to: "input.txt")
        #expect(try shop.run("train", "input.txt", "--set", "epochs=2", "--run", "run").status == 0)
        let plain = try shop.run("generate", "run", "--prompt", "the cat", "--length", "50", "--seed", "3")
        #expect(plain.status == 0 && plain.output.hasPrefix("the cat"), "\(plain.errors)")
        #expect(plain.output.unicodeScalars.count == 7 + 50 + 1)
        let again = ["generate", "run", "--prompt", "the cat", "--length", "50", "--seed", "3", "--json"]
        let json = try shop.run(again).json()
        #expect("the cat" + (json["text"] as? String ?? "") + "\n" == plain.output)
        #expect(json["seed"] as? Int == 3 && json["prompt"] as? String == "the cat")
        #expect(try shop.run("generate", "run", "--length", "50", "--seed", "4").output != plain.output)

        let unknown = try shop.run("generate", "run", "--prompt", "the Cat")
        #expect(unknown.status == 65 && unknown.errors.contains("character 5 of the text is C"), "\(unknown.errors)")
        for bad in [["--temperature", "-1"], ["--length", "0"], ["--seed", "-1"]] {
            #expect(try shop.run(["generate", "run"] + bad).status == 64)
        }
        #expect(try shop.run("generate", "nothing").status == 66)
    }

    @Test func aCharacterThatTrainingHasNotIsNamed() throws {
        let shop = try Workshop()
        try shop.write(String(repeating: "ab", count: 50), to: "input.txt")
        try shop.write(String(repeating: "ab", count: 5) + "\nz", to: "end.txt")
        let outcome = try shop.run(
            "train", "input.txt", "--set", "data.window=4", "--set", "data.test=end.txt", "--set", "model=text")
        #expect(outcome.status == 65)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("end.txt, line 1, column 11"), "\(outcome.errors)")
    }
}
