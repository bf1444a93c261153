import Foundation
import Testing

/// A piece of Swift that a person reads in a page or in the comment of a declaration.
struct Snippet: Sendable, CustomTestStringConvertible {
    /// The file, from the root of the repository, and the line where the piece begins.
    var file: String
    var line: Int
    var code: Code

    var testDescription: String { "\(file):\(line)" }

    /// The pieces of a file: of its comments where it is Swift, and of its text where it is a page.
    static func all(in text: String, of file: String) -> [Snippet] {
        var found: [Snippet] = []
        var start: Int?
        var piece: [String] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = line.trimmingCharacters(in: .whitespaces)
            if file.hasSuffix(".swift") {
                guard line.hasPrefix("///") else { continue }
                line = line.dropFirst(3).trimmingCharacters(in: .whitespaces)
            }
            switch (start, line) {
            case (nil, "```swift"): (start, piece) = (index + 1, [])
            case (let first?, "```"):
                found.append(Snippet(file: file, line: first, code: Code(piece.joined(separator: "\n"))))
                start = nil
            default: piece.append(line)
            }
        }
        return found
    }
}

/// Lines of Swift, compared without indentation, empty lines and the width of gaps.
struct Code: Sendable, Equatable {
    /// The modules that are imported, which tests import once a file.
    let imports: Set<String>
    let lines: [String]

    init(_ text: String) {
        let all = text.split(separator: "\n").map { line in
            line.split(separator: " ").joined(separator: " ")
        }.filter { !$0.isEmpty }
        imports = Set(all.filter { $0.hasPrefix("import ") })
        lines = all.filter { !$0.hasPrefix("import ") }
    }

    /// Whether the other's lines stand here, one after the other.
    func contains(_ other: Code) -> Bool {
        guard other.imports.isSubset(of: imports), lines.count >= other.lines.count else { return false }
        return (0...lines.count - other.lines.count).contains { start in
            lines[start..<start + other.lines.count].elementsEqual(other.lines)
        }
    }
}
