import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// The review of columns comes to the same in every container, and keeps all columns of public tables.
@Suite struct ColumnReviewFilesTests {
    /// An index, ids, prose, a copy of the target, an empty column, a constant, a count, and three more.
    private static let table: ColumnTable = {
        let rows = 300
        let classes = ColumnTable.classes(rows)
        let empty = [String](repeating: "", count: rows)
        let constant = [String](repeating: "mm", count: rows)
        let ids: [String] = (0..<rows).map { "\($0 * 37 % 1009)" }
        let words: [String] = (0..<rows).map { "word \($0)" }
        let group: [String] = classes.map { $0 == "no" ? "a" : "b" }
        let cities: [String] = (0..<rows).map { "city \($0 % 7)" }
        var columns: [(String, [String])] = [("", (0..<rows).map(String.init)), ("user_id", ids), ("comment", words)]
        columns += [("label", classes), ("note", empty), ("unit", constant), ("t", (1...rows).map(String.init))]
        columns += [("group", group), ("city", cities)]
        return ColumnTable.beside(columns, rows: rows)
    }()
    private static let kept = ["unit", "t", "group", "city", "x", "z"]

    @Test func everyContainerComesToTheSame() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array(Self.table.text().utf8), to: "t.csv")
        let source = DataSource(train: folder.at("t.csv"), target: "y")
        let expected = try source.load(seed: 3)
        #expect(expected.learntColumns == Self.kept)
        #expect(expected.notices.count == 8, "\(expected.notices)")
        try source.convert(to: folder.at("t.data"), shardRows: 70)
        let converted = DataSource(train: folder.at("t.data"), target: "y")
        for memory in [0, DataSource.usualMemory] {
            let found = try converted.load(seed: 3, memory: memory)
            #expect(found.preprocessing == expected.preprocessing)
            func words(_ notice: String) -> String {
                notice.replacing(folder.at("t.data"), with: "t").replacing(folder.at("t.csv"), with: "t")
                    .replacing("row 1", with: "line 2")
            }
            #expect(found.notices.map(words) == expected.notices.map(words))
        }
    }

    /// Each file of several has an index that begins anew.
    @Test func partsAreOneTable() throws {
        let folder = try TemporaryFolder()
        for part in 0..<3 {
            let table = ColumnTable.beside([
                ("", (0..<40).map(String.init)), ("n", (0..<40).map { "\($0 * part % 5)" }),
            ])
            try folder.write(Array(table.text().utf8), to: "part-\(part).csv")
        }
        let loaded = try DataSource(train: folder.at("part-*.csv"), target: "y").load(seed: 1)
        #expect(loaded.learntColumns == ["n", "x", "z"] && loaded.notices.count == 1)
    }

    @Test func aDatabaseIsReviewed() throws {
        let rows = (1...40).map { row in
            let kind = row % 3 == 0 ? "a" : "b"
            return "(\(row), \(row * 7 % 11), '\(kind)')"
        }.joined(separator: ", ")
        let file = try database(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y TEXT); INSERT INTO t VALUES \(rows);")
        let loaded = try DataSource(train: [file.path], kind: .database(.table("t"), .init(target: "y"))).load(seed: 1)
        #expect(loaded.learntColumns == ["x"] && loaded.notices.count == 1)
    }

    @Test func describeSaysTheSameWithoutATarget() throws {
        let file = try TemporaryFile(Self.table.text(), name: "t.csv")
        let notices = try DataDescription(of: file.path).notices
        let texts = [
            "\"column 1\" counts the rows", "\"user_id\" has another whole number",
            "\"comment\" has 300 different texts",
            "\"note\" has no value", "\"t\" counts the rows", "\"unit\" is \"mm\" in every row",
        ]
        #expect(notices.count == texts.count)
        for (notice, text) in zip(notices, texts) { #expect(notice.contains(text), "\(notice)") }
    }

    /// A table that pandas wrote with its index trains as it does without.
    @Test func pandasIndexColumn() throws {
        let path = Cases.path("pandas-index-column/input.csv")
        let loaded = try DataSource(train: path, target: "kind").load(seed: 42)
        #expect(loaded.learntColumns == ["w", "h"] && loaded.notices.count == 1)
        #expect(loaded.notices[0].contains("the column \"column 1\" counts the rows, 0, 1, 2 and so on"))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let without = try TemporaryFile(lines.map { $0.dropFirst().joined(separator: ",") + "\n" }.joined())
        let expected = try DataSource(train: without.path, target: "kind").load(seed: 42)
        #expect(loaded.train.features == expected.train.features && loaded.train.targets == expected.train.targets)
        let new = try loaded.preprocessing.load(newRows: Cases.path("pandas-index-column/new.csv"))
        #expect(new.count == 60 && new.featureShape == [2])
    }

    @Test(
        .enabled(if: SharedData.has("tables")),
        arguments: [
            ("LetterRecognition", "lettr", 16), ("spam", "type", 57), ("diamonds", "price", 9),
            ("income", "INCOME", 13),
            ("Vehicle", "Class", 18), ("Soybean", "Class", 35), ("Ozone", "V4", 12),
            ("PimaIndiansDiabetes2", "diabetes", 8), ("Sonar", "Class", 60), ("Servo", "Class", 4),
            ("Glass", "Type", 9),
        ])
    func publicTablesLoseNoColumn(name: String, target: String, columns: Int) throws {
        let path = SharedData.folder + "/tables/\(name).csv.gz"
        let loaded = try DataSource(train: path, target: target).load(seed: 1)
        #expect(loaded.learntColumns.count == columns)
        // targets of whole numbers that may be meant in two ways, and rows without a target, are told of
        let notices = ["Ozone": 2, "Servo": 1, "Glass": 1][name] ?? 0
        #expect(loaded.notices.count == notices, "\(loaded.notices)")
    }
}
