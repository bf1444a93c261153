import Foundation
import Testing

/// The examples and the README do what they say.
@Suite struct ExamplesTests {
    @Test(arguments: ["LinearRegression", "Digits", "FineTuning"])
    func examplesReachTheirTargets(name: String) throws {
        let outcome = try Workshop().run(executable: name, [])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(!outcome.output.isEmpty)
    }

    /// Every command of the README's transcript, in its order.
    @Test func commandsOfTheReadmeRun() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let commands = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("$ batchwise ") }
        try #require(commands.count >= 5)
        let shop = try Workshop()
        // a small table in place of the houses of California
        try shop.write(prices.replacingOccurrences(of: "x,y", with: "income,median_house_value"), to: "housing.csv")
        for command in commands {
            let outcome = try shop.run(command.split(separator: " ").dropFirst(2).map(String.init))
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
    }

    /// The recipe of the README trains as it is printed.
    @Test func theRecipeOfTheReadmeIsRead() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```yaml\n").dropFirst().first)
        let recipe = try #require(block.components(separatedBy: "```").first)
        let shop = try Workshop()
        try shop.write(recipe, to: "recipe.yaml")
        let outcome = try shop.run("train", "recipe.yaml", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
