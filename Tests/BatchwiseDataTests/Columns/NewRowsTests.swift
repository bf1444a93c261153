import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// New rows without a header are matched by place, and those with one by names that may differ in case and blanks.
@Suite struct NewRowsTests {
    /// Columns age, Net Income, city and the target kind in the second place.
    private static let people =
        "age,kind,Net Income,city\n"
        + (0..<40).map { "\(20 + $0 % 7),\(["a", "b"][$0 % 2]),\($0 % 11).5,\(["Rome", "Bonn"][$0 % 3 % 2])\n" }
        .joined()

    private func fitted(_ text: String = people, target: String = "kind") throws -> Preprocessing {
        let file = try TemporaryFile(text)
        return try DataSource(train: file.path, target: target).load(seed: 1).preprocessing
    }

    private func load(
        _ text: String, _ fitted: Preprocessing, needsTarget: Bool = false, header: Bool? = nil
    ) throws -> (rows: Dataset, notices: [String]) {
        let file = try TemporaryFile(text, name: "new.csv")
        let box = Notices()
        let rows = try fitted.load(newRows: file.path, needsTarget: needsTarget, header: header) { _ in
        } notes: {
            box.add($0.notices)
        }
        return (rows, box.all)
    }

    private final class Notices: @unchecked Sendable {
        private(set) var all: [String] = []
        func add(_ more: [String]) { all += more }
    }

    private func error(_ text: String, _ fitted: Preprocessing, needsTarget: Bool = false) throws -> String {
        let file = try TemporaryFile(text, name: "new.csv")
        return failure { () throws(DataError) in try fitted.load(newRows: file.path, needsTarget: needsTarget) }?
            .description ?? ""
    }

    @Test(arguments: [
        "22,a,3.5,Rome\n25,b,0.5,Bonn\n", "22,3.5,Rome\n25,0.5,Bonn\n", "22,?,3.5,Rome\n25,,0.5,Bonn\n",
        "22;3,5;Rome\n25;0,5;Bonn\n",
    ])
    func rowsWithoutAHeaderAreMatchedByPlace(text: String) throws {
        let fitted = try fitted()
        let named = try load("city,age,Net Income\nRome,22,3.5\nBonn,25,0.5\n", fitted)
        #expect(named.notices == [])
        let found = try load(text, fitted)
        #expect(found.rows.features == named.rows.features && found.notices.count == 1)
        #expect(
            found.notices[0].contains(
                "the first line names no column, so they are matched by place: column 1 is \"age\""))
    }

    @Test func aSingleRowAndEvaluationToo() throws {
        let fitted = try fitted()
        #expect(try load("22,3.5,Rome\n", fitted).rows.count == 1)
        let rows = try load("22,a,3.5,Rome\n25,b,0.5,Bonn\n", fitted, needsTarget: true)
        #expect(rows.rows.targets == .classes([0, 1], names: ["a", "b"]) && rows.notices.count == 1)
    }

    @Test func onlyTheColumnsThatAreReadMayBeThere() throws {
        // the index is left out in training
        let text =
            ",x,kind,z\n" + (0..<40).map { "\($0),\($0 % 7).5,\(["a", "b"][$0 % 2]),\($0 % 11).25\n" }.joined()
        let fitted = try fitted(text)
        let named = try load("z,x\n3.25,1.5\n4.25,2.5\n", fitted)
        for rows in ["1.5,3.25\n2.5,4.25\n", "0,1.5,3.25\n1,2.5,4.25\n", "7,1.5,a,3.25\n8,2.5,b,4.25\n"] {
            #expect(try load(rows, fitted).rows.features == named.rows.features, "\(rows)")
        }
        let found = try load("1.5,b,3.25\n2.5,a,4.25\n", fitted, needsTarget: true)
        #expect(found.rows.features == named.rows.features)
        #expect(found.rows.targets == .classes([1, 0], names: ["a", "b"]))
    }

    @Test func numbersThatDoNotFitAreNamed() throws {
        let fitted = try fitted()
        for text in ["22,3.5\n25,0.5\n", "1,2,3,4,5\n2,3,4,5,6\n"] {
            let error = try error(text, fitted)
            #expect(
                error.contains("has no header, and") && error.contains("\"age\", \"Net Income\", \"city\""), "\(error)")
        }
    }

    @Test(arguments: [
        "AGE,net income,City", " age ,NetIncome, city", "Age,\"Net\nIncome\",CITY", "age,Net   Income,city",
    ])
    func namesMayDifferInCaseAndBlanks(names: String) throws {
        let fitted = try fitted()
        let expected = try load("age,Net Income,city\n22,3.5,Rome\n25,0.5,Bonn\n", fitted)
        let found = try load(names + "\n22,3.5,Rome\n25,0.5,Bonn\n", fitted)
        #expect(found.rows.features == expected.rows.features && found.rows.count == 2)
        // blanks around a name are no part of it
        #expect(found.notices.count == 1, "\(found.notices)")
        #expect(found.notices.allSatisfy { $0.contains("the names differ in case or blanks") })
    }

    @Test func exactNamesComeFirst() throws {
        let text = "a,A,kind\n" + (0..<40).map { "\($0 % 7).5,\($0 % 11).25,\(["x", "y"][$0 % 2])\n" }.joined()
        let fitted = try fitted(text)
        #expect(try load("A,a\n1,2\n", fitted).rows.features == load("a,A\n2,1\n", fitted).rows.features)
        // one column is not two
        #expect(try error("a,b\n1,2\n", fitted).contains("has no column \"A\""))
        #expect(try error("a,aa,\" A \"\n1,2,3\n", fitted) == "")
    }

    @Test func allMissingColumnsAreNamedAtOnce() throws {
        let fitted = try fitted()
        let error = try error("ages,income,town\n22,3.5,Rome\n", fitted)
        #expect(
            error.contains(
                "has no columns \"age\" (did you mean \"ages\"?), \"Net Income\"")
                && error.contains("\"city\"; its columns are ages, income, town"),
            "\(error)")
    }

    @Test func textsAloneAreRowsWithoutTheNames() throws {
        let text =
            "size,colour,kind\n"
            + (0..<40).map { "\(["S", "M", "L"][$0 % 3]),\(["red", "blue"][$0 / 2 % 2]),\(["x", "y"][$0 % 2])\n" }
            .joined()
        let fitted = try fitted(text)
        let named = try load("size,colour\nS,red\nL,blue\n", fitted)
        let found = try load("S,red\nL,blue\n", fitted)
        #expect(found.rows.count == 2 && found.rows.features == named.rows.features && found.notices.count == 1)
        #expect(try load("S,red\n", fitted).rows.count == 1)
        // a person knows better
        #expect(try error("S,red\nL,blue\n", fitted) == "")
        #expect(try load("size,colour\nS,red\n", fitted, header: true).rows.count == 1)
    }

    @Test func headerlessNewRows() throws {
        let loaded = try DataSource(train: Cases.path("headerless-new-rows/train.csv"), target: "c").load(seed: 42)
        let text = try String(contentsOfFile: Cases.path("headerless-new-rows/new.csv"), encoding: .utf8)
        let found = try load(text, loaded.preprocessing)
        let named = try load("a,b\n" + text, loaded.preprocessing)
        #expect(found.rows.features == named.rows.features && found.rows.count == 2)
        #expect(found.notices.count == 1 && named.notices == [])
    }
}
