import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Files that PyArrow, pandas, DuckDB and Polars have written hold the values that their tables had in memory
/// (`Tests/Fixtures/make-parquet.py`).
@Suite struct ParquetTests {
    private func table(_ name: String, kinds: [String: Table.Kind] = [:]) throws -> Table {
        let file = try ParquetFile(path: ParquetFixtures.path(name))
        return try file.table(kinds: file.names.map { kinds[$0] ?? .either })
    }

    private func column(_ name: String, in table: Table) throws -> Table.Values {
        try #require(table.columns.first { $0.name == name }).values
    }

    @Test(arguments: try ParquetFixtures.expected().files)
    func valuesAreThoseOfTheWriter(_ file: ParquetFixtures.File) throws {
        let table = try table(file.name)
        let expected = try ParquetFixtures.expected().tables[file.table]
        #expect(table.columns.map(\.name) == expected.map(\.name))
        #expect(table.notices.count == file.notices, "\(table.notices)")
        for (column, expected) in zip(table.columns, expected) {
            let differences = expected.differences(from: column)
            #expect(differences.isEmpty, "\(column.name): \(differences.prefix(3))")
            #expect(column.isDate == (expected.kind == "dates"), "\(column.name)")
        }
    }

    /// The comparison itself finds a wrong value, a wrong missing value and a wrong text.
    @Test func wrongValuesAreFound() throws {
        let numbers = ParquetFixtures.Column(name: "x", kind: "numbers", numbers: [1, nil], texts: nil)
        #expect(numbers.differences(from: .init(name: "x", values: .numeric([1, .nan]))).isEmpty)
        #expect(numbers.differences(from: .init(name: "x", values: .numeric([1, 2]))).count == 1)
        #expect(numbers.differences(from: .init(name: "x", values: .numeric([1.nextUp, .nan]))).count == 1)
        #expect(numbers.differences(from: .init(name: "x", values: .numeric([1]))).count == 1)
        let texts = ParquetFixtures.Column(name: "x", kind: "texts", numbers: nil, texts: ["a", nil])
        #expect(
            texts.differences(from: .init(name: "x", values: .categorical(codes: [0, -1], levels: ["a"]))).isEmpty)
        #expect(
            texts.differences(from: .init(name: "x", values: .categorical(codes: [0, 0], levels: ["a"]))).count == 1)
    }

    @Test func columnsThatAreNotWantedAreNotRead() throws {
        // Brotli is not read here, so a column that is skipped is not unpacked
        let path = ParquetFixtures.path("refused-brotli.parquet")
        let file = try ParquetFile(path: path)
        let table = try file.table(kinds: file.names.map { _ in .skip })
        #expect(table.rowCount == 23 && table.columns.allSatisfy { $0.values == .skipped })
    }

    @Test func numbersAndDatesBecomeTexts() throws {
        let kinds = Dictionary(
            uniqueKeysWithValues: ["uint64", "decimal30", "date32", "moment_ms", "float32"].map {
                ($0, Table.Kind.categorical)
            })
        let table = try table("types-plain-v1.parquet", kinds: kinds)
        func first(_ name: String) throws -> String {
            guard case .categorical(let codes, let levels) = try column(name, in: table) else { return "" }
            return levels[Int(codes[1])]
        }
        #expect(try first("uint64") == "9007199254740992")
        #expect(try first("decimal30") == "-500000000000000000.0000000000")
        #expect(try first("date32") == "1965-03-01")
        #expect(try first("moment_ms") == "1970-02-06T23:59:58.123Z")
        #expect(try first("float32") == "0.1428571492433548")
    }

    @Test func textsAndBooleansBecomeNumbersWhereNumbersAreWanted() throws {
        let path = ParquetFixtures.path("required.parquet")
        #expect(
            failure { () throws(DataError) in
                _ = try ParquetFile(path: path).table(kinds: [.either, .numeric])
            }?.description.contains("row 1, column \"s\": a number expected, \"b\" found") == true)
        let flags = try table("snappy-v1.parquet", kinds: ["bool": .numeric])
        guard case .numeric(let numbers) = try column("bool", in: flags) else {
            Issue.record("booleans are numbers")
            return
        }
        #expect(numbers[0] == 1 && numbers[1] == 0 && numbers[3].isNaN)
    }

    @Test func pandasIndexIsLeftOutWithANotice() throws {
        let notice = try #require(try table("pandas.parquet").notices.first)
        #expect(notice.hasSuffix("the column \"__index_level_0__\" is left out: it is the index of pandas"))
    }

    @Test func nestedColumnsAreLeftOutWithNotices() throws {
        let notices = try table("nested.parquet").notices
        #expect(notices.contains { $0.hasSuffix("the column \"list\" is left out: it holds lists or maps") })
        #expect(notices.contains { $0.hasSuffix("the column \"structure\" is left out: it holds structures or lists") })
        #expect(notices.contains { $0.hasSuffix("the column \"map\" is left out: it holds lists or maps") })
        #expect(notices.contains { $0.hasSuffix("the column \"fixed\" is left out: it holds bytes") })
    }

    @Test func aNumberBeyondDoubleMakesTheColumnText() throws {
        let notices = try table("beyond.parquet").notices
        #expect(
            notices.first?.hasSuffix("row 1, column \"id\": a whole number beyond 2^53 makes the column text") == true)
    }

    @Test(arguments: [
        ("refused-lz4.parquet", "is packed with LZ4_RAW, which is not read here; write it again with compression="),
        ("refused-brotli.parquet", "is packed with Brotli, which is not read here"),
        ("refused-nested.parquet", "has no column that can be read: \"list\" is left out, because it holds lists"),
        ("refused-bytes.parquet", "row 1, column \"b\": bytes that are no UTF-8 text"),
        ("refused-infinite.parquet", "row 2, column \"f\": inf is not a finite number"),
        ("no-rows.parquet", "no row"),
    ])
    func otherFilesAreRefusedByName(_ name: String, _ message: String) throws {
        let path = ParquetFixtures.path(name)
        let error = failure { () throws(DataError) in _ = try ParquetFile(path: path).table(kinds: nil) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func encryptedAndArrowFilesAreNamed() throws {
        for (magic, message) in [
            ("PARE", "is an encrypted Parquet file"), ("ARROW1\0\0", "pandas.to_parquet"),
            ("FEA1", "pandas.to_parquet"),
        ] {
            let file = try TemporaryFile(magic + "0123456789abcdef" + magic, name: "data.bin")
            let error = failure { () throws(DataError) in _ = try DataDescription(of: file.path) }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
        var plain = try ParquetFixtures.bytes("required.parquet")
        plain.replaceSubrange((plain.count - 4)..., with: Array("PARE".utf8))
        let file = try TemporaryFile(plain)
        let error = failure { () throws(DataError) in _ = try ParquetFile(path: file.path) }
        #expect(error?.description.contains("encrypted") == true)
    }

    @Test func severalFilesAreOneTable() throws {
        let paths = ["snappy-v1.parquet", "zstd-v2.parquet", "empty-group.parquet"].map(ParquetFixtures.path)
        let joined = try #require(try DataFormats.standard.open(paths, Reading()) as? ParquetFile).table(kinds: nil)
        let single = try table("snappy-v1.parquet")
        #expect(joined.rowCount == 69)
        for (all, one) in zip(joined.columns, single.columns) {
            switch (all.values, one.values) {
            case (.numeric(let all), .numeric(let one)):
                #expect("\(all)" == "\(one + one + one)")
            case (.categorical(let all, let levels), .categorical(let one, let own)):
                #expect(levels == own && all == one + one + one)
            default: Issue.record("\(all.name) differs")
            }
        }
        let error = failure { () throws(DataError) in
            _ = try DataFormats.standard.open([paths[0], ParquetFixtures.path("required.parquet")], Reading())
        }
        #expect(error?.description.contains("2 columns, not 5") == true)
    }
}
