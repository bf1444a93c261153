import Foundation

@testable import Batchwise

/// A table as people keep it: its dirt and its meaning are chosen by a seed.
struct DirtyTable {
    let columns: [DirtyColumn]
    let hasHeader: Bool
    let bytes: [UInt8]
    /// The dirt of the file in words, for messages.
    let dirt: String
    /// The first lines, for messages.
    let beginning: String

    init(seed: UInt64) {
        var random = SeededNumbers(seed)
        let rows = 12 + random.below(70)
        let notation = random.one(of: DirtyColumn.Notation.all)
        columns = Self.columns(notation, rows, &random)
        hasHeader = !random.isOne(in: 6)
        let separator = random.one(of: [",", ";", "\t", "|"])
        let quotesAll = random.isOne(in: 5)
        let padding = random.isOne(in: 8) ? " " : ""
        func line(_ cells: [String]) -> String {
            cells.map { cell in
                let needsQuotes = quotesAll || cell.contains(separator) || cell.contains("\"")
                return needsQuotes
                    ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : padding + cell + padding
            }.joined(separator: separator)
        }
        var lines: [String] = []
        var dirt = ["decimal \(notation.decimal) group \(notation.group)", "separator \(separator)"]
        if random.isOne(in: 12) {
            lines.append("sep=" + separator)
            dirt.append("sep=")
        }
        if hasHeader {
            if random.isOne(in: 12) {
                lines.append("# exported by hand")
                dirt.append("comment above")
            }
            lines.append(line(columns.map(\.name)))
            let hasNumbers = columns.contains { if case .numbers = $0.meaning { true } else { false } }
            if random.isOne(in: 10), hasNumbers {
                lines.append(line(columns.map { if case .numbers = $0.meaning { "mm" } else { "" } }))
                dirt.append("units")
            }
        }
        for row in 0..<rows {
            lines.append(line(columns.map { $0.cells[row] }))
            if random.isOne(in: 90) { lines.append("") }
        }
        if random.isOne(in: 10), let total = Self.total(columns, notation) {
            lines.append(line(total))
            dirt.append("total")
        }
        if random.isOne(in: 10) {
            lines.append(
                "Source: the office" + String(repeating: separator, count: random.below(2) * (columns.count - 1)))
            dirt.append("comment below")
        }
        let end = random.isOne(in: 3) ? "\r\n" : "\n"
        let text = lines.joined(separator: end) + (random.isOne(in: 4) ? "" : end)
        let encodings: [(String.Encoding, [UInt8], String)] = [
            (.utf8, [], "UTF-8"), (.utf8, [0xEF, 0xBB, 0xBF], "UTF-8 with a mark"),
            (.utf16LittleEndian, [0xFF, 0xFE], "UTF-16"), (.windowsCP1252, [], "Windows-1252"),
        ]
        let (encoding, mark, name) = random.one(of: encodings)
        if let data = text.data(using: encoding) {
            bytes = mark + data
            dirt.append(name)
        } else {
            bytes = Array(text.utf8)
        }
        beginning = lines.prefix(4).joined(separator: "\n")
        self.dirt = dirt.joined(separator: ", ")
    }

    private static func columns(
        _ notation: DirtyColumn.Notation, _ rows: Int, _ random: inout SeededNumbers
    ) -> [DirtyColumn] {
        let names = ["weight", "Price (EUR)", "2019", "größe", "kind of", "when", "x y", "Q1"]
        let first = random.below(names.count)
        let isMonthFirst = random.isOne(in: 2)
        return (0..<2 + random.below(4)).map { place in
            let name = names[(first + place) % names.count]
            switch random.below(6) {
            case 0...2: return .numbers(name, notation, rows: rows, &random)
            case 3: return .dates(name, isMonthFirst: isMonthFirst, rows: rows, &random)
            default: return .texts(name, rows: rows, &random)
            }
        }
    }

    /// A last row of totals, where the first column is texts and another is numbers.
    private static func total(_ columns: [DirtyColumn], _ notation: DirtyColumn.Notation) -> [String]? {
        guard case .texts = columns[0].meaning else { return nil }
        var hasNumbers = false
        let cells = columns.dropFirst().map { column -> String in
            guard case .numbers(let numbers) = column.meaning else { return "" }
            hasNumbers = true
            let sum = numbers.reduce(0) { $1.isNaN ? $0 : $0 + abs($1) }
            return notation.text(Int(sum), places: 0)
        }
        return hasNumbers ? ["Total"] + cells : nil
    }
}
