import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Several files that are read as one.
@Suite struct DataPartsTests {
    private func table(_ files: [(String, String)], header: Bool? = nil) throws -> Table {
        let folder = try Folder(files.map { (name: $0.0, text: $0.1) })
        guard let csv = try DataFormats.standard.open([folder.path + "/*"], Reading(header: header)) as? CSV else {
            throw DataError.noRows(folder.path)
        }
        return try csv.table(kinds: nil)
    }

    private func error(_ files: [(String, String)]) -> (any Error)? {
        do { _ = try table(files) } catch { return error }
        return nil
    }

    /// The oracle has the same rows in one file.
    @Test func partsAreTheWhole() throws {
        let rows = (0..<1000).map { "\($0 % 7),\(["red", "blue", "\"a, b\""][$0 % 3]),\(Double($0) / 8)\n" }
        let whole = try table([("all.csv", "n,kind,x\n" + rows.joined())])
        let parts = try table(
            [0, 1, 400, 401].enumerated().map { index, start in
                let end = [1, 400, 401, 1000][index]
                return ("part-\(index).csv", "n,kind,x\n" + rows[start..<end].joined())
            })
        #expect(parts.columns == whole.columns && parts.rowCount == 1000)
        #expect(parts.file(399).hasSuffix("part-1.csv") && parts.file(400).hasSuffix("part-2.csv"))
        #expect(parts.line(400) == 2 && parts.line(402) == 3)
    }

    @Test func columnsAreMatchedByTheirNames() throws {
        let parts = try table([("1", "a,b\n1,x\n"), ("2", "b,a\ny,2\n")])
        #expect(parts.columns.map(\.name) == ["a", "b"])
        #expect(
            parts.columns.map(\.values) == [
                .numeric([1, 2]), .categorical(codes: [0, 1], levels: ["x", "y"]),
            ])
    }

    @Test func textInOnePartIsTextInAll() throws {
        let parts = try table([("1", "a,d\n2,2024-01-01\n,2024-01-02\n"), ("2", "a,d\nx,7\n"), ("3", "a,d\n,\n1,\n")])
        #expect(
            parts.columns.map(\.values) == [
                .categorical(codes: [1, -1, 2, -1, 0], levels: ["1", "2", "x"]),
                .categorical(codes: [0, 1, 2, -1, -1], levels: ["2024-01-01", "2024-01-02", "7"]),
            ])
        let dates = try table([("1", "d,n\n,1\n"), ("2", "d,n\n1970-01-02,1\n")]).columns[0]
        #expect(dates.isDate)
        guard case .numeric(let seconds) = dates.values else {
            Issue.record("not numeric")
            return
        }
        #expect(seconds[0].isNaN && seconds[1] == 86_400)
    }

    @Test(arguments: [
        ("a,b\n1,2\n", "a,c\n1,2\n", "no column \"b\""), ("a,b\n1,2\n", "a,b,c\n1,2,3\n", "3 columns, not 2"),
        ("1,2\n3,4\n", "a,b\n1,2\n", "a header"),
    ])
    func thePartThatDiffersIsNamed(first: String, second: String, detail: String) throws {
        guard
            case .partDiffers(let file, let other, detail)? = error([("1.csv", first), ("2.csv", second)]) as? DataError
        else {
            Issue.record("\(String(describing: error([("1.csv", first), ("2.csv", second)])))")
            return
        }
        #expect(file.hasSuffix("/2.csv") && other.hasSuffix("/1.csv"))
    }

    @Test func errorsNameThePartAndItsLine() throws {
        let folder = try Folder([(name: "1.csv", text: "x,y\n1,2\n3,4\n"), (name: "2.csv", text: "x,y\n1,2\n5,\n")])
        let source = DataSource(train: "?.csv", target: "y", task: .regression)
        let notices = try source.load(seed: 1, relativeTo: folder.path).notices
        #expect(notices == ["\(folder.path)/2.csv, line 3, column \"y\": no value to learn; the row is left out"])
    }

    @Test func listsKeepTheirOrder() throws {
        let folder = try Folder([(name: "a.csv", text: "x,y\n1,10\n2,20\n"), (name: "b.csv", text: "x,y\n3,35\n")])
        var source = try DataSource(
            notation: RecipeValue(yaml: "{train: [b.csv, a.csv], test: [a.csv, b.csv], target: y, task: regression}"))
        source.standardise = false
        let loaded = try source.load(seed: 1, relativeTo: folder.path)
        #expect((0..<3).map { features(loaded.train, row: $0) } == [[3], [1], [2]])
        #expect(loaded.test.map { test in (0..<3).map { features(test, row: $0) } } == [[1], [2], [3]])
        let again = try DataSource(notation: source.notation)
        #expect(again == source)
    }

    @Test func sparsePartsAreTheWhole() throws {
        let folder = try Folder([
            (name: "1.svm", text: "1 1:2 3:4\n0 2:1\n"), (name: "2.svm", text: "1 5:1\n"),
            (name: "all.txt", text: "1 1:2 3:4\n0 2:1\n1 5:1\n"),
        ])
        let parts = try DataSource(train: "?.svm", testFraction: 0).load(seed: 1, relativeTo: folder.path)
        let whole = try DataSource(train: "all.txt", format: .libsvm, testFraction: 0)
            .load(seed: 1, relativeTo: folder.path)
        #expect(parts.train == whole.train && parts.preprocessing == whole.preprocessing)
        // an index 0 in a later part makes all of them begin at 0
        try Data("1 0:1\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/3.svm"))
        let fromZero = try DataSource(train: "?.svm", testFraction: 0).load(seed: 1, relativeTo: folder.path)
        #expect(fromZero.train.featureShape == [6])
    }

    @Test func arraysAreJoined() throws {
        func idx(_ shape: [UInt8], _ values: [UInt8]) -> [UInt8] {
            [0, 0, 8, UInt8(shape.count)] + shape.flatMap { [0, 0, 0, $0] } + values
        }
        let folder = try Folder([String]())
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        func write(_ name: String, _ bytes: [UInt8]) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        }
        try write("x-1", idx([2, 2], [1, 2, 3, 4]))
        try write("x-2", idx([1, 2], [5, 6]))
        try write("y-1", idx([2], [0, 1]))
        try write("y-2", idx([1], [1]))
        var source = DataSource(train: "x-*", labels: "y-*")
        source.standardise = false
        let loaded = try source.load(seed: 1, relativeTo: folder.path)
        #expect((0..<3).map { features(loaded.train, row: $0) } == [[1, 2], [3, 4], [5, 6]])
        #expect(loaded.train.targets == .classes([0, 1, 1], names: ["0", "1"]))
        try write("x-3", idx([1, 3], [5, 6, 7]))
        let error = failure { () throws(DataError) in try source.load(seed: 1, relativeTo: folder.path) }
        guard case .partDiffers(folder.path + "/x-3", _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
