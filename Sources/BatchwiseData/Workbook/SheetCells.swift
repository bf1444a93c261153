import Batchwise
import Foundations

/// The rows of cells of a sheet, one after the other.
struct SheetCells {
    enum Value {
        case number(Double)
        case date(String)
        case text([UInt8])
        case boolean(Bool)
        /// An error of Excel's such as #N/A.
        case error(String)
        /// A formula whose value is not in the file.
        case formula
    }

    struct Cell {
        /// From 0.
        let column: Int
        let value: Value
    }

    /// Excel's own bounds.
    static let mostColumns = 1 << 14
    static let mostRows = 1 << 20

    private var scanner: XMLScanner
    private let archive: WorkbookArchive
    private let member: String
    private let strings: SharedStrings
    private let styles: DateStyles
    private let countsFrom1904: Bool
    private var isInData = false
    /// The merged cells, which stand behind all rows.
    private(set) var merged = MergedCells()
    private var lastRow = 0

    init(
        _ archive: WorkbookArchive, _ sheet: SheetList.Sheet, _ strings: SharedStrings, _ styles: DateStyles,
        countsFrom1904: Bool
    ) throws(DataError) {
        self.archive = archive
        self.strings = strings
        self.styles = styles
        self.countsFrom1904 = countsFrom1904
        member = sheet.member
        scanner = try archive.scanner(sheet.member)
    }

    /// The cells of the next row that have a value, in the order of their columns, and its number from 1; nil behind the
    /// last row.
    mutating func next() throws(DataError) -> (row: Int, cells: [Cell])? {
        while let event = try scanner.next() {
            switch event {
            case .start("sheetData", _): isInData = true
            case .end("sheetData"): isInData = false
            case .start("mergeCell", let attributes): merged.add(attributes["ref"] ?? "")
            case .start("row", let attributes) where isInData:
                let row = attributes["r"].map { Int($0) ?? 0 } ?? lastRow + 1
                guard row > lastRow, row <= Self.mostRows else {
                    throw corrupt("row \(escaped(attributes["r"] ?? "", limit: 20)) stands in the wrong place")
                }
                lastRow = row
                return (row, try cells())
            default: break
            }
        }
        return nil
    }

    private mutating func cells() throws(DataError) -> [Cell] {
        var cells: [Cell] = []
        var next = 0
        while let event = try scanner.next() {
            switch event {
            case .end("row"): return cells
            case .start("c", let attributes):
                let column = attributes["r"].map { Self.column($0) ?? -1 } ?? next
                guard column >= next, column < Self.mostColumns else {
                    throw corrupt(
                        "cell \(escaped(attributes["r"] ?? "", limit: 20)) of row \(lastRow) stands in the wrong place")
                }
                next = column + 1
                if let value = try value(attributes, column) { cells.append(Cell(column: column, value: value)) }
            default: break
            }
        }
        throw corrupt("row \(lastRow) is not closed")
    }

    /// The value of the cell that has just been opened; nil where it has none.
    private mutating func value(
        _ attributes: [(name: String, value: String)], _ column: Int
    ) throws(DataError) -> Value? {
        var (text, hasFormula) = ([UInt8]?.none, false)
        while let event = try scanner.next() {
            switch event {
            case .end("c"):
                guard let text, !text.isEmpty else {
                    // an empty text may be the value of a formula
                    return hasFormula && attributes["t"] != "str" ? .formula : nil
                }
                return try value(text, attributes, column)
            case .start("v", _): text = try scanner.text()
            case .start("is", _): text = try scanner.text(of: "t", without: "rPh")
            case .start("f", _):
                hasFormula = true
                _ = try scanner.text()
            default: break
            }
        }
        throw corrupt("a cell is not closed")
    }

    private func value(
        _ text: [UInt8], _ attributes: [(name: String, value: String)], _ column: Int
    ) throws(DataError) -> Value? {
        func bad(_ detail: String) -> DataError {
            corrupt("cell \(Self.name(column: column))\(lastRow): \(detail)")
        }
        func string() -> String { String(decoding: text, as: UTF8.self) }
        switch attributes["t"] ?? "n" {
        case "s":
            guard let place = Int(string()), let shared = strings.text(place) else {
                throw bad("there is no shared text \(escaped(string(), limit: 20))")
            }
            return shared.isEmpty ? nil : try checked(Array(shared), bad)
        case "str", "inlineStr": return text.isEmpty ? nil : try checked(text, bad)
        case "b": return .boolean(string() == "1" || string().lowercased() == "true")
        case "e": return .error(string())
        case "d": return .date(string())
        case "n":
            let trimmed = text.filter { $0 > 0x20 }
            guard !trimmed.isEmpty else { return nil }
            guard let number = CSVNumber.parse(trimmed, trimmed.indices), number.isFinite else {
                throw bad("\"\(escaped(string(), limit: 30))\" is no number")
            }
            if let style = attributes["s"].flatMap({ Int($0) }), styles.isDate(style: style),
                let date = SerialDate.text(number, from1904: countsFrom1904)
            {
                return .date(date)
            }
            return .number(number)
        case let other: throw bad("a value of the type \(escaped(other, limit: 20)) is unknown")
        }
    }

    private func checked(_ text: [UInt8], _ bad: (String) -> DataError) throws(DataError) -> Value {
        guard String(validating: text, as: UTF8.self) != nil, !text.contains(0) else {
            throw bad("its text is not UTF-8")
        }
        return .text(text)
    }

    private func corrupt(_ detail: String) -> DataError { archive.corrupt("\(member): \(detail)") }

    /// The column of a cell such as `AB12`, from 0; nil where the name is none.
    static func column(_ name: String) -> Int? {
        var column = 0
        for byte in name.utf8.prefix(while: { $0 >= UInt8(ascii: "A") }) {
            guard byte <= UInt8(ascii: "Z"), column < mostColumns else { return nil }
            column = 26 * column + Int(byte - UInt8(ascii: "A")) + 1
        }
        return column > 0 && column <= mostColumns ? column - 1 : nil
    }

    /// The letters of a column, counted from 0.
    static func name(column: Int) -> String {
        var (rest, name) = (column + 1, "")
        while rest > 0 {
            name = String(UnicodeScalar(UInt8(ascii: "A") + UInt8((rest - 1) % 26))) + name
            rest = (rest - 1) / 26
        }
        return name
    }
}
