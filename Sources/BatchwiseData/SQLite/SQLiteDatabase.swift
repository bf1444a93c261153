import Batchwise
internal import CSQLite
import Foundations

/// An SQLite database open for reading, which may come from anyone.
///
/// It is opened read-only; only SELECT runs; its schema is not trusted, and neither virtual tables nor extensions are
/// loaded; values are no longer than the file, and a statement that takes too many steps is stopped.
/// See "Defense Against The Dark Arts" in SQLite's documentation.
final class SQLiteDatabase {
    let path: String
    /// The length of the file, in bytes.
    let length: Int
    let connection: OpaquePointer
    /// The number of times that SQLite may still ask whether to go on.
    private let patience: UnsafeMutablePointer<Int>

    /// The steps of SQLite's machine between two times that it asks whether to go on.
    private static let stepsAtOnce = 100_000
    /// Reading a table takes about two steps a byte.
    private static let stepsOfAnyFile = 10_000_000
    private static let stepsOfByte = 100

    /// Whether a file's first bytes are those of a database.
    static func recognises(_ head: [UInt8]) -> Bool { head.starts(with: Array("SQLite format 3\0".utf8)) }

    init(_ path: String) throws(DataError) {
        length = try Self.wholeLength(of: InputFile(path))
        self.path = path
        var connection: OpaquePointer?
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
        let status = sqlite3_open_v2(Self.address(path), &connection, flags, nil)
        guard let connection else { throw .readFailed(file: path, reason: "no memory to open it") }
        self.connection = connection
        patience = .allocate(capacity: 1)
        patience.initialize(to: (Self.stepsOfAnyFile + Self.stepsOfByte * min(length, 1 << 50)) / Self.stepsAtOnce)
        guard status == SQLITE_OK else { throw failure(status) }
        try protect()
    }

    deinit {
        sqlite3_close_v2(connection)
        patience.deallocate()
    }

    /// Compiles a statement, which must be one SELECT.
    func select(_ sql: String) throws(DataError) -> SQLiteStatement {
        var statement: OpaquePointer?
        var failure: DataError?
        sql.withCString { start in
            var rest: UnsafePointer<CChar>?
            var status = sqlite3_prepare_v2(connection, start, -1, &statement, &rest)
            if status == SQLITE_OK, statement != nil, let next = rest, next.pointee != 0 {
                // Only space and comments may follow, which compile to nothing.
                var second: OpaquePointer?
                status = sqlite3_prepare_v2(connection, next, -1, &second, nil)
                if second != nil { failure = .unsupported(file: path, detail: "data.query must be one statement") }
                sqlite3_finalize(second)
            }
            if status != SQLITE_OK { failure = failure ?? self.failure(status) }
        }
        if let failure {
            sqlite3_finalize(statement)
            throw failure
        }
        guard let statement, sqlite3_stmt_readonly(statement) != 0, sqlite3_stmt_isexplain(statement) == 0,
            sqlite3_column_count(statement) > 0
        else {
            sqlite3_finalize(statement)
            throw .unsupported(file: path, detail: "data.query must be a SELECT")
        }
        return SQLiteStatement(statement, self)
    }

    /// The names of its tables and views.
    func tables() throws(DataError) -> [String] {
        let statement = try select(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_' "
                + "ORDER BY name")
        var names: [String] = []
        while try statement.step() { names.append(statement.string(0)) }
        return names
    }

    /// The text of SQLite's last status.
    func failure(_ status: Int32) -> DataError {
        let message = escaped(String(cString: sqlite3_errmsg(connection)), limit: 160)
        switch status & 0xFF {
        case SQLITE_INTERRUPT:
            return .unsupported(
                file: path, detail: "reading the rows takes too many steps; write them to a table of their own first")
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT:
            return .corruptFile(file: path, format: "SQLite", detail: message)
        case SQLITE_AUTH:
            return .unsupported(
                file: path,
                detail: "data.query must be a SELECT of its tables, without random numbers or the time (\(message))")
        case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_CANTOPEN, SQLITE_BUSY, SQLITE_LOCKED:
            return .readFailed(file: path, reason: message)
        default: return .unsupported(file: path, detail: "SQLite refuses: \(message)")
        }
    }

    /// The length of the file, which must be whole pages, as SQLite writes it. SQLite would read the missing part of a
    /// cut file as zeros.
    private static func wholeLength(of file: InputFile) throws(DataError) -> Int {
        var header = [UInt8](repeating: 0, count: 18)
        let found = try header.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try file.peek(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        let size = Int(header[16]) << 8 | Int(header[17])
        // 1 stands for 65,536, which two bytes do not hold.
        guard found == 18, size > 0, file.length % (size == 1 ? 1 << 16 : size) == 0 else {
            throw .corruptFile(file: file.path, format: "SQLite", detail: "it ends within a page")
        }
        return file.length
    }

    private func protect() throws(DataError) {
        var status = batchwise_sqlite_distrust(connection)
        let pragmas = "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY"
        if status == SQLITE_OK { status = sqlite3_exec(connection, pragmas, nil, nil, nil) }
        if status == SQLITE_OK { status = sqlite3_drop_modules(connection, nil) }
        guard status == SQLITE_OK else { throw failure(status) }
        let longest = Int32(clamping: min(max(length, 1_000_000), 1_000_000_000))
        let limits = [
            SQLITE_LIMIT_LENGTH: longest, SQLITE_LIMIT_SQL_LENGTH: 1_000_000, SQLITE_LIMIT_EXPR_DEPTH: 100,
            SQLITE_LIMIT_COMPOUND_SELECT: 50, SQLITE_LIMIT_ATTACHED: 0, SQLITE_LIMIT_WORKER_THREADS: 0,
        ]
        for (limit, value) in limits { sqlite3_limit(connection, limit, value) }
        sqlite3_progress_handler(
            connection, Int32(Self.stepsAtOnce),
            { context in
                guard let patience = context?.assumingMemoryBound(to: Int.self) else { return 1 }
                patience.pointee -= 1
                return patience.pointee < 0 ? 1 : 0
            }, patience)
        sqlite3_set_authorizer(
            connection,
            { _, action, _, function, _, _ in
                switch action {
                case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return SQLITE_OK
                case SQLITE_FUNCTION:
                    // Refuses functions that differ from call to call: the same file must give the same rows.
                    let name = function.map { String(cString: $0).lowercased() } ?? ""
                    let changing = ["random", "randomblob", "current_date", "current_time", "current_timestamp"]
                    return changing.contains(name) ? SQLITE_DENY : SQLITE_OK
                default: return SQLITE_DENY
                }
            }, nil)
    }

    /// The path as a URI. A database that no other program has left unfinished cannot change, and needs no locks.
    private static func address(_ path: String) -> String {
        var address = path.hasPrefix("/") ? "file://" : "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                address.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16)
                address += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        let isUnfinished = ["-wal", "-journal"].contains { InputFile.exists(path + $0) }
        return address + (isUnfinished ? "?mode=ro" : "?immutable=1")
    }
}
