import Batchwise
import Foundations

/// The bytes of a file that are no UTF-8, found when a text of it could not be read as such.
struct ForeignText {
    /// The line of the first of them, and the word in which it stands, as Windows-1252.
    let line: Int
    let word: String
    /// Whether Windows-1252 has no character for one of them.
    private let hasUndefined: Bool
    /// The numbers of such bytes, and of characters of several bytes that are UTF-8.
    private let foreign: Int
    private let genuine: Int

    /// Looks for bytes that are no UTF-8; nil where there are none.
    init?(_ source: ByteSource) throws(DataError) {
        var (line, firstLine, foreign, genuine) = (1, 0, 0, 0)
        var hasUndefined = false
        var word: [UInt8] = []
        /// Bytes of a character that has begun, and the number that still belong to it.
        var (begun, missing) = ([UInt8](), 0)
        var isWordOpen = false
        let undefined: [UInt8] = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
        func reject(_ bytes: [UInt8]) {
            foreign += bytes.count
            hasUndefined = hasUndefined || bytes.contains(where: undefined.contains)
            guard firstLine == 0 else { return }
            (firstLine, isWordOpen) = (line, true)
        }
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try block.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
                try source.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            for byte in block[..<count] {
                if firstLine == 0 || isWordOpen {
                    if Self.endsWord(byte) {
                        isWordOpen = false
                        if firstLine == 0 { word.removeAll(keepingCapacity: true) }
                    } else if word.count < 256 {
                        word.append(byte)
                    }
                }
                if missing > 0 {
                    if Self.continues(begun, byte) {
                        begun.append(byte)
                        missing -= 1
                        if missing == 0 { genuine += 1 }
                        continue
                    }
                    reject(begun)
                    missing = 0
                }
                switch byte {
                case 0..<0x80: if byte == 10 { line += 1 }
                case 0xC2...0xDF: (begun, missing) = ([byte], 1)
                case 0xE0...0xEF: (begun, missing) = ([byte], 2)
                case 0xF0...0xF4: (begun, missing) = ([byte], 3)
                default: reject([byte])
                }
            }
            if count < block.count { break }
        }
        if missing > 0 { reject(begun) }
        guard foreign > 0 else { return nil }
        self.line = firstLine
        let upper = CodePage.upperHalf(.windows1252) ?? []
        var text = ""
        for byte in word { text.unicodeScalars.append(byte < 128 ? Unicode.Scalar(byte) : upper[Int(byte) - 128]) }
        self.word = text
        self.hasUndefined = hasUndefined
        self.foreign = foreign
        self.genuine = genuine
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        [9, 10, 13, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "\"")].contains(byte)
    }

    /// Whether the byte may follow those of the character that has begun.
    private static func continues(_ begun: [UInt8], _ byte: UInt8) -> Bool {
        guard byte & 0xC0 == 0x80 else { return false }
        guard begun.count == 1 else { return true }
        // overlong forms, halves of pairs, and numbers beyond Unicode
        switch begun[0] {
        case 0xE0: return byte >= 0xA0
        case 0xED: return byte < 0xA0
        case 0xF0: return byte >= 0x90
        case 0xF4: return byte < 0x90
        default: return true
        }
    }

    /// The encoding that the text probably has.
    ///
    /// - Throws: `DataError.notText` where nothing shows one: the rest of the file is UTF-8, so that a byte is damaged,
    ///   or Windows-1252 does not have all the bytes.
    func encoding(file: String) throws(DataError) -> DataSource.TextEncoding {
        if genuine > 0, genuine >= foreign {
            throw .notText(
                file: file, line: line,
                detail:
                    "not UTF-8 in \"\(escaped(word, limit: 30))\", though other characters of the file are; mend it, or "
                    + "say data.encoding, or")
        }
        if hasUndefined {
            throw .notText(
                file: file, line: line,
                detail: "neither UTF-8 nor Windows-1252; say data.encoding (windows-1251, mac-roman, ...), or")
        }
        return .windows1252
    }

    func notice(file: String) -> String {
        "\(escaped(file, limit: 200)): is read as Windows-1252, because line \(line) is no UTF-8: "
            + "\"\(escaped(word, limit: 30))\" (data.encoding names another)"
    }
}
