import Batchwise

/// The recognition of prose: text for people, whose next character can be learned, and not a table in a text file.
enum PlainText {
    /// The endings of files that may hold prose. A table in such a file is told by its lines.
    private static let endings = [".txt", ".text", ".md"]
    /// The bytes at the beginning of a file that decide.
    private static let sample = 1 << 16
    /// The lines of the sample that are looked at.
    private static let mostLines = 200

    /// Whether a file is named like prose, and its beginning is no table, no LIBSVM text and no list of numbers.
    static func isIn(_ file: FoundFile) throws(DataError) -> Bool {
        let name = file.path.lowercased()
        guard file.bytes != nil, file.array == nil,
            endings.contains(where: { ending in ([""] + Packing.endings).contains { name.hasSuffix(ending + $0) } }),
            !LIBSVM.recognises(file.head)
        else { return false }
        // the bytes of the file itself are still to be read from their beginning
        let source = try ByteSource(path: file.path).inUTF8(from: nil)
        var bytes = [UInt8](repeating: 0, count: sample)
        let count = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try source.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        return isProse(bytes[..<count])
    }

    /// Whether these bytes look like prose: words that are no numbers, in lines that are not cut alike.
    static func isProse(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard !bytes.contains(0) else { return false }
        let lines = bytes.split(maxSplits: mostLines, whereSeparator: { $0 == 10 || $0 == 13 }).prefix(mostLines)
        let words = lines.map { $0.split(whereSeparator: { $0 == 32 || $0 == 9 }) }
        let numbers = words.joined().count { CSVNumber.parse(Array($0), 0..<$0.count) != nil }
        guard 2 * numbers < words.joined().count else { return false }
        let isCut = ",;\t|".utf8.contains { separator in
            lines.count > 1 && evenShare(lines.map { line in 1 + line.count { $0 == separator } }) > 0.6
        }
        guard !isCut, lines.count < 3 || evenShare(words.map(\.count)) < 0.9 else { return false }
        // the last line of the sample may be cut
        let whole = bytes.last == 10 ? lines : lines.dropLast()
        return !FixedWidthEvidence(whole.enumerated().map { ($0.element, $0.offset + 1) }).isShown
    }

    /// The share of the lines that have the most frequent number of fields; 0 where that is one.
    private static func evenShare(_ fields: [Int]) -> Double {
        let counts = Dictionary(fields.map { ($0, 1) }, uniquingKeysWith: +)
        guard let usual = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), usual.key > 1 else { return 0 }
        return Double(usual.value) / Double(fields.count)
    }
}
