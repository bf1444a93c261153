import Batchwise
import Foundations

/// The rows of a sheet of a workbook. Lines are the rows of the sheet, whose empty rows are empty lines.
struct SheetRows: RowSource {
    var hasTypedNumbers: Bool { true }
    private let sheet: SheetList.Sheet
    private let list: SheetList
    /// The columns that have values, from 0.
    private let columns: Range<Int>
    /// Cells that are read as missing: the number of those with errors and of formulas without a value, and the first.
    private let errors: (count: Int, first: String)
    private let formulas: (count: Int, first: String)
    private let merged: MergedCells

    /// Finds the columns by all rows.
    init(_ archive: WorkbookArchive, _ list: SheetList, _ sheet: SheetList.Sheet) throws(DataError) {
        var cells = try SheetCells(archive, sheet, SharedStrings.of(archive, list), DateStyles(), countsFrom1904: false)
        var columns: Range<Int>?
        var (errors, formulas) = ((count: 0, first: ""), (count: 0, first: ""))
        while let row = try cells.next() {
            for cell in row.cells {
                columns =
                    columns.map { min($0.lowerBound, cell.column)..<max($0.upperBound, cell.column + 1) }
                    ?? cell.column..<(cell.column + 1)
                let place = "\(SheetCells.name(column: cell.column))\(row.row)"
                switch cell.value {
                case .error(let word):
                    if errors.count == 0 { errors.first = "\(escaped(word, limit: 20)) in \(place)" }
                    errors.count += 1
                case .formula:
                    if formulas.count == 0 { formulas.first = place }
                    formulas.count += 1
                default: break
                }
            }
        }
        guard let columns else { throw .noRows(archive.path + ":" + sheet.name) }
        self.columns = columns
        self.sheet = sheet
        self.list = list
        self.errors = errors
        self.formulas = formulas
        merged = cells.merged
    }

    func notices(file: String) -> [String] {
        let file = escaped(file, limit: 200)
        var notices: [String] = []
        if errors.count > 0 {
            notices.append(
                "\(file): \(errors.count) \(errors.count == 1 ? "cell has an error and is" : "cells have errors and are") "
                    + "missing, first \(errors.first)")
        }
        if formulas.count > 0 {
            notices.append(
                "\(file): \(formulas.count) \(formulas.count == 1 ? "formula has" : "formulas have") no value in the file "
                    + "and \(formulas.count == 1 ? "is" : "are") missing, first in \(formulas.first); open the file in a "
                    + "spreadsheet and save it")
        }
        if let first = merged.first {
            notices.append("\(file): merged cells such as \(first) have their value in each of their rows")
        }
        return notices
    }

    func rows(of origin: TextOrigin) throws(DataError) -> any RowStream {
        let archive = try WorkbookArchive(path: DataPath(origin.path).file)
        let styles = try list.styles.map { (member) throws(DataError) in try DateStyles(archive, member) }
        let cells = try SheetCells(
            archive, sheet, SharedStrings.of(archive, list), styles ?? DateStyles(),
            countsFrom1904: list.countsFrom1904)
        return Stream(cells, columns, merged, origin.path)
    }

    private final class Stream: RowStream {
        private var cells: SheetCells
        private var merged: MergedValues
        private let columns: Range<Int>
        private let path: String
        private var line = 1

        init(_ cells: SheetCells, _ columns: Range<Int>, _ merged: MergedCells, _ path: String) {
            (self.cells, self.columns, self.path) = (cells, columns, path)
            self.merged = MergedValues(merged)
        }

        func next(_ rows: inout RowWriter) throws(DataError) -> Bool {
            guard let row = try cells.next() else { return false }
            guard !row.cells.isEmpty else { return true }
            while line < row.row {
                rows.endLine()
                line += 1
            }
            var next = columns.lowerBound
            for cell in merged.filled(row.cells, row: row.row) {
                guard columns.contains(cell.column) else { throw .changes(file: path) }
                while next < cell.column {
                    rows.appendMissing()
                    next += 1
                }
                switch cell.value {
                case .number(let number): rows.append(number)
                case .date(let text): rows.append(text)
                case .text(let bytes): rows.append(bytes)
                case .boolean(let isTrue): rows.append(isTrue ? "TRUE" : "FALSE")
                case .error, .formula: rows.appendMissing()
                }
                next += 1
            }
            while next < columns.upperBound {
                rows.appendMissing()
                next += 1
            }
            rows.endRow()
            line += 1
            return true
        }
    }
}

extension SharedStrings {
    fileprivate static func of(_ archive: WorkbookArchive, _ list: SheetList) throws(DataError) -> SharedStrings {
        guard let member = list.strings, archive.has(member) else { return SharedStrings() }
        return try SharedStrings(archive, member)
    }
}
