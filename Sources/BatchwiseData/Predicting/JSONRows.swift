import Batchwise
import Foundation
import Foundations

/// JSON lines as rows of a table: an object a line, whose keys are the names of columns.
struct JSONRows {
    /// The columns that are needed; keys of others are ignored.
    private let columns: [String]
    private let file: String

    init(columns: [String], file: String) {
        var seen: Set<String> = []
        self.columns = columns.filter { seen.insert($0).inserted }
        self.file = file
    }

    /// Whether a text begins as JSON lines do.
    static func isAt(_ bytes: [UInt8]) -> Bool {
        let text = bytes.drop { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
        guard text.first == UInt8(ascii: "{") else { return text.first == UInt8(ascii: "[") }
        return text.dropFirst().first { $0 > 0x20 }.map { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "}") } ?? false
    }

    /// The names of the columns as a line of separated values.
    var header: [UInt8] { Self.line(columns.map(Self.quoted)) }

    /// The objects as separated values, each in the line in which it was.
    func rows(_ bytes: [UInt8], line: Int) throws(DataError) -> [UInt8] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        var rows: [UInt8] = []
        for (number, text) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard text.contains(where: { $0 > 0x20 }) else {
                rows.append(UInt8(ascii: "\n"))
                continue
            }
            rows += Self.line(try cells(text, line + number))
        }
        return rows
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        Array(cells.joined(separator: ",").utf8) + [UInt8(ascii: "\n")]
    }

    private func cells(_ text: ArraySlice<UInt8>, _ line: Int) throws(DataError) -> [String] {
        let isArray = text.first { $0 > 0x20 } == UInt8(ascii: "[")
        guard !isArray, let object = try? JSONDecoder().decode([String: Value].self, from: Data(text)) else {
            throw bad(
                line,
                "is \(isArray ? "an array" : "no JSON object"); write one object a line: "
                    + "{\"\(escaped(columns.first ?? "name", limit: 40))\": 1}")
        }
        var cells: [String] = []
        for column in columns {
            switch object[column] {
            case nil:
                let near = nearestName(to: column, in: object.keys.sorted()).map { " (did you mean \"\($0)\"?)" } ?? ""
                throw bad(
                    line, "has no key \"\(escaped(column, limit: 60))\"\(near); give null where its value is missing")
            // without quotes, the only cell of a row would be a blank line
            case .missing: cells.append("\"\"")
            case .number(let number): cells.append(number)
            case .text(let text): cells.append(Self.quoted(text))
            case .other:
                throw bad(
                    line, "has a list or an object at \"\(escaped(column, limit: 60))\"; a cell is a text or a number")
            }
        }
        return cells
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private func bad(_ line: Int, _ detail: String) -> DataError {
        .unsupported(file: file, detail: "line \(line) \(detail)")
    }

    /// A value of an object.
    private enum Value: Decodable {
        case missing
        case number(String)
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            guard let value = try? decoder.singleValueContainer() else {
                self = .other
                return
            }
            if value.decodeNil() {
                self = .missing
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let number = try? value.decode(Int.self) {
                self = .number("\(number)")
            } else if let number = try? value.decode(Double.self) {
                self = .number("\(number)")
            } else if let flag = try? value.decode(Bool.self) {
                self = .text(flag ? "true" : "false")
            } else {
                self = .other
            }
        }
    }
}
