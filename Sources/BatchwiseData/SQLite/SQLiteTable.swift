import Batchwise
import Foundations

/// A table, a view or the result of a query in an SQLite database.
struct SQLiteTable: DataFormat, TableFile {
    let path: String
    let names: [String]
    let database: DatabaseRows?
    var hasHeader: Bool { true }
    var format: DataDescription.Format { .sqlite }
    private let sql: String

    /// - Parameter rows: the rows to read; nil takes the only table of the database.
    init(path: String, rows: DatabaseRows?) throws(DataError) {
        let connection = try SQLiteDatabase(path)
        let rows = if let rows { rows } else { DatabaseRows.table(try Self.onlyTable(of: connection)) }
        switch rows {
        case .query(let query): sql = query
        case .table(let name):
            let tables = try connection.tables()
            // SQLite itself ignores the case of names.
            guard tables.contains(where: { $0.lowercased() == name.lowercased() }) else {
                throw .unknownTable(file: path, name: name, nearest: nearestName(to: name, in: tables), tables: tables)
            }
            let quoted = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            sql = "SELECT * FROM \"\(quoted)\""
        }
        self.path = path
        database = rows
        names = try connection.select(sql).columnNames
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted { throw .duplicateColumn(file: path, name: name) }
    }

    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes, bytes.packing == .none, SQLiteDatabase.recognises(bytes.head) else { return nil }
        return try SQLiteTable(path: file.path, rows: reading.rows)
    }

    mutating func append(_ path: String, _ reading: Reading) throws(DataError) {
        throw .partDiffers(file: path, from: self.path, detail: "no table of text")
    }

    func table(kinds: [Table.Kind]?) throws(DataError) -> Table {
        let connection = try SQLiteDatabase(path)
        let statement = try connection.select(sql)
        guard statement.columnNames == names else {
            throw .changes(file: path)
        }
        var columns = names.indices.map { SQLiteColumn(name: names[$0], kind: kinds?[$0] ?? .either) }
        // A cell takes a byte of a table at least; a view can make more of them.
        let limit = min(max(1 << 26, 16 * min(connection.length, 1 << 50)), memoryLimit)
        var rows = 0
        while try statement.step() {
            rows += 1
            guard 8 * rows * names.count <= limit else {
                throw .tooLarge(file: path, bytes: 8 * rows * names.count, limit: limit)
            }
            for place in columns.indices { try columns[place].append(statement, place, row: rows, path: path) }
        }
        guard rows > 0 else { throw .noRows(path) }
        var finished: [Table.Column] = []
        for column in columns { finished.append(try column.finished(path: path)) }
        return Table(
            columns: finished, rowCount: rows, lines: [], parts: [.init(path: path, firstRow: 0)], hasLines: false)
    }

    private static func onlyTable(of connection: SQLiteDatabase) throws(DataError) -> String {
        let tables = try connection.tables()
        guard let first = tables.first else { throw .noRows(connection.path) }
        guard tables.count == 1 else { throw .tableUnclear(file: connection.path, tables: tables) }
        return first
    }
}
