/// A file of LIBSVM text: a line an example, `label index:value index:value ...`, with the numbers that are not zero.
///
/// Indices ascend and begin at 1, or at 0 where the file has a 0. A `#` begins a comment; `qid:` is passed over; empty
/// lines are no examples. See Chang and Lin, "LIBSVM: a library for support vector machines", 2011.
struct LIBSVM: Sendable {
    /// Larger indices are damage, or hashes: the weights of a layer alone would fill memory.
    static let largestIndex = 1 << 27

    /// More features than this stay as they are: words, which are scaled already, and would fill the model's file.
    static let mostScaled = 1 << 20

    let path: String
    /// The label of each example.
    private(set) var labels: [Double] = []
    /// Where each example's numbers begin, and where the last one's end.
    private(set) var starts = [0]
    private(set) var indices: [Int32] = []
    private(set) var values: [Float] = []
    private var smallestIndex: Int32 = 1
    private var largestIndex: Int32 = -1
    /// The line of the first number with the smallest index.
    private var lineOfSmallest = 1

    init(_ source: ByteSource) throws(DataError) {
        let limit = source.isCompressed ? min(max(1 << 26, source.atMost / 11), 1 << 32) : memoryLimit
        try self.init(path: source.path, bytes: try source.rest(limit: limit))
    }

    init(path: String, bytes: [UInt8]) throws(DataError) {
        self.path = path
        var line = Line(path: path, bytes: bytes)
        while line.isThere {
            if let label = try line.label() {
                var last: Int32 = -1
                while let (index, value) = try line.number(after: last) {
                    last = index
                    if index < smallestIndex { (smallestIndex, lineOfSmallest) = (index, line.number) }
                    largestIndex = max(largestIndex, index)
                    // what is zero adds nothing
                    if value != 0 {
                        indices.append(index)
                        values.append(value)
                    }
                }
                labels.append(label)
                starts.append(values.count)
            }
            line.advance()
        }
        guard !labels.isEmpty else { throw .noRows(path) }
    }

    /// Whether text looks like this format, as far as its first example shows.
    static func recognises(_ head: [UInt8]) -> Bool {
        var line = Line(path: "", bytes: head)
        while line.isThere {
            let isWhole = head[line.rest].contains(where: isLineEnd)
            var words: [Range<Int>] = []
            while let word = line.word() { words.append(word) }
            // The last word may be cut off by the end of the head.
            if !isWhole, words.count > 2 { words.removeLast() }
            if let label = words.first {
                guard words.count > 1, CSVNumber.parse(head, label, comma: .none) != nil else { return false }
                return words.dropFirst().allSatisfy { word in
                    if head[word].starts(with: Line.query) { return true }
                    guard let at = head[word].firstIndex(of: colon), at > word.lowerBound else { return false }
                    return head[word.lowerBound..<at].allSatisfy(isDigit)
                        && CSVNumber.parse(head, at + 1..<word.upperBound, comma: .none) != nil
                }
            }
            line.advance()
        }
        return false
    }
}

extension LIBSVM: ExampleFile {
    var count: Int { labels.count }
    var featureShape: [Int] { [max(Int(largestIndex) - firstIndex, 0) + 1] }
    var keepsTestRows: Bool { true }
    private var firstIndex: Int { smallestIndex == 0 ? 0 : 1 }

    /// The largest magnitude of every feature: what is zero has to stay so, and a division leaves it.
    func fitted(rows: [Int]?, standardise: Bool) -> Preprocessing.Features {
        guard standardise, featureShape[0] <= Self.mostScaled, !values.allSatisfy({ abs($0) == 1 }) else {
            return .sparse(firstIndex: firstIndex, magnitudes: [])
        }
        var magnitudes = [Float](repeating: 0, count: featureShape[0])
        for row in rows ?? Array(0..<count) {
            for place in starts[row]..<starts[row + 1] {
                let column = Int(indices[place]) - firstIndex
                magnitudes[column] = max(magnitudes[column], abs(values[place]))
            }
        }
        return .sparse(firstIndex: firstIndex, magnitudes: magnitudes.map { $0 == 0 ? 1 : $0 })
    }

