import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// The same table in seven containers and in several encodings gives the same columns, and trains to the same bits.
@Suite struct SameTableTests {
    /// 60 rows of two numbers, a text of two or more words, and a class. Some numbers are missing.
    private static let rows: [[String?]] = (0..<60).map { (row: Int) -> [String?] in
        let x = Double(row * 37 % 101) / 4
        let n: Int = row * row % 17 - 8
        let kind: String = ["größe eins", "café, neu", "it's", "O\"Neil"][row % 4]
        return [row % 13 == 5 ? nil : "\(x)", "\(n)", kind, row * 7 % 5 < 2 ? "yes" : "no"]
    }
    private static let names = ["x", "n", "kind", "y"]

    private static func separated(by separator: String) -> String {
        ([names] + rows.map { $0.map { $0 ?? "" } }).map { cells in
            cells.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: separator) + "\n"
        }.joined()
    }

    private static var jsonLines: String {
        rows.map { row in
            let cells = zip(names, row).map { name, cell -> String in
                guard let cell else { return "\"\(name)\": null" }
                let isNumber = name == "x" || name == "n"
                return "\"\(name)\": " + (isNumber ? cell : "\"\(cell.replacing("\"", with: "\\\""))\"")
            }
            return "{" + cells.joined(separator: ", ") + "}\n"
        }.joined()
    }

    private static var blanks: String {
        ([names] + rows.map { $0.map { $0 ?? "NA" } }).map { cells in
            cells.map { $0.contains(" ") ? "\"\($0)\"" : $0 }.joined(separator: "   ") + "\n"
        }.joined()
    }

    private static var arff: String {
        "@relation r\n@attribute x numeric\n@attribute n numeric\n@attribute kind string\n@attribute y {yes,no}\n@data\n"
            + rows.map { row in
                row.map { cell in
                    cell.map { "'" + $0.replacing("'", with: "\\'") + "'" } ?? "?"
                }.joined(separator: ",") + "\n"
            }.joined()
    }

    private static func sqlite() throws -> TemporaryFile {
        let values = rows.map { row in
            let texts = row.enumerated().map { place, cell in
                cell.map { place < 2 ? $0 : "'" + $0.replacing("'", with: "''") + "'" } ?? "NULL"
            }
            return "(" + texts.joined(separator: ", ") + ")"
        }
        return try database(
            "CREATE TABLE t (x REAL, n INTEGER, kind TEXT, y TEXT); INSERT INTO t VALUES "
                + values.joined(separator: ", ") + ";")
    }

    private static func containers() throws -> [(name: String, file: TemporaryFile)] {
        [
            ("CSV", try TemporaryFile(separated(by: ","), name: "t.csv")),
            ("TSV", try TemporaryFile(separated(by: "\t"), name: "t.tsv")),
            ("blanks", try TemporaryFile(blanks, name: "t.data")),
            ("JSON lines", try TemporaryFile(jsonLines, name: "t.jsonl")),
            (
                "JSON array",
                try TemporaryFile(
                    "[" + jsonLines.split(separator: "\n").joined(separator: ",\n") + "]", name: "t.json")
            ),
            ("ARFF", try TemporaryFile(arff, name: "t.arff")), ("SQLite", try sqlite()),
        ]
    }

    @Test func inAllContainersAndEncodings() throws {
        let files = try Self.containers()
        let expected = try open(files[0].file.path).table(kinds: nil)
        #expect(expected.rowCount == 60 && expected.columns.count == 4)
        let trained = try DataSource(train: files[0].file.path, target: "y").load(seed: 3)
        for (name, file) in files {
            let table = try open(file.path).table(kinds: nil)
            #expect(table.columns.map(\.name) == Self.names)
            #expect(cells(table) == cells(expected), "\(name)")
            let loaded = try DataSource(train: file.path, target: "y").load(seed: 3)
            #expect(loaded.train == trained.train && loaded.test == trained.test, "\(name)")
            // new rows in any container are read as those of training
            let new = try trained.preprocessing.load(newRows: file.path, needsTarget: true)
            let own = try trained.preprocessing.load(newRows: files[0].file.path, needsTarget: true)
            #expect(new == own, "\(name)")
            let folder = file.path + ".data"
            try DataSource(train: file.path, target: "y").convert(to: folder)
            #expect(try DataSource(train: folder, target: "y").load(seed: 3).train == trained.train, "\(name)")
            guard name != "SQLite" else { continue }
            let text = try String(contentsOfFile: file.path, encoding: .utf8)
            for encoding in [String.Encoding.windowsCP1252, .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian] {
                let mark: [UInt8] = encoding == .utf32LittleEndian ? [0xFF, 0xFE, 0, 0] : []
                let bytes = mark + [UInt8](try #require(text.data(using: encoding)))
                let other = try TemporaryFile(bytes, name: "t." + String(file.path.split(separator: ".").last ?? ""))
                #expect(try cells(open(other.path).table(kinds: nil)) == cells(expected), "\(name) \(encoding)")
                #expect(try DataSource(train: other.path, target: "y").load(seed: 3).train == trained.train)
            }
        }
    }

    /// A sheet that openpyxl wrote, and the same rows as CSV.
    @Test func aSheetAsCSV() throws {
        let csv = """
            name,price,day,is new,note
            "Äpfel & ""Co""\",1.5,2024-03-01,TRUE,"a,b;c"
            "two
            lines",-2,1900-02-28,FALSE,
            <third>,1e-7,2024-02-29T12:30:05,TRUE," kept "
            fourth,,1900-03-01,FALSE,x
            fifth,,9999-12-31,TRUE,

            """
        let expected = try read(csv, "t.csv")
        #expect(
            try open(fixture("workbook.xlsx")).table(kinds: nil).columns.map(\.name) == expected.columns.map(\.name))
        #expect(try cells(open(fixture("workbook.xlsx")).table(kinds: nil)) == cells(expected))
    }

    @Test func aSeparatorLineOfASpreadsheet() throws {
        let table = try open(fixture("cases/excel-sep-line/input.csv")).table(kinds: nil)
        let expected = try CSV(path: fixture("cases/excel-sep-line/reference.csv")).table()
        #expect(table.columns == expected.columns)
        for separator in ["^", ":", "~", "#"] {
            let own = try read("sep=\(separator)\na\(separator)b\n1\(separator)2\n", "t.csv")
            #expect(own.columns.map(\.name) == ["a", "b"] && own.lines == [3])
        }
    }

    @Test(arguments: ["input-latin1.csv", "input-utf16.csv"])
    func casesOfEncodings(name: String) throws {
        let description = try DataDescription(of: fixture("cases/latin1-and-utf16/" + name))
        #expect(description.columns.count == 3 && description.notices.count == 1)
        guard name.contains("latin1") else { return }
        #expect(description.columns[0].name == "größe")
        guard case .texts(let shares) = description.columns[2].content else { return }
        #expect(Set(shares.map(\.name)) == ["thé", "café"])
    }
}
