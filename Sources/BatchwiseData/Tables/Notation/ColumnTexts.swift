/// The different texts of a column, with the number of cells that have each, and where the first of them stands.
struct ColumnTexts {
    /// The bytes of all texts, one after the other, and where each ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// For each text, the number of cells that have it.
    private(set) var counts: [Int] = []
    /// For each text, the first row that has it.
    private(set) var rows: [Int] = []

    var count: Int { ends.count }

    /// The number of cells that have a text.
    var cellCount: Int { counts.reduce(0, +) }

    /// The texts of a column of a table.
    init(codes: [Int32], levels: [String]) {
        for level in levels { append(level.utf8) }
        counts = [Int](repeating: 0, count: levels.count)
        rows = [Int](repeating: Int.max, count: levels.count)
        for (row, code) in codes.enumerated() where code >= 0 { note(Int(code), row: row) }
    }

    init() {}

    mutating func append(_ text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }

    /// Sets the counts and first rows of all texts, which are as many as have been appended, or fewer.
    mutating func setCounts(_ counts: [Int], rows: [Int]) {
        self.counts = counts + repeatElement(0, count: ends.count - counts.count)
        self.rows = rows + repeatElement(Int.max, count: ends.count - rows.count)
    }

    /// Counts a cell.
    @inline(__always)
    mutating func note(_ text: Int, row: Int) {
        counts[text] += 1
        if row < rows[text] { rows[text] = row }
    }

    /// Takes a cell back.
    mutating func remove(_ text: Int) { counts[text] -= 1 }

    func withBytes<Result>(_ text: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = (text == 0 ? 0 : ends[text - 1])..<ends[text]
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    func text(_ text: Int) -> String { withBytes(text) { String(decoding: $0, as: UTF8.self) } }
}
