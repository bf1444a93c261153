import CSQLite
import Foundation
import Testing

/// Compressed files, archives of arrays and databases: trained on, described, and refused where they are damaged.
@Suite struct FormatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int32 = 65
        var file: String
        /// A text that the line must contain besides the name of the file.
        var says: String
        var settings: [String] = []
        var testDescription: String { ([file] + settings).joined(separator: " ") }
    }

    static let cases = [
        Case(file: "cut.csv.zst", says: "Zstandard", settings: ["data.target=kind"]),
        Case(file: "followed.csv.zst", says: "something else follows it", settings: ["data.target=kind"]),
        Case(file: "cut.npz", says: "zip"),
        Case(file: "flipped.npz", says: "checksum"),
        Case(file: "objects.npz", says: "Python objects"),
        Case(file: "other.npz", says: "write other.npz:name with one of p [4, 1], q [4]"),
        Case(file: "lone.npz", says: "labels"),
        Case(file: "plain.npz:z", says: "has no array \"z\""),
        Case(status: 66, file: "missing.npz:x", says: "no such file"),
        Case(status: 66, file: "table.csv:x", says: "no such file"),
        Case(file: "cut.sqlite", says: "SQLite", settings: ["data.table=houses", "data.target=price"]),
        Case(file: "base.sqlite", says: "houses, notes"),
        Case(file: "base.sqlite", says: "did you mean \"houses\"?", settings: ["data.table=house"]),
        Case(file: "base.sqlite", says: "data.target", settings: ["data.table=houses"]),
        Case(
            file: "base.sqlite", says: "must be a SELECT", settings: ["data.query=DROP TABLE houses", "data.target=x"]),
        Case(
            file: "base.sqlite", says: "row 2, column \"body\": is a blob",
            settings: ["data.table=notes", "data.target=x"]),
        Case(file: "table.csv", says: "SQLite", settings: ["data.table=houses", "data.target=kind"]),
    ]

    @Test(arguments: cases) func badInput(_ example: Case) throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let outcome = try shop.run(["train", example.file] + example.settings.flatMap { ["--set", $0] })
        #expect(outcome.status == example.status, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1)
        let file = example.status == 66 ? example.file : String(example.file.prefix { $0 != ":" })
        #expect(outcome.errors.contains(file) && outcome.errors.contains(example.says), "\(outcome.errors)")
    }

    @Test func aDatabaseTrainsAndPredicts() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let trained = try shop.run(
            "train", "base.sqlite", "--set", "data.table=houses", "--target", "price", "--set", "epochs=100", "--run",
            "run", "--json"
        ).json()
        #expect(try #require(trained["test_rmse"] as? Double) < 60)
        // Area x costs 500 x + 1000.
        let prices = try shop.run(
            "predict", "run", "base.sqlite", "--set", "data.query=SELECT 0.5 AS area UNION ALL SELECT 1.5", "--json"
        ).json()
        let values = try #require(prices["predictions"] as? [Double])
        #expect(values.count == 2)
        for (value, expected) in zip(values, [1250.0, 1750.0]) { #expect(abs(value - expected) < 60) }
        // The table of training is meant where none is named, and CSV serves as well.
        let all = try shop.run("evaluate", "run", "base.sqlite", "--json").json()
        #expect(all["examples"] as? Int == 200)
        try shop.write("area\n0.5\n1.5\n", to: "new.csv")
        #expect(try shop.run("predict", "run", "new.csv", "--json").json()["predictions"] as? [Double] == values)
        let description = try shop.run("data", "describe", "base.sqlite", "--table", "houses", "--json").json()
        #expect(description["format"] as? String == "SQLite" && description["rows"] as? Int == 200)
    }

    @Test func aDatabaseTrainsToTheSameBitsAsItsTable() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        try shop.write(
            "area,price\n" + Self.houses.map { house in "\(house.area),\(house.price)\n" }.joined(), to: "houses.csv")
        let hashes = try [["houses.csv"], ["base.sqlite", "--set", "data.table=houses"]].map {
            try shop.run(["train"] + $0 + ["--target", "price", "--set", "epochs=2", "--json"]).hash()
        }
        #expect(hashes[0] == hashes[1])
    }

    @Test func arraysTrainAndAreDescribed() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let outcome = try shop.run("train", "plain.npz", "--run", "run", "--set", "epochs=60", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let named = try shop.run("evaluate", "run", "plain.npz:x", "--json").json()
        #expect(named["accuracy"] as? Double == 1)
        #expect(try shop.run("predict", "run", "plain.npz").lines == ["prediction", "0", "0", "1", "1"])
        let text = try shop.run("data", "describe", "plain.npz")
        #expect(text.lines.first == "plain.npz: NPZ, 2 arrays")
        #expect(text.output.contains("4x1: -2 to 2"), "\(text.output)")
        let json = try shop.run("data", "describe", "plain.npz", "--json").json()
        let columns = try #require(json["columns"] as? [[String: Any]])
        #expect(columns.map { $0["shape"] as? [Int] } == [[4, 1], [4]])
    }

    @Test func aCompressedTableTrainsToTheSameBits() throws {
        let shop = try Workshop()
        try shop.write(Self.zstandard, to: "table.csv.zst")
        try shop.write(Self.table, to: "table.csv")
        let hashes = try ["table.csv", "table.csv.zst"].map {
            try shop.run("train", $0, "--target", "kind", "--set", "epochs=2", "--json").hash()
        }
        #expect(hashes[0] == hashes[1])
    }

    private static func fill(_ shop: Workshop) throws {
        try shop.write(table, to: "table.csv")
        try shop.write(Array(zstandard.dropLast()), to: "cut.csv.zst")
        try shop.write(zstandard + Array("more".utf8), to: "followed.csv.zst")
        let arrays = [("x", npy("<f4", "(4, 1)", floats)), ("y", npy("|u1", "(4,)", [0, 0, 1, 1]))]
        let whole = archive(arrays)
        try shop.write(whole, to: "plain.npz")
        try shop.write(Array(whole.dropLast(30)), to: "cut.npz")
        var flipped = whole
        // the last number of x: a member's header has 30 bytes and its name
        flipped[35 + arrays[0].1.count - 1] ^= 1
        try shop.write(flipped, to: "flipped.npz")
        try shop.write(archive([("x", npy("|O", "(4,)", [1, 2, 3, 4])), arrays[1]]), to: "objects.npz")
        try shop.write(archive([("p", arrays[0].1), ("q", arrays[1].1)]), to: "other.npz")
        try shop.write(archive([("x", arrays[0].1)]), to: "lone.npz")
        let rows = houses.map { house in "(\(house.area), \(house.price))" }
        try database(
            "CREATE TABLE houses (area REAL, price REAL); INSERT INTO houses VALUES \(rows.joined(separator: ", "));"
                + "CREATE TABLE notes (x, body); INSERT INTO notes VALUES (1, 'a'), (2, x'00');",
            at: shop.folder.appendingPathComponent("base.sqlite").path)
        try shop.write(Array(try shop.bytes("base.sqlite").dropLast(600)), to: "cut.sqlite")
    }

    private static func database(_ sql: String, at path: String) throws {
        struct Refused: Error {}
        var connection: OpaquePointer?
        defer { sqlite3_close(connection) }
        guard sqlite3_open(path, &connection) == SQLITE_OK, sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK
        else { throw Refused() }
    }

    private static let houses: [(area: Double, price: Int)] = (0..<200).map {
        (row: Int) -> (area: Double, price: Int) in
        let place = row * 37 % 200
        return (Double(place) / 100, 1000 + 5 * place + row % 5)
    }

    /// -2, -1, 1, 2 in float32.
    private static let floats: [UInt8] = [0, 0, 0, 0xC0, 0, 0, 0x80, 0xBF, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]

    private static func npy(_ type: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + data
    }

    /// A zip of stored members, as `numpy.savez` makes it.
    private static func archive(_ arrays: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        func bytes(_ numbers: UInt32...) -> [UInt8] {
            numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
        }
        var (members, list): ([UInt8], [UInt8]) = ([], [])
        for (name, array) in arrays {
            var checksum = UInt32.max
            for byte in array {
                checksum ^= UInt32(byte)
                for _ in 0..<8 { checksum = checksum & 1 == 0 ? checksum >> 1 : checksum >> 1 ^ 0xEDB8_8320 }
            }
            let size = UInt32(array.count)
            let name = Array((name + ".npy").utf8)
            let common =
                [20, 0, 0, 0, 0, 0, 0, 0, 33, 0] + bytes(~checksum, size, size) + [UInt8(name.count), 0, 0, 0]
            list += [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
            list += bytes(UInt32(members.count)) + name
            members += [0x50, 0x4B, 3, 4] + common + name + array
        }
        let count = UInt8(arrays.count)
        return members + list + [0x50, 0x4B, 5, 6, 0, 0, 0, 0, count, 0, count, 0]
            + bytes(UInt32(list.count), UInt32(members.count)) + [0, 0]
    }

    private static let table: String = {
        var text = "a,b,kind\n"
        for row in 0..<30 { text += "\(row * 7 % 13),\(row % 5).5,\(["rose", "tulip"][row % 2])\n" }
        return text
    }()

    /// `table`, by `zstd -19 --no-check` of zstd 1.5.4.
    private static let zstandard = [UInt8](
        Data(
            base64Encoded: """
                KLUv/WBoAIUDAAKGERWATToAEJm7IcxgIxBE9t4Wn8TUKQtClwVV2Rzx4b4u2M0XbnfQz1Z58bytHe0hP1y4mxpEiaAV0Fc6HsZZ
                AbYlY0GSi4kcqCBU0O3/BpCXVgcQLr35aYW7BL6XDe4P0WYyH9LSa+ygxTYNLQU=
                """, options: .ignoreUnknownCharacters) ?? Data())
}
