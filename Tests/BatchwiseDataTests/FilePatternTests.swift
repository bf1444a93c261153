import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct FilePatternTests {
    @Test(arguments: [
        ("part-1.csv", "part-*.csv", true), ("part-.csv", "part-*.csv", true), ("part-1.csv.gz", "part-*.csv", false),
        ("a", "?", true), ("ab", "?", false), ("é", "?", true), ("", "*", true), ("", "?", false), ("abc", "*b*", true),
        ("aXbXc", "a*b*c", true), ("mississippi", "m*iss*ppi", true), ("mississippi", "m*iss*ippi?", false),
        ("[1]", "[1]", true), ("1", "[1]", false), ("abc", "abc*", true), ("abc", "**", true),
    ])
    func names(name: String, pattern: String, expected: Bool) {
        #expect(Wildcard.matches(Array(name.unicodeScalars), Array(pattern.unicodeScalars)) == expected)
    }

    /// A pattern that would take a search of every division 2^40 steps.
    @Test(.timeLimit(.minutes(1))) func manyStarsEnd() {
        let name = Array(String(repeating: "a", count: 2000).unicodeScalars)
        let pattern = Array((String(repeating: "a*", count: 40) + "b").unicodeScalars)
        #expect(!Wildcard.matches(name, pattern))
    }

    @Test func filesAreFoundInTheOrderOfTheirBytes() throws {
        let folder = try Folder(["b-2.csv", "b-10.csv", "B-3.csv", ".b-4.csv", "b-5.txt", "c*d.csv", "cxd.csv"])
        func found(_ pattern: String) throws -> [String] {
            try FilePattern.files("\(folder.path)/\(pattern)").map { String($0.dropFirst(folder.path.count + 1)) }
        }
        #expect(try found("b-*.csv") == ["b-10.csv", "b-2.csv"])
        #expect(try found("*-?.csv") == ["B-3.csv", "b-2.csv"])
        #expect(try found(".*") == [".b-4.csv"])
        // a file of that name is no pattern
        #expect(try found("c*d.csv") == ["c*d.csv"])
        #expect(try found("c?d.csv") == ["c*d.csv", "cxd.csv"])
        #expect(try found("none.csv") == ["none.csv"])
        let error = failure { () throws(DataError) in try FilePattern.files("\(folder.path)/x*.csv") }
        #expect(error == .missingFile("\(folder.path)/x*.csv") && error?.exitCode == 66)
    }

    @Test func foldersAreMatchedToo() throws {
        let folder = try Folder(["2024-01/rows.csv", "2024-02/rows.csv", "2023-01/rows.csv", "2024-03/other.csv"])
        let files = try FilePattern.files("\(folder.path)/2024-*/rows.csv")
        #expect(files == ["01", "02"].map { "\(folder.path)/2024-\($0)/rows.csv" })
    }
}

/// A folder that exists while the test holds it.
final class Folder {
    let path: String

    convenience init(_ names: [String]) throws {
        try self.init(names.map { ($0, "x\n") })
    }

    init(_ files: [(name: String, text: String)]) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")
        path = folder.path
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
