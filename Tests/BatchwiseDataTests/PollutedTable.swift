import Foundation

@testable import Batchwise
@testable import Foundations

/// A table whose cells are known, written as text with a fault of a published kind (Vitagliano et al., "Pollock: A Data
/// Loading Benchmark", 2023). All is chosen by a seed.
struct PollutedTable {
    /// A cell: what stands in a clean file, and what it means.
    enum Cell: Equatable {
        case number(String)
        case date(String, Double)
        case text(String)

        var text: String {
            switch self {
            case .number(let text), .date(let text, _), .text(let text): text
            }
        }
    }

    let seed: UInt64
    let kind: Kind
    let names: [String]
    let cells: [[Cell]]
    private(set) var bytes: [UInt8] = []
    /// The rows that cannot be read, where the others can.
    private(set) var lost: Set<Int>?
    private var state: UInt64

    enum Kind: CaseIterable {
        case clean, fewerFields, moreFields, quoteWithin, unclosedQuote, unopenedQuote, lostDelimiter, otherDelimiter
        case strangeDelimiter, title, paddedTitle, properties, groupsAbove, unitsBelow, threeHeaders, repeatedHeader
        case separatorLine, escapedQuotes, undoubledQuotes, singleQuotes, byteOrderMark, utf16, latin1, lineEnds
        case emptyLines, trailingDelimiters, trailingInRows, comments, noHeader, twoTables, footer, splitRow, blanks
        case otherDelimiterInRow, longIds
    }

    init(seed: UInt64) {
        self.seed = seed
        let kind = Kind.allCases[Int(seed % UInt64(Kind.allCases.count))]
        self.kind = kind
        state = seed &* 0x9E37_79B9_7F4A_7C15
        var next = state
        func below(_ limit: Int) -> Int {
            next &+= 0x9E37_79B9_7F4A_7C15
            return Int(CounterRandom.mix(next) >> 11) % limit
        }
        let all = ["day", "slot", "count", "code", "price", "kind", "label", "user"]
        let count = 20 + below(40)
        let first = below(300)
        let colours = ["red", "green", "blue", "black"]
        let columns = [0, 2, 4] + [1, 3, 5, 6, 7].filter { $0 == 6 || below(2) == 0 || kind == .longIds }
        let order = columns.sorted { ($0 * 5 + Int(seed)) % 8 < ($1 * 5 + Int(seed)) % 8 }
        names = order.map { all[$0] }
        cells = (0..<count).map { row in
            order.map { column in
                switch column {
                case 0: Self.date(day: first + row)
                case 1: .text("\(10 + row % 14):\(15 + row % 4)h")
                case 2: .number("\(below(10))")
                case 3: .text("AB-\(1000 + row)")
                case 4: .number("\(below(90)).\(10 + below(90))")
                case 5: .text(colours[below(4)])
                case 6: .text(Self.label(below(4), row))
                default: .text("12345678901234567\(10 + below(80))")
                }
            }
        }
        state = next
        pollute()
    }

    /// The days since the beginning of 2024.
    private static func date(day: Int) -> Cell {
        let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var (month, rest) = (0, day % 366)
        while rest >= lengths[month] { (rest, month) = (rest - lengths[month], month + 1) }
        let text = "2024-\(month < 9 ? "0" : "")\(month + 1)-\(rest < 9 ? "0" : "")\(rest + 1)"
        return .date(text, 1_704_067_200 + 86_400 * Double(day % 366))
    }

    private static func label(_ kind: Int, _ row: Int) -> String {
        switch kind {
        case 0: "Item \(row), size \(20 + row) cm"
        case 1: "the \"best\" of \(row), really"
        case 2: "two lines,\nof \(row)"
        default: "plain \(row), text"
        }
    }

