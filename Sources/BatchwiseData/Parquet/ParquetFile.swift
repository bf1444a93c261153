import Batchwise
import Foundations

/// A Parquet file, or several with the same columns. Columns that hold lists and structures are left out with a notice.
struct ParquetFile: DataFormat, TableFile {
    var path: String { parts[0].path }
    let names: [String]
    var hasHeader: Bool { true }
    var format: DataDescription.Format { .parquet }
    private var parts: [ParquetPart]

    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes, bytes.packing == .none else { return nil }
        if bytes.head.starts(with: ParquetFooter.encryptedMagic) { throw ParquetFooter.encrypted.error(file.path) }
        guard bytes.head.starts(with: ParquetFooter.magic) else { return nil }
        return try ParquetFile(path: file.path)
    }

    init(path: String) throws(DataError) {
        let part = try ParquetPart(path: path)
        parts = [part]
        names = part.schema.fields.map(\.name)
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted { throw .duplicateColumn(file: path, name: name) }
        guard !names.isEmpty else {
            let reason = part.schema.leftOut.first.map {
                ": \"\(escaped($0.name, limit: 60))\" is left out, because \($0.reason)"
            }
            throw .unsupported(file: path, detail: "has no column that can be read" + (reason ?? ""))
        }
    }

    mutating func append(_ path: String, _ reading: Reading) throws(DataError) {
        guard let more = try reading.formats.open(path, reading) as? ParquetFile else {
            throw .partDiffers(file: path, from: self.path, detail: "no Parquet data")
        }
        parts.append(try more.parts[0].reordered(as: parts[0]))
    }

    func table(kinds: [Table.Kind]?) throws(DataError) -> Table {
        let kinds = kinds ?? names.map { _ in .either }
        try requireRoom(for: kinds.count { $0 != .skip })
        var tables: [[Table.Column]] = []
        var notices: [String] = []
        var (starts, rows) = ([Table.Part](), 0)
        for part in parts {
            notices += part.notices
            tables.append(try part.columns(kinds, notices: &notices))
            starts.append(.init(path: part.path, firstRow: rows))
            rows += part.footer.rowCount
        }
        guard rows > 0 else { throw .noRows(path) }
        var columns: [Table.Column] = []
        for place in names.indices {
            if tables.contains(where: { $0[place].isText }) {
                // a column is text in all files where it is in one
                for index in parts.indices where !tables[index][place].isText {
                    let only = names.indices.map { $0 == place ? Table.Kind.categorical : .skip }
                    var known: [String] = []
                    tables[index][place] = try parts[index].columns(only, notices: &known)[place]
                }
            }
            columns.append(parts.count == 1 ? tables[0][place] : Table.Column(joining: tables.map { $0[place] }))
            if parts.count > 1 {
                for index in parts.indices { tables[index][place] = .init(name: "", values: .skipped) }
            }
        }
        return Table(
            columns: columns, rowCount: rows, lines: [], parts: starts, hasLines: false, notices: notices)
    }

    /// Throws where the cells are far more than the files may hold: a run length makes any number of rows of few bytes.
    private func requireRoom(for columns: Int) throws(DataError) {
        let length = parts.reduce(0) { $0 + min($1.length, 1 << 50) }
        let limit = min(ParquetPart.mostBytes(ofFile: length), memoryLimit)
        var rows = 0
        for part in parts {
            let (sum, overflow) = rows.addingReportingOverflow(part.footer.rowCount)
            rows = overflow ? .max : sum
        }
        let (bytes, overflow) = rows.multipliedReportingOverflow(by: 8 * max(1, columns))
        guard !overflow, bytes <= limit else {
            throw .tooLarge(file: path, bytes: overflow ? .max : bytes, limit: limit)
        }
    }
}
