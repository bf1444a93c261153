import Foundations

/// Rows of which most numbers are zero: only the others are stored (compressed sparse rows).
///
/// ```swift
/// // [0, 5, 0, 1], [0, 0, 0, 0], [2, 0, 0, 0]
/// let rows = try SparseRows(starts: [0, 2, 2, 3], columns: [1, 3, 0], values: [5, 1, 2], width: 4)
/// ```
/// Row `i` has the numbers `values[starts[i]..<starts[i + 1]]` in the columns of the same places. Training on them
/// gives the same bits as training on the same rows with their zeros, in float32; with `bfloat16` a layer that reads
/// them stays in float32.
public struct SparseRows: Equatable, Sendable {
    /// The number of rows.
    public var count: Int { starts.count - 1 }
    /// The number of columns of every row, including those that are zero.
    public let width: Int
    /// The place in `values` where each row begins, and as a last entry where the last row ends: `count + 1` places.
    public let starts: [Int]
    /// The column of each number, ascending within a row.
    public let columns: [Int32]
    /// The numbers that are stored, row after row.
    public let values: [Float]

    /// Rows from their three arrays.
    ///
    /// - Throws: `DataError` when the parts do not fit together, or a number is not finite; the error names the row.
    public init(starts: [Int], columns: [Int32], values: [Float], width: Int) throws(DataError) {
        guard width >= 1, Int32(exactly: width) != nil else { throw .badShape([width]) }
        guard starts.count >= 2 else { throw .noExamples }
        guard columns.count == values.count else {
            throw .elementCount(of: "columns", expected: values.count, found: columns.count)
        }
        guard starts[0] == 0, starts[starts.count - 1] == values.count else {
            throw .badSparseRow(
                row: starts[0] == 0 ? starts.count - 2 : 0, detail: "starts must run from 0 to the number of values")
        }
        for row in 0..<starts.count - 1 {
            guard starts[row] <= starts[row + 1], starts[row + 1] <= values.count else {
                throw .badSparseRow(row: row, detail: "starts must not descend")
            }
            var last: Int32 = -1
            for place in starts[row]..<starts[row + 1] {
                let column = columns[place]
                guard column > last, column < width else {
                    throw .badSparseRow(
                        row: row, detail: "columns must ascend within 0..<\(width), and \(column) does not")
                }
                guard values[place].isFinite else {
                    throw .nonFinite(in: "features", row: row, found: "\(values[place])")
                }
                last = column
            }
        }
        self.init(checked: starts, columns, values, width)
    }

    package init(checked starts: [Int], _ columns: [Int32], _ values: [Float], _ width: Int) {
        self.starts = starts
        self.columns = columns
        self.values = values
        self.width = width
    }

    /// Whether layers had better read the rows as they are. Where more than one number in sixteen is not zero, whole
    /// vectors of them are faster (128 rows of 14 in 123, one output: 3.8 microseconds an update, 5.8 as they are).
    package var areThin: Bool { 16 * values.count <= count * width }

    /// The rows of these numbers, in this order.
    package func rows(_ numbers: some Collection<Int>) -> SparseRows {
        var (starts, columns, values) = ([0], [Int32](), [Float]())
        for number in numbers {
            let places = self.starts[number]..<self.starts[number + 1]
            columns += self.columns[places]
            values += self.values[places]
            starts.append(values.count)
        }
        return SparseRows(checked: starts, columns, values, width)
    }
}
