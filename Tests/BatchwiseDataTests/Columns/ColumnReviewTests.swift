import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Columns that cannot be meant are left out with a notice, and no others.
@Suite struct ColumnReviewTests {
    private static let count = (0..<60).map(String.init)

    /// The table trains as it does without its first column, and one notice says so.
    private func expectLeftOut(_ table: ColumnTable, _ text: String, target: String = "y") throws {
        let loaded = try table.load(target: target)
        var rest = table
        let column = rest.columns.removeFirst()
        let without = try rest.load(target: target)
        #expect(loaded.learntColumns == without.learntColumns, "\(column.name)")
        #expect(loaded.train.features == without.train.features && loaded.test?.features == without.test?.features)
        #expect(without.notices == [] && loaded.notices.count == 1, "\(loaded.notices) \(without.notices)")
        let notice = loaded.notices.first ?? ""
        #expect(notice.contains(text) && notice.contains("it is not learnt from, unless data.columns: {"), "\(notice)")
    }

    private func expectKept(_ table: ColumnTable, notices: Int = 0, target: String = "y") throws -> [String] {
        let loaded = try table.load(target: target)
        let names = table.columns.map { $0.name }.filter { $0 != target }
        #expect(loaded.learntColumns == names.map { $0.isEmpty ? "column 1" : $0 })
        #expect(loaded.notices.count == notices, "\(loaded.notices)")
        return loaded.notices
    }

    // MARK: Left out

    @Test(arguments: [
        "", "Unnamed: 0", "index", "id", "ID", "row", "Row", "nr", "Nr.", "no", "No.", "#", "PassengerId", "user_id",
        "row number", "S.No", "record", "obs",
    ])
    func anIndexIsLeftOut(name: String) throws {
        for first in [0, 1] {
            let cells = (0..<60).map { "\($0 + first)" }
            try expectLeftOut(
                .beside([(name, cells)]), "counts the rows, \(first), \(first + 1), \(first + 2) and so on")
        }
    }

    @Test func anIndexOfEachFileIsLeftOut() throws {
        try expectLeftOut(.beside([("Unnamed: 0", (0..<60).map { "\($0 % 20)" })]), "counts the rows, 0, 1, 2")
        // shuffled by a program that has kept its index
        try expectLeftOut(.beside([("", (0..<60).map { "\($0 * 7 % 61)" })]), "has another whole number in each row")
    }

    @Test func anIndexWithoutAHeaderIsLeftOut() throws {
        let table = ColumnTable.beside([("", (1...60).map(String.init))])
        let loaded = try table.load(target: "4", header: false)
        #expect(loaded.learntColumns == ["column 2", "column 3"] && loaded.notices.count == 1)
        // not where it is no count
        var other = table
        other.columns[0].cells.swapAt(0, 1)
        #expect(try other.load(target: "4", header: false).learntColumns.count == 3)
    }

    @Test(arguments: ["id", "customer_id", "OrderNumber", "uuid", "code", "house key", "index", "Unnamed: 0"])
    func wholeNumbersAllDifferentAreIds(name: String) throws {
        let ids = (0..<60).map { "\(CounterRandom.mix(UInt64($0)) >> 40)" }
        try expectLeftOut(.beside([(name, ids)]), "has another whole number in each row, as ids have")
        // with gaps, rising and falling
        try expectLeftOut(.beside([(name, (0..<60).map { "\(1000 + 3 * $0)" })]), "another whole number")
        try expectLeftOut(.beside([(name, (0..<60).map { "\(1000 - 3 * $0)" })]), "another whole number")
    }

