import Foundation
import Testing

@testable import BatchwiseData

/// The files of `Tests/Fixtures/parquet`, and the values that their writer put into them.
enum ParquetFixtures {
    struct Column: Decodable, Sendable {
        var name: String
        var kind: String
        var numbers: [Double?]?
        var texts: [String?]?

        /// The rows in which a column has another value, or nothing where it has values of another type or number.
        func differences(from column: Table.Column) -> [String] {
            switch column.values {
            case .numeric(let found):
                guard let numbers, numbers.count == found.count else { return ["\(found.count) numbers"] }
                return numbers.indices.compactMap { row in
                    let isEqual = numbers[row].map { $0 == found[row] } ?? found[row].isNaN
                    return isEqual ? nil : "row \(row): \(found[row]), not \(String(describing: numbers[row]))"
                }
            case .categorical(let codes, let levels):
                guard let texts, texts.count == codes.count else { return ["\(codes.count) texts"] }
                let isSorted = zip(levels, levels.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                return (isSorted ? [] : ["levels are not sorted"])
                    + texts.indices.compactMap { row in
                        let found = codes[row] < 0 ? nil : levels[Int(codes[row])]
                        return found == texts[row]
                            ? nil : "row \(row): \(found ?? "nothing"), not \(texts[row] ?? "nothing")"
                    }
            case .skipped: return ["not read"]
            }
        }
    }

    struct File: Decodable, Sendable {
        var name: String
        var notices: Int
        var table: Int
    }

    struct Expected: Decodable {
        var files: [File]
        var tables: [[Column]]
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/parquet")

    static func path(_ name: String) -> String { folder.appending(path: name).path }

    static func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: folder.appending(path: name))) }

    static func expected() throws -> Expected {
        try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    }
}
