import Foundation
import Testing

/// Every piece of Swift that a person can read, in a page or in the comment of a declaration, stands in a test, so that
/// it compiles and runs; or in the library itself.
@Suite struct SnippetTests {
    /// Pages, and sources with comments.
    private static let files =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Benchmarks/README.md"]
        + ["docs", "Sources", "Examples"].flatMap { folder in
            [".md", ".swift"].flatMap { Repository.files(in: folder, ending: $0) }
        }

    private static let snippets: [Snippet] = files.flatMap { file in
        (try? Repository.text(file)).map { Snippet.all(in: $0, of: file) } ?? []
    }

    /// Compiled files; a piece within a comment is no line of theirs.
    private static let compiled: [Code] = ["Tests", "Sources"].flatMap { folder in
        Repository.files(in: folder, ending: ".swift").compactMap { try? Code(Repository.text($0)) }
    }

    @Test(arguments: snippets)
    func everySnippetIsCompiled(_ snippet: Snippet) {
        #expect(
            Self.compiled.contains { $0.contains(snippet.code) },
            "\(snippet.file), line \(snippet.line): no test holds this code: \(snippet.code.lines.first ?? "")")
    }

    /// Each place where a person reads Swift has some, so that none is overlooked.
    @Test(
        arguments: [
            ("README.md", 1), ("CONTRIBUTING.md", 3), ("docs/", 4), ("Sources/Batchwise/Batchwise.docc/", 20),
            ("Sources/Batchwise/", 50), ("Sources/BatchwiseData/", 6), ("Sources/BatchwiseRuns/", 4),
            ("Sources/Foundations/", 1),
        ])
    func snippetsAreFound(_ place: String, _ least: Int) {
        #expect(Self.snippets.count { $0.file.hasPrefix(place) } >= least)
    }

    @Test func aChangedSnippetIsFound() {
        let test = Code("    let a = 1\n\n    let b = a + 1\n")
        #expect(test.contains(Code("let a = 1\nlet b = a + 1")))
        #expect(!test.contains(Code("let a = 1\nlet b = a + 2")))
        #expect(!test.contains(Code("let b = a + 1\nlet a = 1")))
        #expect(test.contains(Code("let a = 1\n\nlet b  = a + 1")))
        // a comment is no code, and a module must be imported
        #expect(!Code("// let a = 1").contains(Code("let a = 1")))
        #expect(!test.contains(Code("import Batchwise\nlet a = 1")))
        #expect(
            Code("import Batchwise\nimport Testing\nfunc f() {\nlet a = 1\n}").contains(
                Code("import Batchwise\nlet a = 1")))
    }

    @Test func snippetsAreReadFromPagesAndComments() {
        let page = "text\n```swift\nlet a = 1\n```\n```yaml\nb: 1\n```\n   ```swift\n   let c = 1\n   ```\n"
        #expect(Snippet.all(in: page, of: "page.md").map(\.code.lines) == [["let a = 1"], ["let c = 1"]])
        #expect(Snippet.all(in: page, of: "page.md").map(\.line) == [2, 8])
        let source = "/// Text.\n///\n/// ```swift\n/// /// A type.\n/// struct A {}\n/// ```\nstruct B {}\n"
        #expect(Snippet.all(in: source, of: "b.swift").map(\.code.lines) == [["/// A type.", "struct A {}"]])
        #expect(Snippet.all(in: "```swift\nlet a = 1\n```\n", of: "b.swift").isEmpty)
    }
}
