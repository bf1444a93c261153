import Foundation
import Testing

/// Every piece of Swift in the documentation's articles, and in the page on quantities, stands in a test of this folder, so that it compiles and runs.
@Suite struct SnippetTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let catalogue = folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Batchwise/Batchwise.docc")

    private static func page(_ name: String) -> URL {
        folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/\(name)")
    }

    @Test func everySnippetOfTheArticlesStandsInATest() throws {
        let tests = try Self.texts(in: Self.folder, ending: ".swift").values.map(Self.lines)
        var articles = try Self.texts(in: Self.catalogue, ending: ".md")
        articles["docs/quantities.md"] = try String(contentsOf: Self.page("quantities.md"), encoding: .utf8)
        try #require(articles.count >= 7)
        var count = 0
        for (name, text) in articles.sorted(by: { $0.key < $1.key }) {
            for snippet in Self.snippets(of: text) {
                count += 1
                #expect(tests.contains { Self.contains($0, snippet) }, "\(name): \(snippet.first ?? "")")
            }
        }
        #expect(count >= 15)
    }

    @Test func aChangedSnippetIsFound() {
        let test = Self.lines("    let a = 1\n\n    let b = a + 1\n")
        #expect(Self.contains(test, Self.lines("let a = 1\nlet b = a + 1")))
        #expect(!Self.contains(test, Self.lines("let a = 1\nlet b = a + 2")))
        #expect(!Self.contains(test, Self.lines("let b = a + 1\nlet a = 1")))
        #expect(Self.snippets(of: "text\n```swift\nlet a = 1\n```\n```yaml\nb: 1\n```\n") == [["let a = 1"]])
    }

    private static func texts(in folder: URL, ending: String) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(ending) }
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
            })
    }

    /// The lines of each block of Swift.
    private static func snippets(of text: String) -> [[String]] {
        text.components(separatedBy: "```swift\n").dropFirst().map { lines($0.components(separatedBy: "```")[0]) }
    }

    /// The text without indentation and empty lines.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private static func contains(_ text: [String], _ lines: [String]) -> Bool {
        guard text.count >= lines.count else { return false }
        return (0...text.count - lines.count).contains { text[$0..<$0 + lines.count].elementsEqual(lines) }
    }
}

/// A folder that is removed with this object.
final class DocumentationFolder {
    private let url = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