    @Test func textsNearlyAllDifferentAreLeftOut() throws {
        let prose = (0..<60).map { "a word and number \($0)" }
        try expectLeftOut(
            .beside([("comment", prose)]), "60 different texts in 60 rows, the first \"a word and number 0\" in line 2")
        var hashes = (0..<60).map { String(CounterRandom.mix(UInt64($0)), radix: 16) }
        (hashes[0], hashes[3]) = ("", hashes[2])
        try expectLeftOut(
            .beside([("user", hashes)]), "58 different texts in 59 rows, the first \"\(hashes[1])\" in line 3")
        // more than there may be features
        let many = (0..<1500).map { "name \($0)" }
        try expectLeftOut(.beside([("name", many)], rows: 1500), "1500 different texts")
        // whole numbers beyond 2^53 are texts; a notice of its own says so
        let long = (0..<60).map { "123456789012345678\(10 + $0)" }
        let loaded = try ColumnTable.beside([("account", long)]).load()
        #expect(loaded.learntColumns == ["x", "z"] && loaded.notices.count == 2)
    }

    @Test func aCopyOfTheTargetIsLeftOut() throws {
        let classes = ColumnTable.classes(60)
        try expectLeftOut(.beside([("label", classes)]), "is the target \"y\" once more, in every row")
        // where a cell is missing too
        try expectLeftOut(.beside([("label", [""] + classes.dropFirst())]), "is the target \"y\" once more")
        let amounts = ColumnTable.numbers(60, 3)
        let table = ColumnTable([("y2", amounts), ("x", ColumnTable.numbers(60, 1)), ("y", amounts)])
        try expectLeftOut(table, "is the target \"y\" once more")
        let numbers = classes.map { $0 == "no" ? "0" : "1" }
        try expectLeftOut(
            ColumnTable([("y2", numbers), ("x", ColumnTable.numbers(60, 1)), ("y", numbers)]), "is the target \"y\"")
    }

    @Test func aColumnWithoutAValueIsLeftOut() throws {
        try expectLeftOut(
            .beside([("note", .init(repeating: "", count: 60))]), "\"note\" has no value in any row")
        try expectLeftOut(.beside([("a", .init(repeating: "NA", count: 60))]), "\"a\" has no value in any row")
    }

    // MARK: Noticed

