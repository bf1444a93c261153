import CSQLite
import Foundation
import TestSupport

/// A database that SQLite itself makes from statements.
func database(_ sql: String, name: String = "base.sqlite") throws -> TemporaryFile {
    struct Refused: Error { var message: String }
    let file = try TemporaryFile([], name: name)
    var connection: OpaquePointer?
    defer { sqlite3_close(connection) }
    guard sqlite3_open(file.path, &connection) == SQLITE_OK,
        sqlite3_exec(connection, "PRAGMA page_size = 512; " + sql, nil, nil, nil) == SQLITE_OK
    else { throw Refused(message: connection.map { String(cString: sqlite3_errmsg($0)) } ?? "") }
    return file
}
