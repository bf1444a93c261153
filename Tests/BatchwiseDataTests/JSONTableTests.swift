import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

@Suite struct JSONTableTests {
    /// Written by pandas: see make-workbooks.py.
    @Test(arguments: ["rows.jsonl", "rows.json"])
    func rowsThatPandasWrote(name: String) throws {
        let table = try open(fixture(name)).table(kinds: nil)
        #expect(table.columns.map(\.name) == ["city", "x", "n", "is_new", "day"])
        #expect(cells(table)[0] == ["Zürich", "", "São \"Paulo\"", "line\nend"])
        #expect(cells(table)[1] == ["1.25", "", "-3e-09", "12345678.5"])
        // beyond 2^53, so that no two ids become one
        #expect(cells(table)[2] == ["9007199254740993", "1", "2", "3"])
        #expect(cells(table)[3] == ["true", "false", "true", "true"])
        #expect(table.columns[4].isDate)
    }

    @Test func theCaseOfTheFolderIsATable() throws {
        let table = try open(fixture("cases/not-a-table/input.jsonl")).table(kinds: nil)
        #expect(table.columns.map(\.name) == ["a", "b", "y"] && table.rowCount == 20)
        #expect(cells(table)[0].prefix(2) == ["-1.207", "0.192"] && table.lines.prefix(2) == [1, 2])
        #expect(try DataDescription(of: fixture("cases/not-a-table/input.jsonl")).format == .json)
    }

    @Test func keysMayBeMissingAndInAnyOrder() throws {
        let table = try read("{\"a\": 1}\n\n{\"b\": \"x\", \"a\": null}\n{\"c\": true, \"b\": \"y\"}\n", "t.jsonl")
        #expect(table.columns.map(\.name) == ["a", "b", "c"])
        #expect(cells(table) == [["1.0", "", ""], ["", "x", "y"], ["", "", "true"]])
        #expect(table.lines == [1, 3, 4])
    }

    @Test func nestedObjectsAreJoinedByPoints() throws {
        let table = try read("{\"a\": {\"b\": 1, \"c\": {\"d\": 2}}, \"e.f\": 3}\n{\"a\": {\"b\": 4}}\n", "t.jsonl")
        #expect(table.columns.map(\.name) == ["a.b", "a.c.d", "e.f"])
        #expect(table.notices.count == 1 && table.notices[0].contains("\"a.b\""))
        let repeated = try refusal("{\"a.b\": 1, \"a\": {\"b\": 2}}\n{}\n", "t.jsonl")
        #expect(repeated?.description.contains("appears twice") == true)
    }

    @Test func objectsOverSeveralLinesAndInOne() throws {
        let pretty = try read("[\n  {\n    \"a\": 1,\n    \"b\": \"}\\\"\"\n  },\n  {\"a\": 2}\n]\n", "t.json")
        #expect(cells(pretty) == [["1.0", "2.0"], ["}\"", ""]] && pretty.lines == [2, 6])
        let one = try read("[{\"a\":1},{\"a\":2},{\"a\":\"x\"}]", "t.json")
        #expect(one.lines == [1, 2, 3] && one.notices.contains { $0.contains("number objects") })
    }

    @Test(arguments: [
        ("{\"a\": 1}\n{\"a\": [1, 2]}\n", 2, "key \"a\": it holds an array"),
        ("{\"a\": 1}\n{\"a\": 01}\n", 2, "key \"a\""),
        ("{\"a\": 1,}\n", 1, "'}' stands"), ("{\"a\": 1}\n{\"a\": 1\n", 2, "not closed"),
        ("[{\"a\": 1}\n", 2, "cut short"), ("[{\"a\": 1} {\"a\": 2}]", 1, "a comma is missing"),
        ("{\"a\": 1}\n5\n", 2, "an object {...} is expected"), ("{\"a\": 1, \"a\": 2}\n", 1, "twice"),
        ("{\"a\": \"\\u0000\"}\n", 1, "NUL"), ("{\"a\": tru}\n", 1, "key \"a\""),
        ("{\"a\": \"\\ud800\"}\n", 1, "half a character"), ("[{\"a\": 1}] x", 1, "text follows"),
    ])
    func errorsNameLineAndKey(text: String, line: Int, detail: String) throws {
        let error = try refusal(text, "t.jsonl")
        guard case .badLine(_, let found, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == line && reason.contains(detail), "line \(found): \(reason)")
    }

    @Test func oneObjectOfColumnsIsNoTable() throws {
        let error = try refusal("{\"a\": {\"0\": 1, \"1\": 2}, \"b\": {\"0\": 3}}", "t.json")
        #expect(error?.description.contains("orient=\"records\"") == true)
        #expect(try read("{\"a\": 1, \"b\": {\"c\": 2}}", "t.json").rowCount == 1)
    }

    @Test func deepNestingAndOtherEncodings() throws {
        let deep = String(repeating: "{\"a\":", count: 100_000) + "1" + String(repeating: "}", count: 100_000)
        #expect(try refusal(deep, "t.json")?.description.contains("nested") == true)
        let text = "{\"a\": \"é\", \"b\": 1}\n{\"a\": \"ü\", \"b\": NaN}\n"
        for encoding in [String.Encoding.utf8, .windowsCP1252, .utf16LittleEndian] {
            let table = try read([UInt8](#require(text.data(using: encoding))), "t.jsonl")
            #expect(cells(table) == [["é", "ü"], ["1.0", ""]])
        }
    }
}
