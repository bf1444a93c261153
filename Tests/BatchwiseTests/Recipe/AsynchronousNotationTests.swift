import Foundation
import Testing

@testable import Batchwise

/// Asynchronous training in recipes.
@Suite struct AsynchronousNotationTests {
    private static func recipe(_ lines: String) throws -> Recipe {
        try Recipe(yaml: "model: [{dense: classes}]\noptimizer: sgd\n\(lines)\n")
    }

    @Test(arguments: [
        ("asynchronous: 3", Asynchronous(.delays([3]))), ("asynchronous: {delay: 3}", Asynchronous(.delays([3]))),
        (
            "asynchronous: {delay: [0, 1, 3], staleness-aware: true}",
            Asynchronous(.delays([0, 1, 3]), stalenessAware: true)
        ),
        ("batch: 1\nasynchronous: {hogwild: true}", Asynchronous(.hogwild)),
        ("asynchronous: {bound: 8, staleness-aware: true}", Asynchronous(.server(bound: 8), stalenessAware: true)),
        ("asynchronous: {backup: 1}", Asynchronous(.backup(1, workers: nil))),
        ("asynchronous: {backup: 2, workers: 8}", Asynchronous(.backup(2, workers: 8))),
        ("asynchronous: none", nil),
    ])
    func notationsComeBack(line: String, asynchronous: Asynchronous?) throws {
        let recipe = try Self.recipe(line)
        #expect(recipe.asynchronous == asynchronous)
        let again = try Recipe(yaml: recipe.yaml())
        #expect(again == recipe)
        #expect(try recipe.yaml().contains("asynchronous:") == (asynchronous != nil))
        #expect((recipe.sha256 == (try Self.recipe("")).sha256) == (asynchronous == nil))
    }

    @Test(arguments: [
        ("asynchronous: {delay: -1}", "asynchronous.delay: expected a whole number of updates from 0 to 1000"),
        ("asynchronous: {delay: 1001}", "found 1001"), ("asynchronous: {delay: [1, 2.5]}", "found 2.5"),
        ("asynchronous: {delay: []}", "found an empty list"), ("asynchronous: {}", "asynchronous.delay is missing"),
        ("asynchronous: {delya: 1}", "unknown key asynchronous.delya: did you mean delay?"),
        ("asynchronous: {delay: 1, staleness-aware: 1}", "asynchronous.staleness-aware: expected true or false"),
        ("batch: 1\nasynchronous: {hogwild: true, delay: 1}", "asynchronous.hogwild counts no updates"),
        ("asynchronous: {bound: 1, delay: 1}", "asynchronous.delay is a script"),
        ("asynchronous: {bound: -1}", "asynchronous.bound: expected a whole number from 0 to 1000, found -1"),
        ("asynchronous: {backup: 0}", "asynchronous.backup: expected a whole number from 1 to 4095, found 0"),
        ("asynchronous: {backup: 4, workers: 4}", "from 1 to 3, so that a worker is left, found 4"),
        ("asynchronous: {backup: 1, workers: 33}", "asynchronous.workers: expected at most the batch, 32 examples"),
        ("asynchronous: {backup: 1, bound: 8}", "asynchronous.backup takes fresh gradients only"),
        ("asynchronous: {workers: 8}", "asynchronous.backup is missing"),
        ("clip: 1\nasynchronous: {backup: 1}", "clip: expected none beside asynchronous.backup of processes"),
        ("asynchronous: 1\nsam: 0.05", "remove sam or asynchronous"),
    ])
    func mistakesAreNamed(lines: String, part: String) throws {
        let error = #expect(throws: RecipeError.self) { try Self.recipe(lines) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test func programsAreCheckedToo() throws {
        let recipe = Recipe(model: Dense(.classes), asynchronous: Asynchronous(.delays([])))
        #expect(throws: RecipeError.self) { try Plan(recipe, data: SmallData.classes(8)) }
    }

    @Test func minimisationRefusesIt() throws {
        let json = Data(#"{"batch": 8, "epochs": 2, "asynchronous": 2}"#.utf8)
        let error = #expect(throws: RecipeError.self) { try JSONDecoder().decode(MiniBatchSGD.self, from: json) }
        #expect(error?.description.hasPrefix("unknown key asynchronous") == true)
    }
}
