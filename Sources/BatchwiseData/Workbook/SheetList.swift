import Batchwise
import Foundations

/// The sheets of an Excel workbook, and what is common to them.
struct SheetList {
    struct Sheet: Equatable, Sendable {
        let name: String
        /// The name of the member of the archive that holds its cells.
        let member: String
        let isHidden: Bool
    }

    let sheets: [Sheet]
    /// Whether days are counted from 1904 on.
    let countsFrom1904: Bool
    let strings: String?
    let styles: String?

    private static let mostSheets = 1 << 12

    init(_ archive: WorkbookArchive) throws(DataError) {
        let relations = try Self.relations(archive)
        var countsFrom1904 = false
        var sheets: [Sheet] = []
        var scanner = try archive.scanner("xl/workbook.xml")
        while let event = try scanner.next() {
            guard case .start(let name, let attributes) = event else { continue }
            switch name {
            case "workbookPr":
                countsFrom1904 = ["1", "true"].contains(attributes["date1904"] ?? "")
            case "sheet":
                guard sheets.count < Self.mostSheets else { throw archive.corrupt("it has too many sheets") }
                guard let title = attributes["name"], let relation = relations[attributes["id"] ?? ""] else {
                    throw archive.corrupt("a sheet has no name or no cells")
                }
                // charts and dialogues have no cells
                guard relation.type.hasSuffix("/worksheet") else { continue }
                sheets.append(
                    Sheet(
                        name: title, member: relation.target,
                        isHidden: ["hidden", "veryHidden"].contains(attributes["state"] ?? "")))
            default: break
            }
        }
        self.sheets = sheets
        self.countsFrom1904 = countsFrom1904
        strings = relations.values.first { $0.type.hasSuffix("/sharedStrings") }?.target
        styles = relations.values.first { $0.type.hasSuffix("/styles") }?.target
    }

    private static func relations(
        _ archive: WorkbookArchive
    ) throws(DataError) -> [String: (type: String, target: String)] {
        var relations: [String: (type: String, target: String)] = [:]
        var scanner = try archive.scanner("xl/_rels/workbook.xml.rels")
        while let event = try scanner.next() {
            guard case .start("Relationship", let attributes) = event, let id = attributes["Id"],
                let target = attributes["Target"], attributes["TargetMode"] != "External"
            else { continue }
            let member = target.hasPrefix("/") ? String(target.dropFirst()) : "xl/" + target
            relations[id] = (attributes["Type"] ?? "", member)
        }
        return relations
    }
}