    /// Features that training has not seen are left out, as unknown categories are.
    func features(for preprocessing: Preprocessing) throws(DataError) -> Dataset.Features {
        guard case .sparse(let first, let magnitudes) = preprocessing.features else {
            throw .unsupported(file: path, detail: "holds sparse rows, and the model was trained on something else")
        }
        guard smallestIndex >= first else {
            throw .badLine(
                file: path, line: lineOfSmallest, detail: "index 0, but the indices of the training file begin at 1")
        }
        let width = preprocessing.featureShape[0]
        var (kept, columns, numbers) = ([0], [Int32](), [Float]())
        kept.reserveCapacity(starts.count)
        columns.reserveCapacity(values.count)
        numbers.reserveCapacity(values.count)
        for row in 0..<count {
            for place in starts[row]..<starts[row + 1] where Int(indices[place]) - first < width {
                let column = Int(indices[place]) - first
                columns.append(Int32(column))
                numbers.append(magnitudes.isEmpty ? values[place] : values[place] / magnitudes[column])
            }
            kept.append(numbers.count)
        }
        return .sparse(try SparseRows(starts: kept, columns: columns, values: numbers, width: width))
    }

    func target(labels path: String?) throws(DataError) -> RawTarget {
        guard path == nil else {
            throw .badSource("data.labels is for IDX and NPY files; the rows of LIBSVM files begin with theirs")
        }
        return RawTarget(file: self.path, values: .numbers(labels), width: 1, origin: .floats)
    }
}

/// One line of the text after the other, cut into its words.
private struct Line {
    static let query = Array("qid:".utf8)

    let path: String
    let bytes: [UInt8]
    private var position = 0
    private(set) var number = 1

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// What is still to be read.
    var rest: Range<Int> { position..<bytes.count }
    var isThere: Bool { position < bytes.count }

    /// Passes over what is left of the line.
    mutating func advance() {
        while position < bytes.count, !isLineEnd(bytes[position]) { position += 1 }
        guard position < bytes.count else { return }
        let isPair = bytes[position] == carriageReturn && position + 1 < bytes.count && bytes[position + 1] == lineFeed
        position += isPair ? 2 : 1
        number += 1
    }

    /// The label, or nil where the line is empty.
    mutating func label() throws(DataError) -> Double? {
        guard let word = word() else { return nil }
        guard let label = CSVNumber.parse(bytes, word, comma: .none) else {
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
        while at < word.upperBound, isDigit(bytes[at]), index <= LIBSVM.largestIndex {
            index = 10 * index + Int(bytes[at] - UInt8(ascii: "0"))
            at += 1
        }
        guard index <= LIBSVM.largestIndex else {
            throw error("the index of \(text(word)) is beyond \(LIBSVM.largestIndex); number the features from 1")
        }
        guard at > word.lowerBound, at < word.upperBound, bytes[at] == colon else {
            throw error("index:value expected, \(text(word)) found")
        }
        guard index > last else { throw error("index \(index) follows \(last); indices must ascend") }
        let digits = at + 1..<word.upperBound
        if digits.count == 1, isDigit(bytes[at + 1]) {
            return (Int32(index), Float(bytes[at + 1] - UInt8(ascii: "0")))
        }
        guard let value = CSVNumber.parse(bytes, digits, comma: .none) else {
            throw error("index:value expected, \(text(word)) found")
        }
        guard Float(value).isFinite else { throw error("\(text(word)) is not a finite number") }
        return (Int32(index), Float(value))
    }

    /// The next word of the line, or nil at its end or a comment.
    mutating func word() -> Range<Int>? {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
        let start = position
        while position < bytes.count, !isBlank(bytes[position]), !isLineEnd(bytes[position]), bytes[position] != hash {
            position += 1
        }
        return position > start ? start..<position : nil
    }

    private func error(_ detail: String) -> DataError { .badLine(file: path, line: number, detail: detail) }

    private func text(_ word: Range<Int>) -> String {
        "\"" + String(decoding: bytes[word].prefix(40), as: UTF8.self) + "\""
    }
}

private let space = UInt8(ascii: " ")
private let colon = UInt8(ascii: ":")
private let hash = UInt8(ascii: "#")
private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == UInt8(ascii: "\t") }
private func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }
private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
