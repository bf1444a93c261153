import Foundation
import Testing

@testable import Batchwise

/// Sharpness-aware minimisation in recipes.
@Suite struct SAMNotationTests {
    private static func recipe(_ line: String) throws -> Recipe {
        try Recipe(yaml: "model: [{dense: classes}]\noptimizer: adam\n\(line)\n")
    }

    @Test(arguments: [
        ("sam: 0.1", SAM(rho: 0.1)), ("sam: {rho: 0.2}", SAM(rho: 0.2)), ("sam: {}", SAM()), ("sam: 0", SAM(rho: 0)),
        ("sam: {rho: 0.5, adaptive: true}", SAM(rho: 0.5, adaptive: true)), ("sam: none", nil), ("seed: 1", nil),
    ])
    func notationsComeBack(line: String, sam: SAM?) throws {
        let recipe = try Self.recipe(line)
        #expect(recipe.sam == sam && recipe.optimizer == .adam())
        let again = try Recipe(yaml: recipe.yaml())
        #expect(again == recipe)
        #expect(try recipe.yaml().contains("sam:") == (sam != nil))
    }

    @Test(arguments: [
        ("sam: {rho: -1}", "sam.rho: expected a number of at least 0, found -1"),
        ("sam: {rho: 1e39}", "sam.rho: expected a number of at least 0, found 1e+39"),
        ("sam: {rho: .nan}", "sam.rho"), ("sam: [1]", "sam.rho"), ("sam: off", "sam.rho"),
        ("sam: {adaptive: 1}", "sam.adaptive: expected true or false"),
        ("sam: {roh: 0.1}", "unknown key sam.roh: did you mean rho?"),
    ])
    func mistakesAreNamed(line: String, part: String) throws {
        let error = #expect(throws: RecipeError.self) { try Self.recipe(line) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    /// Other programs wrap the optimizer, so this is where people will write it.
    @Test(arguments: ["sam", "{sam: {rho: 0.05}}", "{sam: 0.05, sgd: {momentum: 0.9}}"])
    func besideTheOptimizerIsItsPlace(optimizer: String) throws {
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: "model: mlp\noptimizer: \(optimizer)\n") }
        let text = "optimizer.sam: expected an optimizer here, and sam: {rho: 0.05} as a key of its own"
        #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
    }

    @Test func programsAreCheckedToo() throws {
        let recipe = Recipe(model: Dense(.classes), sam: SAM(rho: -.infinity))
        #expect(throws: RecipeError.self) { try Plan(recipe, data: SmallData.classes(8)) }
    }

    /// A gradient of the program's own is taken where the program takes it.
    @Test func minimisationRefusesIt() throws {
        let json = Data(#"{"batch": 8, "epochs": 2, "sam": {"rho": 0.05}}"#.utf8)
        let error = #expect(throws: RecipeError.self) { try JSONDecoder().decode(MiniBatchSGD.self, from: json) }
        #expect(error?.description.hasPrefix("unknown key sam") == true)
    }
}
