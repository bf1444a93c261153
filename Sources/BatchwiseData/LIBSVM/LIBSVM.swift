import Batchwise

/// A file of LIBSVM text: a line an example, `label index:value index:value ...`, with the numbers that are not zero.
///
/// Indices ascend and begin at 1, or at 0 where the file has a 0. A `#` begins a comment; `qid:` is passed over; empty
/// lines are no examples. See Chang and Lin, "LIBSVM: a library for support vector machines", 2011.
struct LIBSVM: Sendable {
    /// Larger indices are damage, or hashes, for which the weights of a layer alone would fill memory.
    static let largestIndex = 1 << 27

    /// A model has weights for every index up to the largest. To learn from a few numbers it may be this large, and from
    /// more this many times as large as they are many.
    static let (plausibleIndex, plausibleRatio) = (1 << 22, 256)

    /// More features than this are not scaled: they are words, which are scaled already, and their magnitudes would
    /// fill the model's file.
    static let mostScaled = 1 << 20

    let path: String
    /// The label of each example.
    private(set) var labels: [Double] = []
    /// The place where each example's numbers begin, and as a last entry where the last example's end.
    private(set) var starts = [0]
    private(set) var indices: [Int32] = []
    private(set) var values: [Float] = []
    private(set) var smallestIndex: Int32 = 1
    private(set) var largestIndex: Int32 = -1
    /// The file and line of the first number with the smallest index.
    private(set) var fileOfSmallest: String
    private(set) var lineOfSmallest = 1
    /// The file and line of the first number with the largest index.
    private(set) var fileOfLargest: String
    private(set) var lineOfLargest = 1

    init(_ source: ByteSource) throws(DataError) {
        try self.init(path: source.path, bytes: try source.text())
    }

    init(path: String, bytes: [UInt8]) throws(DataError) {
        self.path = path
        (fileOfSmallest, fileOfLargest) = (path, path)
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
                    if index > largestIndex { (largestIndex, lineOfLargest) = (index, scanner.line) }
                    // zeros add nothing
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
        (fileOfSmallest, fileOfLargest) = (path, path)
        (smallestIndex, largestIndex) = (range.lowerBound, range.upperBound)
    }

    /// The range from the smallest index, at most 1, to the largest.
    var indexRange: ClosedRange<Int32> { smallestIndex...max(smallestIndex, largestIndex) }

    /// Puts the examples of another file behind these.
    mutating func append(_ other: LIBSVM) {
        if other.smallestIndex < smallestIndex {
            (smallestIndex, fileOfSmallest, lineOfSmallest) = (other.smallestIndex, other.path, other.lineOfSmallest)
        }
        if other.largestIndex > largestIndex {
            (largestIndex, fileOfLargest, lineOfLargest) = (other.largestIndex, other.path, other.lineOfLargest)
        }
        let offset = values.count
        starts += other.starts.dropFirst().map { $0 + offset }
        labels += other.labels
        indices += other.indices
        values += other.values
    }
}