    private mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Int(CounterRandom.mix(state) >> 11) % limit
    }

    private static func written(_ cell: Cell, _ delimiter: String) -> String {
        let text = cell.text
        let needsQuotes = text.contains(delimiter) || text.contains("\"") || text.contains("\n")
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

// MARK: - Faults

extension PollutedTable {
    private mutating func pollute() {
        var delimiter = ","
        switch kind {
        case .otherDelimiter: delimiter = [";", "\t", "|"][below(3)]
        case .strangeDelimiter: delimiter = ["^", "~", "#", "&", "!"][below(5)]
        case .separatorLine: delimiter = [";", "\t", "|", ","][below(4)]
        default: break
        }
        var header = names.joined(separator: delimiter)
        var rows = cells.map { $0.map { Self.written($0, delimiter) } }
        let label = names.firstIndex(of: "label") ?? 0
        let damaged = Set((0...below(2)).map { _ in below(rows.count) })
        var lines: [String]?
        var end = "\n"

        switch kind {
        case .fewerFields:
            for row in damaged { rows[row].remove(at: below(names.count)) }
            lost = damaged
        case .moreFields:
            for row in damaged { rows[row].insert(["", "7", "more"][below(3)], at: below(names.count + 1)) }
            lost = damaged
        case .quoteWithin:
            for row in damaged { rows[row][below(names.count)] = "a 5\" pipe" }
        case .unclosedQuote:
            for row in damaged { rows[row][label] = "\"not closed \(row)" }
            lost = damaged
        case .unopenedQuote:
            for row in damaged { rows[row][label] = "not opened\(below(2) == 0 ? "," : "") \(row)\"" }
        case .lostDelimiter:
            for row in damaged {
                let place = max(1, label)
                rows[row][place] = "\"Round table\(below(2) == 0 ? ", 48 inch" : "")\""
                rows[row][place - 1] += rows[row].remove(at: place)
            }
        case .title: header = "Report of a week\n" + (below(2) == 0 ? "\n" : "") + header
        case .paddedTitle:
            let padding = String(repeating: delimiter, count: names.count - 1)
            header = "Report of a week" + padding + "\n" + (below(2) == 0 ? padding + "\n" : "") + header
        case .properties:
            let padding = below(2) == 0 ? String(repeating: delimiter, count: names.count - 2) : ""
            header = "station\(delimiter)Ulm\(padding)\nmade by\(delimiter)hand\(padding)\n\n" + header
        case .groupsAbove: header = groups(delimiter) + "\n" + header
        case .unitsBelow:
            header +=
                "\n"
                + names.map { ["count": "pieces", "price": "EUR", "day": "UTC"][$0] ?? "" }
                .joined(separator: delimiter)
        case .threeHeaders: header = "Report of a week\n" + groups(delimiter) + "\n" + header
        case .repeatedHeader:
            let place = 1 + below(rows.count - 1)
            rows.insert(names, at: place)
            lost = []
        case .separatorLine: header = "sep=\(delimiter)\n" + header
        case .escapedQuotes:
            rows = cells.map { row in
                row.map { cell in
                    let text = cell.text
                    return text.contains(",") ? "\"" + text.replacing("\"", with: "\\\"") + "\"" : text
                }
            }
        case .undoubledQuotes:
            for row in damaged { rows[row][label] = "\"the \"best\" of \(row)\"" }
            lost = damaged
        case .singleQuotes:
            rows = cells.map { row in row.map { if case .text(let text) = $0 { "'\(text)'" } else { $0.text } } }
        case .byteOrderMark: header = "\u{FEFF}" + header
        case .lineEnds: end = ["\r\n", "\r"][below(2)]
        case .emptyLines:
            header = (below(2) == 0 ? "\n" : "") + header
            for row in damaged { rows[row][0] = ["\n", "  \n", "\n\n"][below(3)] + rows[row][0] }
        case .trailingDelimiters:
            header += delimiter
            for row in rows.indices { rows[row].append("") }
        case .trailingInRows: for row in rows.indices { rows[row].append("") }
        case .comments: header = "# from somewhere, made by hand\n#\n" + header
        case .twoTables:
            rows.insert(names.map { "other \($0)" }, at: rows.count / 2)
        case .footer:
            rows.append(["Source: an office"])
            lost = []
        case .splitRow:
            // a line of the last cell alone could be the whole row
            let place = min(max(1, label), names.count - 2)
            for row in damaged { rows[row][place] = "split\n\(row)" }
            lost = damaged
        case .blanks: rows = rows.map { $0.map { " \($0) " } }
        case .otherDelimiterInRow:
            lines = rows.indices.map { row in
                rows[row].joined(separator: damaged.contains(row) ? ";" : delimiter)
            }
            lost = damaged
        case .clean, .otherDelimiter, .strangeDelimiter, .utf16, .latin1, .noHeader, .longIds: break
        }
        let body = lines ?? rows.map { $0.joined(separator: delimiter) }
        let all = (kind == .noHeader ? [] : [header]) + body
        var text = all.joined(separator: end) + (below(2) == 0 ? end : "")
        if kind == .latin1 { text = text.replacing("Item", with: "Käse").replacing("plain", with: "fräsch") }
        switch kind {
        case .utf16:
            let units = (below(2) == 0 ? "\u{FEFF}" : "") + text
            bytes = units.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case .latin1: bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        default: bytes = Array(text.utf8)
        }
    }

    /// A row of groups above the names, empty behind the first column of each.
    private func groups(_ delimiter: String) -> String {
        names.indices.map { $0 % 2 == 0 ? "Group \($0 / 2)" : "" }.joined(separator: delimiter)
    }
}
