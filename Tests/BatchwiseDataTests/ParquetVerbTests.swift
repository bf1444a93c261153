import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Describing, training, reading new rows and converting read a Parquet file as they read the same table in CSV.
@Suite struct ParquetVerbTests {
    private static let path = ParquetFixtures.path("duckdb-v1.parquet")

    /// The table of the file as CSV.
    private func csv() throws -> TemporaryFile {
        let file = try ParquetFixtures.expected()
        let table = file.tables[try #require(file.files.first { $0.name == "duckdb-v1.parquet" }).table]
        let cells = table.map { column -> [String] in
            switch column.kind {
            case "texts": (column.texts ?? []).map { $0 ?? "" }
            case "dates": (column.numbers ?? []).map { CSVDate.text($0 ?? .nan) }
            default: (column.numbers ?? []).map { numberText($0 ?? .nan) }
            }
        }
        let rows = (0..<40).map { row in cells.map { $0[row] }.joined(separator: ",") }
        return try TemporaryFile(([table.map(\.name).joined(separator: ",")] + rows).joined(separator: "\n") + "\n")
    }

    @Test func describingNamesTheFormat() throws {
        let description = try DataDescription(of: Self.path)
        let csv = try csv()
        let same = try DataDescription(of: csv.path)
        #expect(description.format == .parquet && description.format.rawValue == "Parquet")
        #expect(description.rows == 40 && description.columns == same.columns)
    }

    @Test func trainingAndNewRowsAreThoseOfCSV() throws {
        let csv = try csv()
        let loaded = try DataSource(train: Self.path, target: "price").load(seed: 1)
        let same = try DataSource(train: csv.path, target: "price").load(seed: 1)
        #expect(loaded.train == same.train && loaded.test == same.test)
        let new = try loaded.preprocessing.load(newRows: Self.path, needsTarget: true)
        let others = try [
            loaded.preprocessing.load(newRows: csv.path, needsTarget: true),
            same.preprocessing.load(newRows: Self.path, needsTarget: true),
        ]
        #expect(others.allSatisfy { $0 == new })
    }

    @Test func convertedRowsAreThoseOfTheFile() throws {
        let file = try DataFormats.standard.open([Self.path], Reading())
        let target = try TemporaryFolder()
        let folder = target.at("converted")
        try file.convert(DataSource(train: Self.path, target: "price"), Conversion(path: folder))
        let converted = try #require(try DataFormats.standard.open([folder], Reading()) as? ConvertedData)
        let (found, expected) = try (converted.table(kinds: nil), ParquetFile(path: Self.path).table(kinds: nil))
        #expect(found.columns == expected.columns)
        target.keep()
    }

    @Test func keysOfTextFilesAreRefused() throws {
        let source = DataSource(train: Self.path, target: "price", header: true)
        let error = failure { () throws(DataError) in try source.load(seed: 1) }
        #expect(error?.description.contains("data.header") == true, "\(String(describing: error))")
    }
}
