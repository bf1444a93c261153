import Batchwise

/// The styles of cells whose numbers are shown as dates.
struct DateStyles {
    /// For each style of a cell, whether its format is that of a date.
    private var areDates: [Bool] = []

    init() {}

    init(_ archive: WorkbookArchive, _ member: String) throws(DataError) {
        var ownFormats: [Int: Bool] = [:]
        var isInStyles = false
        var scanner = try archive.scanner(member)
        while let event = try scanner.next() {
            switch event {
            case .start("numFmt", let attributes):
                if let id = Int(attributes["numFmtId"] ?? ""), let code = attributes["formatCode"] {
                    ownFormats[id] = Self.isDate(code)
                }
            case .start("cellXfs", _): isInStyles = true
            case .end("cellXfs"): isInStyles = false
            case .start("xf", let attributes) where isInStyles:
                let id = Int(attributes["numFmtId"] ?? "") ?? 0
                areDates.append(ownFormats[id] ?? Self.isDate(id))
            default: break
            }
        }
    }

    func isDate(style: Int) -> Bool { areDates.indices.contains(style) && areDates[style] }

    /// Whether a format that Excel knows by its number is a date. Those of times alone stay numbers, parts of a day.
    static func isDate(_ id: Int) -> Bool {
        (14...17).contains(id) || id == 22 || (27...31).contains(id) || id == 36 || (50...54).contains(id)
            || (57...58).contains(id)
    }

    /// Whether a format of one's own shows a year, a day, or a month without a time beside it.
    static func isDate(_ code: String) -> Bool {
        var letters: Set<Character> = []
        var text = code[...]
        while let character = text.popFirst() {
            switch character {
            case "\"":
                while let next = text.popFirst(), next != "\"" {}
            case "[":
                // a time that has passed, such as [h]; else a colour or a country
                let inside = text.prefix { $0 != "]" }
                text = text.dropFirst(inside.count + 1)
                if inside.allSatisfy({ "hmsHMS".contains($0) }) { letters.formUnion(["h"]) }
            case "\\", "_", "*": _ = text.popFirst()
            // the second part is for negative numbers
            case ";": return Self.isDate(letters)
            default:
                if character.isLetter { letters.insert(Character(character.lowercased())) }
            }
        }
        return isDate(letters)
    }

    private static func isDate(_ letters: Set<Character>) -> Bool {
        // General has an e and an r, but neither y, d nor m
        letters.contains("y") || letters.contains("d")
            || letters.contains("m") && !letters.contains("h") && !letters.contains("s")
    }
}

/// Days that Excel counts, as ISO 8601 text.
enum SerialDate {
    /// The text of a date, with its time where it is not midnight; nil for numbers that are no date of Excel's.
    static func text(_ days: Double, from1904: Bool) -> String? {
        guard days >= 0, days < 2_958_466 else { return nil }
        // the days of 1900 go wrong at a 29 February that was none
        let shift = from1904 ? -24_107.0 : days < 60 ? -25_568 : -25_569
        let milliseconds = ((days + shift) * 86_400_000).rounded()
        let seconds = (milliseconds / 1000).rounded(.down)
        let text = CSVDate.text(seconds)
        let rest = Int(milliseconds - seconds * 1000)
        guard rest > 0 else { return text }
        // a time of midnight is left out, but for its thousandths
        let whole = text.hasSuffix("Z") ? String(text.dropLast()) : text + "T00:00:00"
        let digits = String(rest)
        return whole + "." + String(repeating: "0", count: 3 - digits.count) + digits + "Z"
    }
}
