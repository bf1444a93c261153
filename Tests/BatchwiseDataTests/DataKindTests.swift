import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// A recipe's keys mean one kind of data, or are refused when the recipe is read.
@Suite struct DataKindTests {
    private func read(_ yaml: String) throws(RecipeError) -> DataSource {
        try DataSource(notation: RecipeValue(yaml: yaml))
    }

    @Test func everyKindIsReadAndWritten() throws {
        let expected: [(yaml: String, kind: DataSource.Kind)] = [
            ("digits", .automatic), ("{train: x.npy, test: u.npy}", .automatic),
            ("{train: a.csv, target: y, weights: w}", .table(.init(target: "y", weights: "w"))),
            ("{train: a.csv, split: {group: g}}", .table(.init(group: "g"))),
            ("{train: a.txt, format: csv, target: y}", .table(.init(target: "y", isCSV: true))),
            ("{train: a.db, table: t, target: y}", .database(.table("t"), .init(target: "y"))),
            ("{train: a.db, query: SELECT 1}", .database(.query("SELECT 1"), .init())),
            ("{train: x.npy, labels: [y.npy, z.npy]}", .arrays(.init(train: ["y.npy", "z.npy"]))),
            ("{train: x.npy, test: u.npy, test-labels: v.npy}", .arrays(.init(test: ["v.npy"]))),
            ("{train: a.txt, format: libsvm}", .sparse),
            ("{train: photos, channels: 1}", .images(.init(channels: 1))),
            (
                "{train: l.csv, images: path, images-folder: f, target: y, header: true}",
                .imageList(.init(column: "path", folder: "f", target: "y", header: true))
            ),
            ("{train: a.txt, window: 8}", .text(window: 8)),
        ]
        for (yaml, kind) in expected {
            let source = try read(yaml)
            #expect(source.kind == kind, "\(yaml)")
            #expect(try DataSource(notation: source.notation) == source, "\(yaml)")
            #expect(try JSONDecoder().decode(DataSource.self, from: JSONEncoder().encode(source)) == source, "\(yaml)")
        }
    }

    @Test(arguments: [
        ("window: 4, target: y", "plain text"), ("window: 4, columns: {x: log}", "plain text"),
        ("window: 4, task: regression", "plain text"), ("table: t, query: SELECT 1", "exclude each other"),
        ("labels: l, target: y", "a table has data.target"), ("test-labels: l, ignore: id", "a table has data.target"),
        ("labels: l, table: t", "a table has data.target"), ("size: 3, target: y", "are for images"),
        ("images-folder: f", "are for images"), ("channels: 1, labels: l", "are for images"),
        ("images: path, labels: l", "do not go with data.images"),
        ("images: path, ignore: id", "do not go with data.images"),
        ("images: path, target: [a, b]", "one data.target"), ("format: libsvm, target: y", "are for tables"),
    ])
    func keysOfTwoKindsAreRefused(keys: String, text: String) {
        let error = #expect(throws: RecipeError.self) { try read("{train: a, \(keys)}") }
        #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }

    @Test func theDigitsAreComplete() {
        #expect(throws: RecipeError.conflict(DataSource.digitsAreComplete)) { try read("{train: digits, target: y}") }
    }

    @Test func filesOfAnotherKindAreRefused() throws {
        let csv = try TemporaryFile("x,y\n1,a\n2,b\n3,a\n")
        let kinds: [(DataSource.Kind, String)] = [
            (.arrays(.init(train: ["l"])), "data.labels is for"), (.images(.init(channels: 1)), "are for images"),
            (.database(.table("t"), .init(target: "y")), "are for SQLite databases"),
        ]
        for (kind, text) in kinds {
            let source = DataSource(train: [csv.path], kind: kind)
            let error = failure { () throws(DataError) in try source.load(seed: 1) }
            #expect(error?.description.contains(text) == true, "\(String(describing: error))")
        }
        let rows = try TemporaryFile("1 1:2\n0 2:1\n")
        let table = DataSource(train: rows.path, target: "y")
        let error = failure { () throws(DataError) in try table.load(seed: 1) }
        #expect(error?.description.contains("are for tables, and \(rows.path) is none") == true)
    }

    @Test func everyPathIsReplaced() throws {
        let sources = [
            try read("{train: [a, b], test: c, labels: d, test-labels: e}"),
            try read("{train: a, images: p, images-folder: f}"), try read("{train: a, target: y}"),
        ]
        #expect(
            sources.map { $0.mapPaths { "x/" + $0 } } == [
                try read("{train: [x/a, x/b], test: x/c, labels: x/d, test-labels: x/e}"),
                try read("{train: x/a, images: p, images-folder: x/f}"), try read("{train: x/a, target: y}"),
            ])
    }
}
