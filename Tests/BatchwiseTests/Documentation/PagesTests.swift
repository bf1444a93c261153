import Batchwise
import Foundation
import Testing

/// The pages of `docs` and the README: their recipes are read, and their links lead to files.
@Suite struct PagesTests {
    /// Paths of all pages, from the root.
    static let pages =
        ["README.md", "CONTRIBUTING.md", "Benchmarks/README.md"] + Repository.files(in: "docs", ending: ".md")

    @Test func allPagesAreFound() {
        #expect(Self.pages.contains("docs/recipe.md"))
        #expect(Self.pages.count >= 10)
    }

    @Test(arguments: pages)
    func everyRecipeIsRead(page: String) throws {
        let text = try Repository.text(page)
        for block in text.components(separatedBy: "```yaml\n").dropFirst() {
            let yaml = block.components(separatedBy: "```")[0]
            #expect(throws: Never.self, "\(page): \(yaml)") { try Recipe(notation: RecipeValue(yaml: yaml)) }
            // a recipe with a key that nobody knows is refused, so the reading above can fail
            #expect(throws: RecipeError.self) { try Recipe(notation: RecipeValue(yaml: yaml + "optimiser: sgd\n")) }
        }
    }

    @Test(arguments: pages)
    func everyLinkLeadsToAFile(page: String) throws {
        let url = Repository.root.appending(path: page)
        let links = try String(contentsOf: url, encoding: .utf8).matches(of: /\]\((?<path>[^)#\s]+)/).map(\.output.path)
        for link in links where !link.hasPrefix("http") {
            let target = url.deletingLastPathComponent().appending(path: String(link))
            #expect(FileManager.default.fileExists(atPath: target.path), "\(page): \(link)")
        }
    }
}
