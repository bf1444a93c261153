import Batchwise

/// Cuts LIBSVM text into words, one line after the other.
struct LIBSVMScanner {
    static let query = Array("qid:".utf8)

    let path: String
    let bytes: [UInt8]
    private var position = 0
    /// The number of the line that is being read, counted from 1.
    private(set) var line = 1

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The number of lines that are not empty; each of them may hold an example.
    static func lineCount(_ bytes: [UInt8]) -> Int {
        var count = 0
        var isAtStart = true
        for byte in bytes {
            let ends = isLineEnd(byte)
            if isAtStart, !ends { count += 1 }
            isAtStart = ends
        }
        return count
    }

    /// The bytes that have not been read yet.
    var rest: Range<Int> { position..<bytes.count }
    var isThere: Bool { position < bytes.count }

    /// Passes over what is left of the line.
    mutating func advance() {
        while position < bytes.count, !Self.isLineEnd(bytes[position]) { position += 1 }
        guard position < bytes.count else { return }
        let isPair = bytes[position] == carriageReturn && position + 1 < bytes.count && bytes[position + 1] == lineFeed
        position += isPair ? 2 : 1
        line += 1
    }

    /// The label, or nil where the line is empty.
    mutating func label() throws(DataError) -> Double? {
        guard let word = word() else { return nil }
        guard let label = CSVNumber.parse(bytes, word) else {
            if bytes[word].contains(UInt8(ascii: ",")) {
                throw error("\(text(word)) is several labels, and an example may have one")
            }
            throw error("a number expected as the label, \(text(word)) found")
        }
        guard label.isFinite else { throw error("the label \(text(word)) is not a finite number") }
        return label
    }

    /// The next `index:value`, or nil where the line ends.
    mutating func number(after last: Int32) throws(DataError) -> (index: Int32, value: Float)? {
        var next = word()
        while let word = next, bytes[word].starts(with: Self.query) { next = self.word() }
        guard let word = next else { return nil }
        var at = word.lowerBound
        var index = 0
        while at < word.upperBound, Self.isDigit(bytes[at]), index <= LIBSVM.largestIndex {
            index = 10 * index + Int(bytes[at] - UInt8(ascii: "0"))
            at += 1
        }
        guard index <= LIBSVM.largestIndex else {
            throw error("the index of \(text(word)) is beyond \(LIBSVM.largestIndex); number the features from 1")
        }
        guard at > word.lowerBound, at < word.upperBound, bytes[at] == Self.colon else {
            throw error("index:value expected, \(text(word)) found")
        }
        guard index > last else { throw error("index \(index) follows \(last); indices must ascend") }
        let digits = at + 1..<word.upperBound
        if digits.count == 1, Self.isDigit(bytes[at + 1]) {
            return (Int32(index), Float(bytes[at + 1] - UInt8(ascii: "0")))
        }
        guard let value = CSVNumber.parse(bytes, digits) else {
            throw error("index:value expected, \(text(word)) found")
        }
        guard Float(value).isFinite else { throw error("\(text(word)) is not a finite number") }
        return (Int32(index), Float(value))
    }

    /// The next word of the line, or nil at its end or a comment.
    mutating func word() -> Range<Int>? {
        while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
        let start = position
        while position < bytes.count, !Self.isBlank(bytes[position]), !Self.isLineEnd(bytes[position]),
            bytes[position] != UInt8(ascii: "#")
        {
            position += 1
        }
        return position > start ? start..<position : nil
    }

    private func error(_ detail: String) -> DataError { .badLine(file: path, line: line, detail: detail) }

    private func text(_ word: Range<Int>) -> String {
        "\"" + String(decoding: bytes[word].prefix(40), as: UTF8.self) + "\""
    }

    static let colon = UInt8(ascii: ":")
    static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
