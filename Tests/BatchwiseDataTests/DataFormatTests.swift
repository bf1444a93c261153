import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// The worked example of a new format: a file of `name=value` pairs, a line a row, every line with the same names.
///
/// It is recognised by its first line, and gives a table; describing, loading, reading new rows and converting come with
/// `TableFile`.
private struct Pairs: DataFormat, TableFile {
    let path: String
    let names: [String]
    private let rows: [[Double]]
    var hasHeader: Bool { true }

    private static let magic = Array("pairs\n".utf8)

    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes, bytes.head.starts(with: magic) else { return nil }
        return try Pairs(path: file.path, text: String(decoding: bytes.text(), as: UTF8.self))
    }

    private init(path: String, text: String) throws(DataError) {
        var rows: [[Double]] = []
        var names: [String] = []
        for (number, line) in text.split(separator: "\n").enumerated().dropFirst() {
            let cells = line.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1) }
            names = rows.isEmpty ? cells.map { String($0[0]) } : names
            let values = cells.compactMap { $0.count == 2 ? Double($0[1]) : nil }
            guard values.count == names.count, cells.map({ String($0[0]) }) == names else {
                throw .badLine(file: path, line: number + 1, detail: "other pairs than the first row has")
            }
            rows.append(values)
        }
        guard !rows.isEmpty else { throw .noRows(path) }
        self.path = path
        self.names = names
        self.rows = rows
    }

    func table(kinds: [Table.Kind]?) throws(DataError) -> Table {
        Table(
            columns: names.indices.map { place in
                Table.Column(
                    name: names[place],
                    values: kinds?[place] == .skip ? .skipped : .numeric(rows.map { $0[place] }))
            },
            rowCount: rows.count, lines: (0..<UInt32(rows.count)).map { $0 + 2 },
            parts: [.init(path: path, firstRow: 0)])
    }
}

@Suite struct DataFormatTests {
    private static let formats = DataFormats.standard.preceded(by: Pairs.self)
    private static let pairs = "pairs\n" + (0..<20).map { "a=\($0) b=\($0 * $0 % 7) y=\($0 % 2)\n" }.joined()
    private static let csv = "a,b,y\n" + (0..<20).map { "\($0),\($0 * $0 % 7),\($0 % 2)\n" }.joined()

    /// The new format gives what the same table gives as CSV, with every verb.
    @Test func aNewFormatHasAllFourVerbs() throws {
        let pairs = try TemporaryFile(Self.pairs, name: "rows.pairs")
        let csv = try TemporaryFile(Self.csv, name: "rows.csv")
        let reading = Reading(formats: Self.formats)

        let opened = try Self.formats.open([pairs.path], reading)
        let described = try opened.describe(labels: nil)
        let columns = try DataDescription(of: csv.path).columns
        #expect(described.columns == columns)
        #expect(described.rows == 20)

        let loading = Loading(seed: 3, formats: Self.formats)
        let loaded = try DataSource(train: pairs.path, target: "y").load(loading)
        let expected = try DataSource(train: csv.path, target: "y").load(seed: 3)
        #expect(loaded.train == expected.train)
        #expect(loaded.test == expected.test)
        #expect(loaded.preprocessing == expected.preprocessing)

        let wanted = NewRows(needsTarget: true, formats: Self.formats)
        let new = try expected.preprocessing.load(newRows: [pairs.path], wanted)
        #expect(try new == expected.preprocessing.load(newRows: csv.path, needsTarget: true))

        let folder = pairs.path + ".data"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try opened.convert(DataSource(train: pairs.path), Conversion(path: folder))
        #expect(try DataSource(train: folder, target: "y").load(seed: 3).train == expected.train)
    }

    /// Without the format in the list, the file is read as text of another kind, because no other format recognises it.
    @Test func onlyTheListDecides() throws {
        let file = try TemporaryFile(Self.pairs, name: "rows.pairs")
        #expect(try DataFormats.standard.open([file.path], Reading()) is CSV)
        #expect(try Self.formats.open([file.path], Reading()) is Pairs)
    }

    @Test func errorsNameTheLine() throws {
        let file = try TemporaryFile("pairs\na=1 y=2\na=1 z=3\n", name: "rows.pairs")
        let error = failure { () throws(DataError) in try Self.formats.open([file.path], Reading()) }
        #expect(error == .badLine(file: file.path, line: 3, detail: "other pairs than the first row has"))
    }

    @Test func everyFormatIsRecognisedByWhatItIs() throws {
        let text = try TemporaryFile("a,b\n1,2\n", name: "a.txt")
        let sparse = try TemporaryFile("1 1:2\n0 2:1\n", name: "b.txt")
        let idx = try TemporaryFile([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2])
        #expect(try DataFormats.standard.open([text.path], Reading()) is CSV)
        #expect(try DataFormats.standard.open([sparse.path], Reading()) is LIBSVM)
        #expect(try DataFormats.standard.open([sparse.path], Reading(format: .csv)) is CSV)
        #expect(try DataFormats.standard.open([text.path], Reading(window: 2)) is CharacterText)
        #expect(try DataFormats.standard.open([idx.path], Reading()) is ArrayFile)
        #expect(try DataFormats.standard.open([DataSource.digits], Reading()) is BundledDigits)
    }
}
