import Batchwise
internal import CSQLite

/// A statement and the row that it stands at.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let database: SQLiteDatabase

    /// The value of a cell.
    enum Value {
        case null, text, blob
        case integer(Int64)
        case real(Double)
    }

    init(_ handle: OpaquePointer, _ database: SQLiteDatabase) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    var columnNames: [String] {
        (0..<sqlite3_column_count(handle)).map { place in
            sqlite3_column_name(handle, place).map { String(cString: $0) } ?? ""
        }
    }

    /// Goes to the next row; false after the last.
    func step() throws(DataError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let status: throw database.failure(status)
        }
    }

    func value(_ column: Int) -> Value {
        let column = Int32(column)
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: return .text
        case SQLITE_NULL: return .null
        default: return .blob
        }
    }

    /// Replaces `bytes` by a text in UTF-8.
    func text(_ column: Int, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        guard let start = sqlite3_column_text(handle, Int32(column)) else { return }
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
    }

    func string(_ column: Int) -> String {
        var bytes: [UInt8] = []
        text(column, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
