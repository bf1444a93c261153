/// Parts of a text that stand one after the other in a few lines; the last ones are only counted where there is no room.
struct ScreenList {
    /// Text before the parts, such as "12 numbers: ".
    var before = ""
    var parts: [String]
    /// The sign between parts.
    var separator = ","
    /// Text behind the parts.
    var after = ""

    init(_ parts: [String], before: String = "", separator: String = ",", after: String = "") {
        self.parts = parts
        self.before = before
        self.separator = separator
        self.after = after
    }

    /// At most so many lines of so many columns.
    func lines(width: Int, most: Int) -> [String] {
        // every part takes a character and its separator at least
        var shown = min(parts.count, max(1, width * most / 2))
        while true {
            let lines = brokenLines(text(shown), width: width)
            if lines.count <= most || shown == 0 { return Array(lines.prefix(most)) }
            shown -= 1
        }
    }

    private func text(_ shown: Int) -> String {
        let more = parts.count - shown
        var words = Array(parts.prefix(shown))
        if more > 0 { words.append((shown > 0 ? "and " : "") + "\(grouped(Double(more))) more") }
        return before + words.joined(separator: separator + " ") + after
    }
}

/// The words of a text in lines of so many columns of a terminal; a word that is longer than a line is broken.
func brokenLines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var (line, used) = ("", 0)
    for word in text.split(separator: " ") {
        let columns = screenColumns(word)
        if used > 0, used + 1 + columns <= width {
            line += " \(word)"
            used += 1 + columns
            continue
        }
        if used > 0 { lines.append(line) }
        (line, used) = ("", 0)
        for character in word {
            let columns = screenColumns(character)
            if used + columns > width {
                lines.append(line)
                (line, used) = ("", 0)
            }
            line.append(character)
            used += columns
        }
    }
    return used > 0 ? lines + [line] : lines
}

/// The columns that a text takes on a terminal.
func screenColumns(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + screenColumns($1) } }

/// Two columns for the characters of East Asian scripts and for emoji, none for marks that stand over others.
private func screenColumns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first, scalar.value >= 0x300 else { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
}
