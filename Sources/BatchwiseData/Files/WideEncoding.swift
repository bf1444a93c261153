import Batchwise

extension DataSource.TextEncoding {
    /// The encoding of more than one byte a character that the first bytes of a file show: by a mark, or because every
    /// other byte is 0 and the rest is text of ASCII. nil where they show none.
    static func wide(_ head: [UInt8]) -> DataSource.TextEncoding? {
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) { return .utf32 }
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return .utf16 }
        if isWide(head, zerosAt: 1) { return .utf16LittleEndian }
        return isWide(head, zerosAt: 0) ? .utf16BigEndian : nil
    }

    /// Whether the bytes are pairs of a zero and a byte of text, but for a few other characters.
    private static func isWide(_ head: [UInt8], zerosAt place: Int) -> Bool {
        let pairs = head.count / 2
        guard pairs > 1 else { return false }
        var plain = 0
        for pair in 0..<pairs {
            let (high, low) = (head[2 * pair + place], head[2 * pair + 1 - place])
            if high == 0, low == 9 || low == 10 || low == 13 || (0x20..<0x7F).contains(low) {
                plain += 1
            } else if low == 0 || pair == 0 {
                return false
            }
        }
        return 4 * plain >= 3 * pairs
    }

    /// The number of bytes of UTF-8 that three bytes of this encoding become at most.
    var growth: Int {
        switch self {
        case .utf8, .utf32: 3
        case .utf16, .utf16LittleEndian, .utf16BigEndian: 5
        default: 9
        }
    }

    /// The encoding as messages write it.
    var title: String {
        switch self {
        case .utf8: "UTF-8"
        case .utf16: "UTF-16"
        case .utf16LittleEndian: "UTF-16, low byte first"
        case .utf16BigEndian: "UTF-16, high byte first"
        case .utf32: "UTF-32"
        case .windows1250, .windows1251, .windows1252: "Windows-" + rawValue.suffix(4)
        case .latin1, .latin2, .latin9: "Latin-" + rawValue.suffix(1)
        case .macRoman: "Mac Roman"
        }
    }
}
