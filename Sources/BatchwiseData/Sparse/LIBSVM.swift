import Batchwise
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
    /// The file and line of the first number with the smallest index.
    private var fileOfSmallest: String
    private var lineOfSmallest = 1

    init(_ source: ByteSource) throws(DataError) {
        try self.init(path: source.path, bytes: try source.text())
    }

    init(path: String, bytes: [UInt8]) throws(DataError) {
        self.path = path
        fileOfSmallest = path
        var scanner = LIBSVMScanner(path: path, bytes: bytes)
        let lines = LIBSVMScanner.lineCount(bytes)
        labels.reserveCapacity(lines)
        starts.reserveCapacity(lines + 1)
        while scanner.isThere {
            if let label = try scanner.label() {
                var last: Int32 = -1
                while let (index, value) = try scanner.number(after: last) {
                    last = index
                    if index < smallestIndex { (smallestIndex, lineOfSmallest) = (index, scanner.line) }
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
            scanner.advance()
        }
        guard !labels.isEmpty else { throw .noRows(path) }
    }

    /// Rows that have been checked; `range` is from the smallest to the largest index that the source named.
    init(
        path: String, labels: [Double], starts: [Int], indices: [Int32], values: [Float], range: ClosedRange<Int32>
    ) {
        self.path = path
        self.labels = labels
        self.starts = starts
        self.indices = indices
        self.values = values
        fileOfSmallest = path
        (smallestIndex, largestIndex) = (range.lowerBound, range.upperBound)
    }

    /// From the smallest index, at most 1, to the largest.
    var indexRange: ClosedRange<Int32> { smallestIndex...max(smallestIndex, largestIndex) }

    /// Puts the examples of another file behind these.
    mutating func append(_ other: LIBSVM) {
        if other.smallestIndex < smallestIndex {
            (smallestIndex, fileOfSmallest, lineOfSmallest) = (other.smallestIndex, other.path, other.lineOfSmallest)
        }
        largestIndex = max(largestIndex, other.largestIndex)
        let offset = values.count
        starts += other.starts.dropFirst().map { $0 + offset }
        labels += other.labels
        indices += other.indices
        values += other.values
    }

    /// Whether text looks like this format, as far as its first example shows.
    static func recognises(_ head: [UInt8]) -> Bool {
        var scanner = LIBSVMScanner(path: "", bytes: head)
        while scanner.isThere {
            let isWhole = head[scanner.rest].contains(where: LIBSVMScanner.isLineEnd)
            var words: [Range<Int>] = []
            while let word = scanner.word() { words.append(word) }
            // The last word may be cut off by the end of the head.
            if !isWhole, words.count > 2 { words.removeLast() }
            if let label = words.first {
                guard words.count > 1, CSVNumber.parse(head, label, comma: .none) != nil else { return false }
                return words.dropFirst().allSatisfy { word in
                    if head[word].starts(with: LIBSVMScanner.query) { return true }
                    guard let at = head[word].firstIndex(of: LIBSVMScanner.colon), at > word.lowerBound else {
                        return false
                    }
                    return head[word.lowerBound..<at].allSatisfy(LIBSVMScanner.isDigit)
                        && CSVNumber.parse(head, at + 1..<word.upperBound, comma: .none) != nil
                }
            }
            scanner.advance()
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
    func fitted(rows: RowList?, standardise: Bool) -> Preprocessing.Features {
        guard standardise, featureShape[0] <= Self.mostScaled, !values.allSatisfy({ abs($0) == 1 }) else {
            return .sparse(firstIndex: firstIndex, magnitudes: [])
        }
        var magnitudes = [Float](repeating: 0, count: featureShape[0])
        for row in rows ?? RowList(0..<count) {
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
                file: fileOfSmallest, line: lineOfSmallest,
                detail: "index 0, but the indices of the training file begin at 1")
        }
        let width = preprocessing.featureShape[0]
        if Int(largestIndex) - first < width, magnitudes.isEmpty {
            let columns = first == 0 ? indices : indices.map { $0 - Int32(first) }
            return .sparse(try SparseRows(starts: starts, columns: columns, values: values, width: width))
        }
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

    func target(labels: [String]) throws(DataError) -> RawTarget {
        guard labels.isEmpty else {
            throw .badSource("data.labels is for IDX and NPY files; the rows of LIBSVM files begin with theirs")
        }
        return RawTarget(file: path, values: .numbers(self.labels), width: 1, origin: .floats)
    }
}
