import Batchwise
import Foundations

/// The values of one column of a database, while its cells are being read.
///
/// A column is numbers when each of its cells is a number, a text that is one, or nothing; else it is texts.
struct SQLiteColumn {
    let name: String
    let kind: Table.Kind
    private var numbers: [Double] = []
    /// The text in each row, -1 where there is none; empty until the first text.
    private var codes: [Int32] = []
    private var interner = LevelInterner()
    /// A row in which each text appears, for an error about it.
    private var rows: [Int] = []
    private var isText: Bool
    private var scratch: [UInt8] = []

    init(name: String, kind: Table.Kind) {
        self.name = name
        self.kind = kind
        isText = kind == .categorical
    }

    /// Takes the cell of the statement's row; `row` counts from 1.
    mutating func append(_ statement: SQLiteStatement, _ place: Int, row: Int, path: String) throws(DataError) {
        guard kind != .skip else { return }
        switch statement.value(place) {
        case .null: append(.nan)
        case .integer(let number): append(Double(number))
        case .real(let number):
            guard number.isFinite else { throw bad(path, row, "\(number) is not a finite number") }
            append(number)
        case .text:
            statement.text(place, into: &scratch)
            try appendText(row: row, path: path)
        case .blob:
            throw bad(path, row, "is a blob, which is not read here; leave the column out with data.ignore")
        }
    }

    func finished(path: String) throws(DataError) -> Table.Column {
        if kind == .skip { return Table.Column(name: name, values: .skipped) }
        guard isText else { return Table.Column(name: name, values: .numeric(numbers)) }
        var codes = codes
        let texts = try interner.sort(&codes) { bad(path, rows[$0], "a text that is not UTF-8") }
        return Table.Column(name: name, values: .categorical(codes: codes, levels: texts))
    }

    /// A number, or NaN for nothing.
    private mutating func append(_ number: Double) {
        numbers.append(number)
        // The text of a number is needed only where the column has texts.
        guard isText || !codes.isEmpty else { return }
        appendCode(of: Self.text(of: number), row: numbers.count)
    }

    private mutating func appendText(row: Int, path: String) throws(DataError) {
        let whole = 0..<scratch.count
        let isMissing = scratch.withUnsafeBufferPointer { CSVNumber.isMissing($0, whole) }
        let number = isMissing ? Double.nan : CSVNumber.parse(scratch, whole)
        guard kind != .numeric && kind != .date || number != nil else {
            throw bad(
                path, row,
                "a number expected, \"\(escaped(String(decoding: scratch, as: UTF8.self), limit: 60))\" found")
        }
        if let number, number.isInfinite { throw bad(path, row, "\(number) is not a finite number") }
        if kind == .either { startTexts() }
        numbers.append(number ?? .nan)
        if number == nil { isText = true }
        if kind != .numeric, kind != .date { appendCode(of: isMissing ? [] : scratch, row: row) }
    }

    /// The rows before the first text become texts too.
    private mutating func startTexts() {
        guard codes.isEmpty else { return }
        for (row, number) in numbers.enumerated() { appendCode(of: Self.text(of: number), row: row + 1) }
    }

    private static func text(of number: Double) -> [UInt8] {
        if number.isNaN { return [] }
        return Array((Int64(exactly: number).map { "\($0)" } ?? "\(number)").utf8)
    }

    private mutating func appendCode(of text: [UInt8], row: Int) {
        if text.isEmpty {
            codes.append(-1)
            return
        }
        // the text is followed by the zeros that must be readable behind it
        codes.append(interner.code(of: text + [UInt8](repeating: 0, count: 8), count: text.count))
        if interner.count > rows.count { rows.append(row) }
    }

    private func bad(_ path: String, _ row: Int, _ detail: String) -> DataError {
        .badCell(file: path, place: "row \(row)", column: name, detail: detail)
    }
}
