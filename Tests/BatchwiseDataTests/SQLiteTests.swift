import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct SQLiteTests {
    private static let houses = """
        CREATE TABLE houses (id INTEGER PRIMARY KEY, area REAL, rooms TEXT, place TEXT, price INTEGER);
        INSERT INTO houses VALUES (1, 50.5, '2', 'town', 100), (2, NULL, '3', 'coast', 250), (3, 70, ' 4', NULL, 200),
            (4, 80.25, '', 'town', 300);
        """

    private func table(_ file: TemporaryFile, _ rows: DatabaseRows? = nil, kinds: [Table.Kind]? = nil)
        throws(DataError) -> Table
    {
        try SQLiteTable(path: file.path, rows: rows).table(kinds: kinds)
    }

    @Test func typesAreThoseOfTheWholeColumn() throws {
        let table = try self.table(try database(Self.houses))
        #expect(table.rowCount == 4)
        #expect(table.columns.map(\.name) == ["id", "area", "rooms", "place", "price"])
        #expect(table.columns[0].values == .numeric([1, 2, 3, 4]))
        guard case .numeric(let areas) = table.columns[1].values else {
            Issue.record("areas are numbers")
            return
        }
        #expect(areas[0] == 50.5 && areas[1].isNaN && areas[2] == 70 && areas[3] == 80.25)
        #expect(table.columns[3].values == .categorical(codes: [1, 0, -1, 1], levels: ["coast", "town"]))
        #expect(table.columns[4].values == .numeric([100, 250, 200, 300]))
    }

    /// A database and a CSV file with the same cells give the same columns.
    @Test func textsThatAreNumbersCountAsNumbersAsInCSV() throws {
        let base = try database(
            """
            CREATE TABLE t (a, b TEXT, c);
            INSERT INTO t VALUES (1, '1.5', 7), ('2', '?', 'x'), (NULL, '-3e2', 2.5);
            """)
        let csv = try CSV(path: "t.csv", bytes: Array("a,b,c\n1,1.5,7\n2,?,x\n,-3e2,2.5\n".utf8), header: nil).table()
        let found = try table(base)
        #expect(found.columns[2] == csv.columns[2])
        for column in 0...1 {
            guard case .numeric(let numbers) = found.columns[column].values,
                case .numeric(let expected) = csv.columns[column].values
            else {
                Issue.record("column \(column) is not of numbers")
                continue
            }
            #expect(numbers.map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    @Test func trainingReadsATableOrAQuery() throws {
        let base = try database(
            """
            CREATE TABLE "odd ""name" (x REAL, y REAL); CREATE TABLE other (z);
            INSERT INTO "odd ""name" VALUES (1, 10), (2, 20), (3, 30), (4, 40), (5, 50);
            """)
        let source = DataSource(
            train: base.path, rows: .table("odd \"name"), target: "y", testFraction: 0, task: .regression)
        let loaded = try source.load(seed: 1)
        #expect(loaded.train.count == 5 && loaded.train.featureShape == [1])
        var query = source
        query.kind = .database(
            .query("SELECT x, y FROM \"odd \"\"name\" WHERE x < 4 ; -- three rows\n"), source.columns)
        #expect(try query.load(seed: 1).train.count == 3)
        // New rows come from the table of training, and from no other where it is not there.
        #expect(try loaded.preprocessing.load(newRows: base.path, needsTarget: true) == loaded.train)
        let elsewhere = try loaded.preprocessing.load(
            newRows: base.path, needsTarget: true, rows: .query("SELECT 10 * x AS y, x FROM \"odd \"\"name\" LIMIT 2"))
        #expect(elsewhere == loaded.train.rows([0, 1]))
        let missing = try database("CREATE TABLE z (x, y); INSERT INTO z VALUES (1, 2);")
        #expect(
            failure { () throws(DataError) in try loaded.preprocessing.load(newRows: missing.path) }
                == .unknownTable(file: missing.path, name: "odd \"name", nearest: nil, tables: ["z"]))
    }

    @Test func aTableMustBeNamedWhereThereAreSeveral() throws {
        let base = try database("CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO a VALUES (1);")
        #expect(
            failure { () throws(DataError) in try DataSource(train: base.path, target: "x").load(seed: 1) }
                == .tableUnclear(file: base.path, tables: ["a", "b"]))
        let error = failure { () throws(DataError) in try table(base, .table("aa")) }
        #expect(error == .unknownTable(file: base.path, name: "aa", nearest: "a", tables: ["a", "b"]))
        #expect(failure { () throws(DataError) in try table(base, .table("b")) } == .noRows(base.path))
        let both = RecipeValue.map([
            .init("train", .string(base.path)), .init("table", .string("a")), .init("query", .string("SELECT 1")),
            .init("target", .string("x")),
        ])
        #expect(throws: RecipeError.conflict("data.table and data.query exclude each other; remove one")) {
            try DataSource(notation: both)
        }
    }

    /// Only a single SELECT runs, whatever the statement, and no function that differs from run to run.
    @Test(arguments: [
        "DELETE FROM t", "INSERT INTO t VALUES (9)", "DROP TABLE t", "PRAGMA user_version", "PRAGMA user_version = 3",
        "ATTACH 'x.sqlite' AS x", "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM t", "EXPLAIN SELECT 1", "", ";",
        "-- note",
        "VACUUM", "SELECT load_extension('x')", "SELECT random()", "SELECT current_timestamp", "SELEC 1",
        "SELECT x FROM pragma_table_info('t')", "CREATE TEMP TABLE z (a)", "SELECT x FROM nowhere",
        "SELECT x FROM t; nonsense", "BEGIN", "SELECT hex(zeroblob(900000000))",
    ])
    func onlyASelectRuns(query: String) throws {
        let base = try database("CREATE TABLE t (x); INSERT INTO t VALUES (1);")
        let before = try Data(contentsOf: URL(fileURLWithPath: base.path))
        let error = failure { () throws(DataError) in try table(base, .query(query)) }
        #expect(error?.exitCode == 65, "\(String(describing: error))")
        #expect(error?.description.contains("base.sqlite") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: base.path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder(of: base)).count == 1)
    }

    /// A view that never ends, and one that multiplies, are stopped.
    @Test(arguments: [
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS x FROM c",
        "SELECT a.x FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t n, t o, t p",
        "SELECT group_concat(a.x) AS x FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t n",
    ])
    func aViewCannotRunForEver(select: String) throws {
        let rows = (0..<40).map { "(\($0))" }.joined(separator: ",")
        let base = try database("CREATE TABLE t (x); INSERT INTO t VALUES \(rows); CREATE VIEW v AS \(select);")
        let error = failure { () throws(DataError) in try table(base, .table("v")) }
        #expect(error?.exitCode == 65, "\(String(describing: error))")
        #expect(try table(base, .table("t")).rowCount == 40)
    }

    @Test func anErrorInARowNamesTheRow() throws {
        let base = try database(
            """
            CREATE TABLE t (x, y, w);
            INSERT INTO t VALUES (1, 2, 1), (2, NULL, 1), (3, x'00FF', -1), (4, 'many', 1), (9e999, 1, 1);
            """)
        func error(_ query: String, _ target: String, weights: String? = nil) -> String {
            let source = DataSource(
                train: base.path, rows: .query(query), target: target, weights: weights, task: .regression)
            return failure { () throws(DataError) in try source.load(seed: 1) }?.description ?? ""
        }
        var gaps = DataSource(
            train: base.path, rows: .query("SELECT x, y FROM t LIMIT 2"), target: "y", task: .regression)
        gaps.split.test = 0
        #expect(
            try gaps.load(seed: 1).notices
                == ["\(base.path), row 2, column \"y\": no value to learn; the row is left out"])
        #expect(error("SELECT x, y FROM t", "x").contains(", row 3, column \"y\": is a blob"))
        #expect(
            error("SELECT x, y FROM t WHERE x > 3 AND x < 1e300", "y").contains(
                ", row 1, column \"y\": a number expected, \"many\""))
        #expect(error("SELECT x FROM t", "x").contains(", row 5, column \"x\": inf is not a finite number"))
        #expect(
            error("SELECT x, 2 * x AS z, w FROM t LIMIT 3", "x", weights: "w").contains(
                ", row 3, column \"w\": the weight -1.0"))
        #expect(error("SELECT x, x FROM t", "x").contains("two columns are named \"x\""))
    }

    @Test func aNewClassNamesItsRow() throws {
        let base = try database("CREATE TABLE t (x, k); INSERT INTO t VALUES (1, 'a'), (2, 'b');")
        let preprocessing = try DataSource(train: base.path, target: "k", testFraction: 0).load(seed: 1).preprocessing
        let other = try database("CREATE TABLE t (x, k); INSERT INTO t VALUES (1, 'a'), (2, 'c');")
        let error = failure { () throws(DataError) in try preprocessing.load(newRows: other.path, needsTarget: true) }
        #expect(error?.description.contains(", row 2: the class \"c\"") == true)
    }

    @Test func aCutDatabaseIsRefused() throws {
        let base = try database(Self.houses)
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: base.path)))
        #expect(bytes.count == 1024)
        for length in [17, 100, 511, 512, 1023] {
            let cut = try TemporaryFile(bytes[..<length], name: "cut.sqlite")
            let error = failure { () throws(DataError) in try table(cut) }
            #expect(error?.exitCode == 65 && error?.description.contains("cut.sqlite") == true, "\(length)")
        }
    }

    /// A path of characters that mean something in a URI.
    @Test func anyPathIsOpened() throws {
        let base = try database(Self.houses, name: "a b?mode=rw#%41é.sqlite")
        #expect(try table(base).rowCount == 4)
    }

    @Test func virtualTablesAreNotLoaded() throws {
        let base = try database("CREATE TABLE t (x); CREATE VIRTUAL TABLE s USING fts5(x); INSERT INTO s VALUES ('a');")
        #expect(failure { () throws(DataError) in try table(base, .table("s")) }?.exitCode == 65)
    }

    @Test func recipesNameTablesQueriesAndWindows() throws {
        for source in [
            DataSource(train: "a.sqlite", rows: .table("houses"), target: "price"),
            DataSource(train: "a.sqlite", rows: .query("SELECT x, y FROM t"), target: "y"),
            DataSource(train: "input.txt", window: 64),
        ] { #expect(try DataSource(notation: source.notation) == source) }
    }

    @Test func aDatabaseIsDescribed() throws {
        let base = try database(Self.houses)
        let description = try DataDescription(of: base.path)
        #expect(description.format == .sqlite && description.rows == 4 && description.shape == [5])
        #expect(description.columns[3].missing == 1)
    }

    private func folder(of file: TemporaryFile) -> String {
        URL(fileURLWithPath: file.path).deletingLastPathComponent().path
    }
}
