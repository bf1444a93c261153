import Batchwise

/// The members of a workbook.
struct WorkbookArchive {
    let path: String
    private let archive: ZipArchive

    /// - Parameter path: the path of the file, without the name of a sheet.
    init(path: String) throws(DataError) {
        self.path = path
        archive = try ZipArchive(InputFile(path))
    }

    var isWorkbook: Bool { has("xl/workbook.xml") && has("xl/_rels/workbook.xml.rels") }

    func has(_ member: String) -> Bool { archive.entries.contains { $0.name == member } }

    func scanner(_ member: String) throws(DataError) -> XMLScanner {
        guard let entry = archive.entries.first(where: { $0.name == member }) else {
            throw corrupt("\(member) is missing")
        }
        return try XMLScanner(archive.source(entry, path: path), member: member, path: path)
    }

    func corrupt(_ detail: String) -> DataError { .corruptFile(file: path, format: "XLSX", detail: detail) }
}
