import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct CharacterTextTests {
    private func load(_ text: String, window: Int, fraction: Double? = 0) throws -> (LoadedData, TemporaryFile) {
        let file = try TemporaryFile(text, name: "input.txt")
        return (try DataSource(train: file.path, window: window, testFraction: fraction).load(seed: 1), file)
    }

    @Test func everyPositionWithItsWindowIsAnExample() throws {
        let loaded = try load("abca\nb", window: 2).0
        // The characters are numbered in the order of Unicode:
        //  a b c are 0 1 2 3.
        #expect(loaded.train.features == .bytes([1, 2, 2, 3, 3, 1, 1, 0], scale: 1, shift: 0))
        #expect(loaded.train.targets == .classes([3, 1, 0, 2], names: ["\\n", "a", "b", "c"]))
        #expect(loaded.train.featureShape == [2] && loaded.test == nil)
        #expect(loaded.preprocessing.features == .characters(["\n", "a", "b", "c"]))
        try loaded.preprocessing.check()
    }

    @Test func theEndIsTested() throws {
        let loaded = try load("abababababab", window: 2, fraction: 0.2).0
        // There are ten examples; the last two are for testing, with whole windows.
        #expect(loaded.train.count == 8)
        #expect(loaded.test?.features == .bytes([0, 1, 1, 0], scale: 1, shift: 0))
        #expect(loaded.test?.targets == .classes([0, 1], names: ["a", "b"]))
        // a character of the end alone is one of the vocabulary
        let end = try load("ababababab\nz", window: 2, fraction: 0.1).0
        #expect(end.test?.targets == .classes([3], names: ["\\n", "a", "b", "z"]))
        #expect(end.train.classCount == 4)
        // and one of another file is not
        let file = try TemporaryFile("ababababab", name: "input.txt")
        let other = try TemporaryFile("abab\nz", name: "end.txt")
        let error = failure { () throws(DataError) in
            try DataSource(train: file.path, window: 2, test: other.path).load(seed: 1)
        }
        #expect(error == .unknownClass(file: other.path, row: "line 1, column 5", found: "\\n", nearest: nil))
    }

    @Test func thePartBeforeTheEndValidates() throws {
        let file = try TemporaryFile("abcdefghijkl", name: "input.txt")
        var source = DataSource(train: file.path, window: 2, testFraction: 0.2)
        source.split.validation = 0.3
        let loaded = try source.load(seed: 1)
        // ten examples: five, three and two, in the order of the text
        #expect(loaded.train.features == .bytes([0, 1, 1, 2, 2, 3, 3, 4, 4, 5], scale: 1, shift: 0))
        #expect(loaded.validation?.features == .bytes([5, 6, 6, 7, 7, 8], scale: 1, shift: 0))
        #expect(loaded.test?.features == .bytes([8, 9, 9, 10], scale: 1, shift: 0))
        source.split = .init(fold: Split.Fold(1, of: 2))
        #expect(failure { () throws(DataError) in try source.load(seed: 1) }?.description.contains("folds") == true)
    }

    @Test func newTextIsReadWithTheVocabularyOfTraining() throws {
        let (loaded, _) = try load("hello world", window: 3)
        let new = try TemporaryFile("hold", name: "new.txt")
        let rows = try loaded.preprocessing.load(newRows: new.path)
        // " dehlorw": the windows "hol" and "old"; what follows the second is nowhere said.
        #expect(rows.features == .bytes([3, 5, 4, 5, 4, 1], scale: 1, shift: 0))
        #expect(rows.targets == .none)
        let known = try loaded.preprocessing.load(newRows: new.path, needsTarget: true)
        #expect(known.count == 1)
        #expect(known.targets == .classes([1], names: ["\\s", "d", "e", "h", "l", "o", "r", "w"]))
    }

    @Test func textsThatCannotServeAreRefused() throws {
        let cases: [(text: String, window: Int)] = [
            ("abc", 3), ("aaaa", 2),
            (String(String.UnicodeScalarView((0..<300).compactMap { Unicode.Scalar(0x400 + $0) })), 2),
        ]
        for (text, window) in cases {
            let file = try TemporaryFile(text, name: "input.txt")
            let error = failure { () throws(DataError) in
                try DataSource(train: file.path, window: window).load(seed: 1)
            }
            #expect(error?.exitCode == 65 && error?.description.contains("input.txt") == true)
        }
        // Windows-1252 has no such byte either
        let bytes = try TemporaryFile([0x61, 0x0A, 0x81, 0x62], name: "input.txt")
        let error = failure { () throws(DataError) in try DataSource(train: bytes.path, window: 1).load(seed: 1) }
        guard case .notText(bytes.path, 2, let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("neither UTF-8 nor Windows-1252"))
        let conflict = #expect(throws: RecipeError.self) {
            try DataSource(notation: RecipeValue(yaml: "{train: input.txt, window: 1, target: a}"))
        }
        #expect(conflict?.description.contains("whose next character is the target") == true)
    }

    /// A window of 65,536 of a text of 100,000 characters would take 2 GB.
    @Test func windowsAreLimited() throws {
        let text = try CharacterText(
            path: "t", bytes: Array(String(repeating: "ab", count: 50_000).utf8), window: 1 << 16)
        let error = failure { () throws(DataError) in
            try text.dataset(0..<text.count, vocabulary: ["a", "b"], needsTarget: true)
        }
        #expect(error == .tooLarge(file: "t", bytes: 34_464 << 16, limit: 1 << 30))
    }
}
