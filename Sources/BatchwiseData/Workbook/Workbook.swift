import Batchwise
import Foundations

/// The format of Excel's workbooks (XLSX), of which one sheet is a table. A sheet is named `book.xlsx:Sheet`.
enum Workbook: DataFormat {
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes, bytes.packing == .none, NPZ.recognises(bytes.head) else { return nil }
        let archive = try WorkbookArchive(path: bytes.path)
        guard archive.isWorkbook else { return nil }
        let list = try SheetList(archive)
        guard !list.sheets.isEmpty else { throw .noRows(file.path) }
        var notices: [String] = []
        let sheet: SheetList.Sheet
        if let name = file.array {
            guard let named = list.sheets.first(where: { $0.name == name }) else {
                let names = list.sheets.map(\.name)
                throw .unknownTable(
                    file: bytes.path, name: name, nearest: nearestName(to: name, in: names), tables: names)
            }
            sheet = named
        } else {
            sheet = list.sheets.first { !$0.isHidden } ?? list.sheets[0]
            if let other = list.sheets.first(where: { $0 != sheet }) {
                notices.append(
                    "\(escaped(file.path, limit: 200)): reads the sheet \"\(escaped(sheet.name, limit: 40))\", one of "
                        + "\(list.sheets.count); \(escaped(file.path, limit: 200)):\(escaped(other.name, limit: 40)) names "
                        + "another")
            }
        }
        let rows = try SheetRows(archive, list, sheet)
        var origin = TextOrigin(path: file.path, container: rows)
        origin.notices = notices + rows.notices(file: file.path)
        return try CSV(origin, format: .xlsx, header: reading.header, names: reading.names, badLines: reading.badLines)
    }
}
