import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// One decision of how a target is taken, for every kind of file.
@Suite struct TargetReadingTests {
    private enum Container: CaseIterable {
        case csv, csvWithPoints, sqlite, libsvm, bytes, longs, floats, doubles, columnOfDoubles
    }

    /// The same target and one feature in a file of this kind.
    private func load(
        _ targets: [Int], _ container: Container, task: DataSource.Task? = nil
    ) throws -> LoadedData {
        let folder = try TemporaryFolder()
        func npy<Number>(_ descr: String, _ numbers: [Number], shape: [Int]? = nil) -> [UInt8] {
            NPYWriter.header(descr: descr, shape: shape ?? [numbers.count])
                + numbers.flatMap { number in withUnsafeBytes(of: number) { Array($0) } }
        }
        let rows = targets.enumerated()
        var source: DataSource
        var database: TemporaryFile?
        switch container {
        case .csv, .csvWithPoints:
            let point = container == .csv ? "" : ".0"
            try folder.write(
                Array(("x,y\n" + rows.map { "\($0 % 7).5,\($1)\(point)\n" }.joined()).utf8), to: "t.csv")
            source = DataSource(train: folder.at("t.csv"), target: "y", testFraction: 0)
        case .sqlite:
            let values = rows.map { "(\($0 % 7).5, \($1))" }.joined(separator: ",")
            database = try BatchwiseDataTests.database(
                "CREATE TABLE t (x REAL, y INTEGER); INSERT INTO t VALUES \(values)")
            source = DataSource(train: database?.path ?? "", target: "y", testFraction: 0)
        case .libsvm:
            try folder.write(Array(rows.map { "\($1) 1:\($0 % 7).5\n" }.joined().utf8), to: "t.svm")
            source = DataSource(train: folder.at("t.svm"))
        case .bytes, .longs, .floats, .doubles, .columnOfDoubles:
            try folder.write(npy("<f4", rows.map { Float($0.offset % 7) }, shape: [targets.count, 1]), to: "x.npy")
            let labels =
                switch container {
                case .bytes: npy("|u1", targets.map { UInt8($0) })
                case .longs: npy("<i8", targets.map { Int64($0) })
                case .floats: npy("<f4", targets.map { Float($0) })
                case .doubles: npy("<f8", targets.map { Double($0) })
                default: npy("<f8", targets.map { Double($0) }, shape: [targets.count, 1])
                }
            try folder.write(labels, to: "y.npy")
            source = DataSource(train: folder.at("x.npy"), labels: folder.at("y.npy"), testFraction: 0)
        }
        source.task = task
        let loaded = try source.load(seed: 1)
        folder.keep()
        return loaded
    }

