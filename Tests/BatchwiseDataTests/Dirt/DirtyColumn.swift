import Foundation

@testable import BatchwiseData

/// A column as people write it, and what it means.
struct DirtyColumn {
    enum Meaning: Equatable {
        /// NaN where a cell has no number.
        case numbers([Double])
        /// Seconds since the beginning of 1970.
        case dates([Double])
        /// An empty text where a cell has none.
        case texts([String])
    }

    /// The signs of numbers in a country.
    struct Notation {
        let decimal, group: String

        static let all = [
            Notation(decimal: ".", group: ""), Notation(decimal: ",", group: ""), Notation(decimal: ".", group: ","),
            Notation(decimal: ",", group: "."), Notation(decimal: ",", group: " "),
            Notation(decimal: ",", group: "\u{A0}"), Notation(decimal: ".", group: "'"),
            Notation(decimal: ".", group: " "),
        ]

        /// A whole number of thousandths, and so on, with its signs.
        func text(_ digits: Int, places: Int) -> String {
            let power = Int(pow(10, Double(places)))
            var whole = String(digits / power)
            var groups: [String] = []
            while whole.count > 3, !group.isEmpty {
                groups.insert(String(whole.suffix(3)), at: 0)
                whole.removeLast(3)
            }
            groups.insert(whole, at: 0)
            let fraction = places == 0 ? "" : decimal + String(power + digits % power).dropFirst()
            return groups.joined(separator: group) + fraction
        }
    }

    let name: String
    var cells: [String]
    var meaning: Meaning

    static func numbers(_ name: String, _ notation: Notation, rows: Int, _ random: inout SeededNumbers) -> DirtyColumn {
        let places = random.below(4)
        let magnitude = [100, 10_000, 1_000_000, 100_000_000][random.below(4)]
        let sign = random.below(4)
        let (before, behind) = random.one(of: [
            ("", ""), ("", ""), ("", ""), ("$", ""), ("", " €"), ("", "%"), ("", " kg"), ("EUR ", ""), ("£", ""),
        ])
        var (cells, values): ([String], [Double]) = ([], [])
        for _ in 0..<rows {
            let digits = random.below(magnitude)
            let isNegative = sign > 0 && digits > 0 && random.isOne(in: 4)
            let text = before + notation.text(digits, places: places) + behind
            cells.append(!isNegative ? text : sign == 1 ? "-" + text : sign == 2 ? "(\(text))" : "\u{2212}" + text)
            values.append((isNegative ? -1 : 1) * (Double("\(digits)e-\(places)") ?? .nan))
        }
        var column = DirtyColumn(name: name, cells: cells, meaning: .numbers(values))
        column.loseCells(
            [
                "", "", "NA", "N/A", "-", ".", "—", "#DIV/0!", "#N/A", "NaN", "null", "?", "n/a", "<NA>", "unknown",
                "k. A.",
            ],
            &random)
        return column
    }

    /// - Parameter isMonthFirst: whether this file has the month before the day where both are numbers.
    static func dates(
        _ name: String, isMonthFirst: Bool, rows: Int, _ random: inout SeededNumbers
    ) -> DirtyColumn {
        let formats =
            [
                "yyyy-MM-dd", "yyyy/MM/dd", "dd-MMM-yyyy", "MMM d, yyyy", "d MMMM yyyy", "yyyy-MM-dd'T'HH:mm:ss'Z'",
                "yyyyMMdd'T'HHmmss'Z'", "EEE, dd MMM yyyy", "yyyy-MM-dd HH:mm:ss",
            ]
            + (isMonthFirst
                ? ["MM/dd/yyyy", "M/d/yyyy h:mm a", "MM-dd-yyyy", "M/d/yy"]
                : ["dd.MM.yyyy", "dd/MM/yyyy", "dd/MM/yyyy HH:mm", "d.M.yy"])
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = random.one(of: formats)
        let format = formatter.dateFormat ?? ""
        let first = 10_957 + random.below(9_000)
        // a month has days beyond 12, unless all rows are of its beginning
        let span = random.isOne(in: 6) ? 8 : 700
        let step = format.contains("ss") ? 1 : format.contains("mm") ? 60 : 86_400
        var (cells, values): ([String], [Double]) = ([], [])
        for _ in 0..<rows {
            let seconds = 86_400 * (first + random.below(span)) + random.below(86_400) / step * step
            cells.append(formatter.string(from: Date(timeIntervalSince1970: Double(seconds))))
            values.append(Double(seconds))
        }
        var column = DirtyColumn(name: name, cells: cells, meaning: .dates(values))
        column.loseCells(["", "NA", "-", "NaT", "n/a", "unknown"], &random)
        return column
    }

    static func texts(_ name: String, rows: Int, _ random: inout SeededNumbers) -> DirtyColumn {
        let levels = random.one(of: [
            ["red", "green", "blue"], ["a, b", "c; d", "e"], ["10-20", "20-30", "30-40"], ["A1", "B2", "C3", "D4"],
            ["yes", "no"], ["Zürich", "Köln", "Ulm"], ["size \"S\"", "size \"M\""], ["1st", "2nd", "3rd"],
            ["true", "false"], ["<5", "5 to 10", ">10"], ["it's", "they're"], ["10:30h", "11:45h"],
        ])
        let cells = (0..<rows).map { _ in random.one(of: levels) }
        var column = DirtyColumn(name: name, cells: cells, meaning: .texts(cells))
        column.loseCells(["", "NA", "N/A", "?"], &random)
        return column
    }

    /// Loses up to a tenth of the cells, in one word.
    private mutating func loseCells(_ words: [String], _ random: inout SeededNumbers) {
        guard random.isOne(in: 2) else { return }
        let word = random.one(of: words)
        let often = 10 + random.below(40)
        for row in cells.indices where random.isOne(in: often) {
            cells[row] = word
            switch meaning {
            case .numbers(var numbers):
                numbers[row] = .nan
                meaning = .numbers(numbers)
            case .dates(var dates):
                dates[row] = .nan
                meaning = .dates(dates)
            case .texts(var texts):
                texts[row] = ""
                meaning = .texts(texts)
            }
        }
    }

    /// Whether a column that was read has this meaning.
    func isMeant(by column: Table.Column) -> Bool {
        switch (meaning, column.values) {
        case (.numbers(let meant), .numeric(let found)): !column.isDate && Self.areSame(meant, found)
        case (.dates(let meant), .numeric(let found)): column.isDate && Self.areSame(meant, found)
        case (.texts(let meant), .categorical(let codes, let levels)):
            meant.elementsEqual(codes.map { $0 < 0 ? "" : levels[Int($0)] })
        default: false
        }
    }

    private static func areSame(_ meant: [Double], _ found: [Double]) -> Bool {
        meant.elementsEqual(found) { $0 == $1 || $0.isNaN && $1.isNaN }
    }
}
