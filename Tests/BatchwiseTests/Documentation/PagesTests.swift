import Batchwise
import Foundation
import Testing

/// The pages of `docs` and the README: their recipes are read, and their links lead to files.
@Suite struct PagesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Paths of all pages, from the root.
    static let pages: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)) ?? []
        return ["README.md", "CONTRIBUTING.md", "Benchmarks/README.md"]
            + names.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }.sorted()
    }()

    @Test func allPagesAreFound() {
        #expect(Self.pages.contains("docs/recipe.md"))
        #expect(Self.pages.count >= 10)
    }

    @Test(arguments: pages)
    func everyRecipeIsRead(page: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
        for block in text.components(separatedBy: "```yaml\n").dropFirst() {
            let yaml = block.components(separatedBy: "```")[0]
            #expect(throws: Never.self, "\(page): \(yaml)") { try Recipe(notation: RecipeValue(yaml: yaml)) }
            // a recipe with a key that nobody knows is refused, so the reading above can fail
            #expect(throws: RecipeError.self) { try Recipe(notation: RecipeValue(yaml: yaml + "optimiser: sgd\n")) }
        }
    }

    @Test(arguments: pages)
    func everyLinkLeadsToAFile(page: String) throws {
        let url = Self.root.appending(path: page)
        let links = try String(contentsOf: url, encoding: .utf8).matches(of: /\]\((?<path>[^)#\s]+)/).map(\.output.path)
        for link in links where !link.hasPrefix("http") {
            let target = url.deletingLastPathComponent().appending(path: String(link))
            #expect(FileManager.default.fileExists(atPath: target.path), "\(page): \(link)")
        }
    }
}