    /// Digits are classes, prices and rare counts are amounts, in every kind of file.
    @Test func everyContainerDecidesTheSame() throws {
        let digits = (0..<120).map { $0 * 7 % 10 }
        let prices = (0..<60).map { 40 + $0 * $0 % 211 }
        let counts = [135, 150, 71, 30, 12, 5, 3, 1].enumerated().flatMap { repeatElement($0, count: $1) }
        for container in Container.allCases {
            let classes = try load(digits, container)
            #expect(classes.train.classCount == 10, "\(container)")
            #expect(classes.notices == [], "\(container)")
            #expect(
                classes.targetReading?.hasSuffix(
                    "10 different whole numbers, 0 to 9, in 120 rows, are classes; data.task: regression makes them amounts"
                )
                    == true, "\(container): \(classes.targetReading ?? "")")
            for (targets, name) in [(prices, "prices"), (counts, "counts")] {
                let amounts = try load(targets, container)
                #expect(amounts.train.classCount == nil, "\(container), \(name)")
                #expect(amounts.targetReading?.contains("data.task: classification") == true, "\(container), \(name)")
            }
            #expect(try load(counts, container).notices.count == 1, "\(container)")
            #expect(try load(prices, container, task: .classification).train.classCount ?? 0 > 20, "\(container)")
            #expect(try load(digits, container, task: .regression).train.classCount == nil, "\(container)")
        }
    }

    private func load(_ text: String, target: String = "y", task: DataSource.Task? = nil) throws(DataError)
        -> LoadedData
    {
        let file: TemporaryFile
        do { file = try TemporaryFile(text) } catch { throw .missingFile("\(error)") }
        var source = DataSource(train: file.path, target: target, testFraction: 0)
        source.task = task
        return try source.load(seed: 1)
    }

    @Test(arguments: [("yes", "no"), ("on", "off"), ("true", "false"), ("0.0", "1.0"), ("1", "-1"), ("3", "7")])
    func twoValuesAreTwoClasses(one: String, other: String) throws {
        let loaded = try load("x,y\n" + (0..<20).map { "\($0 % 7),\($0 % 3 == 0 ? one : other)\n" }.joined())
        #expect(loaded.train.classCount == 2 && loaded.notices == [])
    }

    /// Names are no classes, and the message says which column, line and text.
    @Test func textsThatAreNearlyAllDifferentAreRefused() throws {
        let text = "x,y\n" + (0..<40).map { "\($0),person \($0 / 2 * 2 + $0 % 3)\n" }.joined()
        let error = try #require(failure { () throws(DataError) in try load(text) })
        #expect(error.description.contains("line 2, column \"y\": \"person 0\" is one of "))
        #expect(error.description.hasSuffix("name another target; data.task: classification makes each text a class"))
        #expect(try load(text, task: .classification).train.classCount ?? 0 > 20)
        // ten texts in forty rows are classes
        #expect(try load("x,y\n" + (0..<40).map { "\($0),group \($0 % 10)\n" }.joined()).train.classCount == 10)
    }

    /// Two texts among forty amounts are missing amounts, said so; a quarter of texts is no accident.
    @Test(arguments: [40, 400])
    func aTextAmongAmountsIsNamed(rows: Int) throws {
        func text(_ cells: [String]) -> String {
            "x,y\n" + cells.enumerated().map { "\($0 * 7 % 11),\($1)\n" }.joined()
        }
        var cells = (0..<rows).map { "\($0 % 97 * 13)" }
        (cells[16], cells[30]) = ("on request", "?!")
        let loaded = try load(text(cells))
        #expect(loaded.train.classCount == nil && loaded.train.count == rows - 2)
        #expect(
            loaded.notices.contains {
                $0.contains("2 of its \(rows) cells") && $0.contains("\"on request\" in line 18")
            })
        #expect(loaded.notices.contains { $0.contains("line 18, column \"y\": no value to learn") })
        let odd = rows / 4
        for row in 16..<16 + odd { cells[row] = row == 16 ? "on request" : "ask for \(row)" }
        if rows > 40 { cells[30] = "ask" }
        let error = try #require(failure { () throws(DataError) in try load(text(cells)) })
        #expect(
            error.description.contains(
                "line 18, column \"y\": \"on request\" is no number, and \(rows - odd - (rows == 40 ? 1 : 0)) of the"))
        // classes that are numbers and one that is a text are classes
        let grades = "x,y\n" + (0..<40).map { "\($0),\($0 % 5 == 4 ? "absent" : "\($0 % 5)")\n" }.joined()
        #expect(try load(grades).train.classCount == 5)
    }

    @Test func aClassOfOneRowIsNoticed() throws {
        let text = "x,y\n" + (0..<30).map { "\($0 * 7 % 11),\($0 == 11 ? "c" : $0 % 2 == 0 ? "a" : "b")\n" }.joined()
        #expect(
            try load(text).notices == [
                "target \"y\": the class \"c\" has a single row, line 13; it is either learnt or tested, never both"
            ])
    }

    @Test func datesAreSeconds() throws {
        let loaded = try load("x,y\n" + (1...28).map { "\($0 * 7 % 11),2024-02-\($0 < 10 ? "0" : "")\($0)\n" }.joined())
        #expect(loaded.train.classCount == nil)
        #expect(loaded.notices == ["target \"y\": dates, learnt and predicted as seconds since the beginning of 1970"])
    }

    /// Rows without a number do not add a class of their own.
    @Test func missingNumbersAreNoClass() throws {
        let text = "x,y\n" + (0..<30).map { "\($0),\($0 == 7 ? "" : "\($0 % 2 + 1)")\n" }.joined()
        #expect(try load(text).preprocessing.target == .classes(names: ["1", "2"]))
    }

    @Test func oneHotRowsAreClasses() throws {
        let folder = try TemporaryFolder()
        func npy(_ rows: [[Float]]) -> [UInt8] {
            NPYWriter.header(descr: "<f4", shape: [rows.count, rows[0].count])
                + rows.joined().flatMap { number in withUnsafeBytes(of: number) { Array($0) } }
        }
        let places = [0, 2, 1, 1, 0, 2]
        let rows = places.map { place in (0..<3).map { $0 == place ? Float(1) : 0 } }
        try folder.write(npy(rows.map { [$0[0]] }), to: "x.npy")
        try folder.write(npy(rows), to: "y.npy")
        try folder.write(npy(rows.map { [$0[0], 1, $0[2]] }), to: "several.npy")
        func load(_ labels: String, _ task: DataSource.Task? = nil) throws(DataError) -> LoadedData {
            var source = DataSource(train: folder.at("x.npy"), labels: folder.at(labels), testFraction: 0)
            source.task = task
            return try source.load(seed: 1)
        }
        let loaded = try load("y.npy")
        #expect(loaded.train.targets == .classes(places.map { Int32($0) }, names: ["0", "1", "2"]))
        #expect(loaded.targetReading?.contains("(one-hot) are 3 classes") == true)
        #expect(try load("y.npy", .regression).train.classCount == nil)
        // several 1s in a row are amounts, and no classes even where they are asked for
        #expect(try load("several.npy").train.classCount == nil)
        let error = failure { () throws(DataError) in try load("several.npy", .classification) }
        #expect(error?.description.contains("data.task: regression") == true)
        // new rows are one-hot too
        let again = try loaded.preprocessing.load(
            newRows: folder.at("x.npy"), labels: folder.at("y.npy"), needsTarget: true)
        #expect(again.targets == loaded.train.targets)
        folder.keep()
    }

    @Test func textsInArraysAreLabels() throws {
        let folder = try TemporaryFolder()
        let features = NPYWriter.header(descr: "|u1", shape: [4, 2]) + [0, 1, 2, 3, 4, 5, 6, 7]
        try folder.write(features, to: "x.npy")
        for (name, bytes) in [("wide.npy", TextArrayTests.wide), ("big.npy", TextArrayTests.wideBigEndian)] {
            try folder.write(bytes, to: name)
            let loaded = try DataSource(train: folder.at("x.npy"), labels: folder.at(name), testFraction: 0)
                .load(seed: 1)
            #expect(loaded.train.targets == .classes([1, 0, 1, 2], names: ["ham", "spam", "été"]))
        }
        folder.keep()
    }

    /// Amounts that the training rows do not have lead to the key that says that they are amounts.
    @Test func anUnknownNumberNamesTheKey() throws {
        let folder = try TemporaryFolder()
        func npy(_ numbers: [Int64]) -> [UInt8] {
            NPYWriter.header(descr: "<i8", shape: [numbers.count])
                + numbers.flatMap { number in withUnsafeBytes(of: number) { Array($0) } }
        }
        try folder.write(npy([1, 2, 3, 4]), to: "x.npy")
        try folder.write(npy([0, 1, 0, 1]), to: "y.npy")
        try folder.write(npy([0, 1, 50702, 1]), to: "new.npy")
        let source = DataSource(train: folder.at("x.npy"), labels: folder.at("y.npy"), testFraction: 0)
        let preprocessing = try source.load(seed: 1).preprocessing
        let error = failure { () throws(DataError) in
            try preprocessing.load(newRows: folder.at("x.npy"), labels: folder.at("new.npy"), needsTarget: true)
        }
        #expect(
            error?.description.hasSuffix(
                "the class \"50702\" is not in the training data; if these numbers are amounts, train with "
                    + "data.task: regression") == true, "\(String(describing: error))")
        folder.keep()
    }
}
