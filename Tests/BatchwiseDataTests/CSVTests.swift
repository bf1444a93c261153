import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct CSVTests {
    private func codes(_ codes: [Int32], _ levels: [String]) -> Table.Values {
        .categorical(codes: codes, levels: levels)
    }

    @Test(arguments: [",", ";", "\t", "|"])
    func everyDelimiterIsFound(delimiter: String) throws {
        let text = "a,b,c\n1,x,2.5\n3,y,4\n".replacing(",", with: delimiter)
        let table = try table(text)
        #expect(table.columns.map(\.name) == ["a", "b", "c"])
        #expect(
            table.columns.map(\.values) == [.numeric([1, 3]), codes([0, 1], ["x", "y"]), .numeric([2.5, 4])])
        #expect(table.lines == [2, 3])
    }

    @Test(arguments: [
        "a,b\r\n1,x\r\n2,y\r\n", "\u{FEFF}a,b\n1,x\n2,y", "a,b\r1,x\r2,y\r", "# from somewhere\n#\na,b\n1,x\n2,y\n\n\n",
        "a, b\n1 , x\n 2,  y  \n  \n", "\"a\",\"b\"\n\"1\",\"x\"\n2,\"y\" \n", "\n\na,b\n\n1,x\n\n2,y",
    ])
    func whatPeopleReallyHave(text: String) throws {
        let table = try table(text)
        #expect(table.columns.map(\.name) == ["a", "b"])
        #expect(table.columns.map(\.values) == [.numeric([1, 2]), codes([0, 1], ["x", "y"])])
    }

    @Test func quotesHoldSeparatorsLineEndsAndQuotes() throws {
        let table = try table("n,text\n1,\"a,b\"\n2,\"say \"\"hi\"\"\"\n3,\"two\r\nlines\"\n4,\" kept \"\n5,mid\"dle\n")
        let levels = [" kept ", "a,b", "mid\"dle", "say \"hi\"", "two\r\nlines"]
        #expect(table.columns[1].values == codes([1, 3, 4, 0, 2], levels))
        #expect(table.lines == [2, 3, 4, 6, 7])
    }

    @Test func commentsAreOnlyAboveTheHeader() throws {
        let table = try table("#c\nn,tag\n1,a\n2,#b\n", header: true)
        #expect(table.columns[1].values == codes([1, 0], ["#b", "a"]))
        let error = failure { () throws(DataError) in try read("n,tag\n1,a\n# no comment\n") }
        #expect(error == .raggedRow(file: "t.csv", line: 3, expected: 2, found: 1))
    }

    @Test func missingValuesAreNoTextAndNoNumber() throws {
        let table = try table("a,b\n1,x\n?,NA\nNaN,null\n,None\nN/A,\n2,y\n")
        guard case .numeric(let numbers) = table.columns[0].values else {
            Issue.record("not numeric")
            return
        }
        #expect(numbers.map(\.isNaN) == [false, true, true, true, true, false])
        #expect(table.columns[1].values == codes([0, -1, -1, -1, -1, 1], ["x", "y"]))
    }

    @Test func commasInNumbers() throws {
        #expect(
            try table("a,b\n\"1,234\",5\n6,\"-7,000.5\"\n").columns.map(\.values) == [
                .numeric([1234, 6]), .numeric([5, -7000.5]),
            ])
        #expect(try table("a;b\n3,14;2\n1;0,5\n").columns.map(\.values) == [.numeric([3.14, 1]), .numeric([2, 0.5])])
    }

    @Test func oneTextAtTheEndMakesTheWholeColumnText() throws {
        let rows = (0..<3000).map { "\($0),1" }.joined(separator: "\n")
        let table = try table("a,b\n\(rows)\n" + String(repeating: "last,2\n", count: 2000))
        guard case .categorical(let codes, let levels) = table.columns[0].values else {
            Issue.record("not categorical")
            return
        }
        #expect(levels.count == 3001)
        #expect(codes.count == 5000)
        #expect(levels == levels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(levels[Int(codes[2718])] == "2718")
    }

    @Test(arguments: [
        ("a,b\n1,2\n", true), ("1,2\n3,4\n", false), ("x,1\ny,2\n", false), ("name,color\nbob,red\nann,red\n", true),
        ("p,x,p\ne,x,s\np,x,n\n", false), ("x\n1\n", true), ("1\n2\n", false), (",a\n0,1\n", true), ("a,b\n", true),
        ("a\n", false),
        ("2019,2020\n1,2\n", false),
    ])
    func headersAreFound(text: String, expected: Bool) throws {
        #expect(try CSV(path: "t.csv", bytes: Array(text.utf8), header: nil).hasHeader == expected)
    }

    @Test func whatIsSaidAboutTheHeaderHolds() throws {
        #expect(try table("1,2\n3,4\n", header: true).columns.map(\.name) == ["1", "2"])
        let plain = try table("a,b\n3,4\n", header: false)
        #expect(plain.columns.map(\.name) == ["column 1", "column 2"])
        #expect(plain.rowCount == 2)
    }

    @Test(arguments: [
        ("a,b\n1,2\n3\n", DataError.raggedRow(file: "t.csv", line: 3, expected: 2, found: 1)),
        ("a,b\n1,2\n\"3\n\",4\n1,2,3\n", .raggedRow(file: "t.csv", line: 5, expected: 2, found: 3)),
        ("a,b\n1,\"2\n3,4\n", .unterminatedQuote(file: "t.csv", line: 2)),
        ("a,b\n1,\"2\"x\n", .textAfterQuote(file: "t.csv", line: 2)),
        ("\n\n", .noRows("t.csv")), ("# only\n", .noRows("t.csv")), ("", .noRows("t.csv")),
        ("a,b\n1,inf\n", .notFinite(file: "t.csv", line: 2, column: "b", found: "inf")),
        ("a,b\n1,1e999\n", .notFinite(file: "t.csv", line: 2, column: "b", found: "1e999")),
        (
            "a\0b\n",
            .unsupported(
                file: "t.csv",
                detail:
                    "is neither a table nor an IDX or NPY file, for it has bytes that are 0; where it is text of two "
                    + "bytes a character, data.encoding: utf-16 says so")
        ),
    ])
    func errorsNameTheLine(text: String, expected: DataError) {
        #expect(failure { () throws(DataError) in try read(text) } == expected)
    }

    @Test func aHeaderWithoutRowsIsAnError() {
        #expect(failure { () throws(DataError) in try read("a,b\n", header: true) } == .noRows("t.csv"))
    }

    @Test func otherEncodingsAreRefusedWhereUTF8IsSaid() {
        func open(_ bytes: [UInt8]) -> DataError? {
            failure { () throws(DataError) in
                try CSV(path: "t", bytes: bytes, header: true, form: .init(encoding: .utf8)).table()
            }
        }
        #expect(open(Array("a,b\n1,x\n2,".utf8) + [0xE9]) == .notText(file: "t", line: 3, detail: "not UTF-8"))
        #expect(open([0xE9] + Array(",b\n1,x\n".utf8)) == .notText(file: "t", line: 1, detail: "not UTF-8"))
    }

    @Test func aColumnWantedAsANumberNamesTheCellThatIsNone() throws {
        let csv = try CSV(path: "t.csv", bytes: Array("a,b\n1,2\nx,3\n".utf8), header: true)
        let error = failure { () throws(DataError) in try csv.table(kinds: [.numeric, .skip]) }
        #expect(error == .notANumber(file: "t.csv", line: 3, column: "a", found: "x"))
        #expect(try csv.table(kinds: [.skip, .categorical]).columns[1].values == codes([0, 1], ["2", "3"]))
    }

    @Test(arguments: ["t.tsv", "T.TSV.gz", "t.tab"])
    func namesSayThatTabsSeparate(path: String) throws {
        // by its commas this is a table of three columns
        let text = "a,b,c\td\n1,2,3\t4\n5,6,7\t8\n"
        let table = try CSV(path: path, bytes: Array(text.utf8), header: nil).table()
        #expect(table.columns.map(\.name) == ["a,b,c", "d"])
        #expect(table.columns.map(\.values) == [codes([0, 1], ["1,2,3", "5,6,7"]), .numeric([4, 8])])
        #expect(try CSV(path: "t.csv", bytes: Array(text.utf8), header: nil).names.count == 3)
    }

    @Test func aDelimiterAtTheEndOfEveryLineIsAnEmptyColumn() throws {
        let table = try table("a,b,\n1,x,\n2,y,\n")
        #expect(table.columns.map(\.name) == ["a", "b", "column 3"])
        guard case .numeric(let nothing) = table.columns[2].values else {
            Issue.record("not numeric")
            return
        }
        #expect(nothing.count == 2 && nothing.allSatisfy(\.isNaN))
    }

    @Test func wideTables() throws {
        let width = 10_000
        let header = (0..<width).map { "x\($0)" }.joined(separator: ",")
        let row = (0..<width).map { "\($0).5" }.joined(separator: ",")
        let table = try table("\(header)\n\(row)\n\(row)\n")
        #expect(table.columns.count == width && table.rowCount == 2)
        for place in [0, 1, 4999, 9999] {
            #expect(table.columns[place].values == .numeric([Double(place) + 0.5, Double(place) + 0.5]))
        }
    }

    @Test func longFields() throws {
        let long = String(repeating: "word, \"\" and\n", count: 100_000)
        let table = try table("n,text\n1,\"\(long)\"\n2,b\n")
        guard case .categorical(_, let levels) = table.columns[1].values else {
            Issue.record("not categorical")
            return
        }
        #expect(levels == ["b", long.replacing("\"\"", with: "\"")])
        #expect(table.lines == [2, 100_003])
    }

    /// Texts of every length around the words that are compared, alone and with one byte changed.
    @Test func similarTextsAreDifferentLevels() throws {
        var texts: Set<String> = []
        for length in 1...20 {
            let text = String(repeating: "x", count: length)
            texts.insert(text)
            for place in 0..<length {
                var bytes = Array(text.utf8)
                bytes[place] = UInt8(ascii: "y")
                texts.insert(String(decoding: bytes, as: UTF8.self))
            }
        }
        let cells = texts.sorted()
        let table = try table("t,n\n" + (cells + cells).map { "\($0),1\n" }.joined(), header: true)
        let order = (0..<cells.count).map { Int32($0) }
        #expect(table.columns[0].values == codes(order + order, cells))
    }

    /// Any bytes give a table or an error, and never a crash.
    @Test func anyBytesAreReadOrRefused() {
        let alphabet = Array(",;\t|\"\n\r #1ae.-+?".utf8) + [0xEF, 0xBB, 0xBF, 0xE9]
        for seed in 0..<2000 as Range<UInt64> {
            let length = Int(CounterRandom.mix(seed &+ 1) % 40)
            let bytes = (0..<length).map {
                alphabet[Int(CounterRandom.mix(seed &* 1000 &+ UInt64($0)) % UInt64(alphabet.count))]
            }
            for header in [nil, true, false] {
                _ = failure { () throws(DataError) in try CSV(path: "t", bytes: bytes, header: header).table() }
            }
        }
    }
}

private func read(_ text: String, header: Bool? = nil) throws(DataError) -> Table {
    try table(text, header: header)
}