    @Test func aColumnThatTellsTheTargetIsNoticed() throws {
        let classes = ColumnTable.classes(60)
        let renamed = try expectKept(.beside([("alive", classes.map { $0 == "no" ? "0" : "1" })]), notices: 1)
        #expect(renamed[0].contains("\"alive\" names the classes of the target \"y\" in another way, in every row"))
        let letters = classes.enumerated().map { $1 == "no" ? "a" : ["b", "c"][$0 % 2] }
        #expect(
            try expectKept(.beside([("kind", letters)]), notices: 1)[0].contains(
                "the column \"kind\" alone tells the target \"y\", in every row: data.ignore: [kind] leaves it out"))
        let celsius = ColumnTable.numbers(60, 3)
        let fahrenheit = celsius.map { "\(32 + 1.8 * (Double($0) ?? 0))" }
        let table = ColumnTable([("c", celsius), ("x", ColumnTable.numbers(60, 1)), ("f", fahrenheit)])
        #expect(
            try expectKept(table, notices: 1, target: "f")[0].contains(
                "the target \"f\" is 1.8 times the column \"c\" plus 32, in every row"))
        #expect(
            try expectKept(table, notices: 1, target: "c")[0].contains(
                "the target \"c\" is 0.555556 times the column \"f\" minus 17.7778, in every row"))
    }

    @Test func otherConspicuousColumnsAreNoticed() throws {
        #expect(
            try expectKept(.beside([("t", Self.count)]), notices: 1)[0].contains("\"t\" counts the rows, 0, 1, 2"))
        #expect(
            try expectKept(.beside([("unit", .init(repeating: "mm", count: 60))]), notices: 1)[0].contains(
                "\"unit\" is \"mm\" in every row and tells nothing"))
        #expect(
            try expectKept(.beside([("k", .init(repeating: "7", count: 60))]), notices: 1)[0].contains(
                "\"k\" is 7 in every row"))
        let tickets = (0..<90).map { "ticket \($0 * 2 / 3)" }
        #expect(
            try expectKept(.beside([("ticket", tickets)], rows: 90), notices: 1)[0].contains(
                "60 different texts in 90 rows, the first \"ticket 0\" in line 2, each a feature of its own; data.columns: "
                    + "{ticket: one-hot} or data.columns: {ticket: {hash: 64}} says so"))
    }

    // MARK: Kept

    @Test func columnsThatOnlyLookLikeAnIndexAreKept() throws {
        let controls: [(String, [String])] = [
            ("year", (0..<60).map { "\(1960 + $0)" }), ("age", (0..<60).map { "\(18 + $0)" }),
            ("no", (0..<60).map { "\($0 % 3)" }), ("nr", (0..<60).map { "\(1 + $0 % 20)" }),
            ("row", (0..<60).map { "\($0 / 10)" }), ("index", ColumnTable.numbers(60, 5)),
            ("id", (0..<60).map { "\($0 / 2)" }), ("code", (0..<60).map { "\($0 % 7)" }),
            ("number of rooms", (0..<60).map { "\($0 * 7 % 61)" }), ("", (0..<60).map { "\($0 % 2)" }),
            ("day", (0..<60).map { "2024-0\(1 + $0 / 28)-\(10 + $0 % 28 / 2)" }),
            ("city", (0..<60).map { "city \($0 % 12)" }), ("id2", (0..<60).map { $0 == 30 ? "29" : "\($0)" }),
        ]
        for control in controls { _ = try expectKept(.beside([control])) }
    }

    @Test func strongButImperfectPredictorsAreNotNoticed() throws {
        var classes = ColumnTable.classes(600)
        let alive = classes.map { $0 == "no" ? "0" : "1" }
        classes[599] = classes[599] == "no" ? "yes" : "no"
        let table = ColumnTable([("alive", alive), ("x", ColumnTable.numbers(600, 1)), ("y", classes)])
        _ = try expectKept(table)
        let amounts = ColumnTable.numbers(600, 3)
        let near = amounts.enumerated().map { "\(2 * (Double($1) ?? 0) + ($0 == 599 ? 0.5 : 0))" }
        _ = try expectKept(
            ColumnTable([("near", near), ("x", ColumnTable.numbers(600, 1)), ("y", amounts)]))
        // a few rows agree by chance
        let few = ColumnTable([("a", ["1", "2", "3"]), ("b", ["3", "1", "4"]), ("y", ["2.5", "4.5", "6.5"])])
        _ = try expectKept(few)
    }

    @Test func aColumnThatTheRecipeNamesIsKept() throws {
        let table = ColumnTable.beside([("id", Self.count), ("name", Self.count.map { "n\($0)" })])
        #expect(try table.load().learntColumns == ["x", "z"])
        let kept = try table.load {
            $0.columns.rules = ["id": ColumnRule(.standardise), "name": ColumnRule(.hash(features: 8))]
        }
        #expect(kept.learntColumns == ["id", "name", "x", "z"] && kept.notices == [])
        #expect(try table.load { $0.columns.ignore = ["id", "name"] }.notices == [])
    }

    @Test func theOnlyColumnIsKept() throws {
        let table = ColumnTable([("id", Self.count), ("y", ColumnTable.classes(60))])
        let loaded = try table.load()
        #expect(loaded.learntColumns == ["id"] && loaded.notices.count == 1)
        #expect(loaded.notices[0].hasSuffix("it is learnt from, because no other column is left"))
    }

    @Test func manyNoticesOfAKindAreCounted() throws {
        let constants = (0..<30).map { ("c\($0)", [String](repeating: "\($0)", count: 60)) }
        let notices = try ColumnTable.beside(constants).load().notices
        #expect(notices.count == 6 && notices[5].contains("so it is with 25 more columns: \"c5\", "))
    }
}
