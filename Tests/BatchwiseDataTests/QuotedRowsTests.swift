import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Single quotes around cells, and backslashes before quotes and separators.
@Suite struct QuotedRowsTests {
    @Test(arguments: [
        // separators within the quotes: the rows would be of other lengths
        ("n,text\n1,'a, b'\n2,'c'\n3,d\n", [["1.0", "2.0", "3.0"], ["a, b", "c", "d"]]),
        // all texts of a column stand in quotes
        ("'n','text'\n'1','a'\n'2','it''s'\n", [["1.0", "2.0"], ["a", "it's"]]),
        ("n;text\n1;'x'\n2;'y'\n", [["1.0", "2.0"], ["x", "y"]]),
        ("a\tb\n'x y'\t'1'\n'z'\t'2'\n", [["x y", "z"], ["1.0", "2.0"]]),
    ])
    func singleQuotesEncloseCells(text: String, expected: [[String]]) throws {
        let table = try read(text, "t.csv")
        #expect(cells(table) == expected)
        #expect(table.notices.count == 1 && table.notices[0].contains("single quotes enclose cells"))
    }

    @Test func someSingleQuotesAreText() throws {
        let table = try read("n,text\n1,'tis\n2,it's\n3,'quoted'\n", "t.csv")
        #expect(cells(table)[1] == ["'tis", "it's", "'quoted'"])
        // said, they enclose the cells that begin and end with one
        let said = try read("n,text\n1,'tis\n2,it's\n3,'quoted'\n", "t.csv", form: .init(quote: .single))
        #expect(cells(said)[1] == ["'tis", "it's", "quoted"] && said.notices.isEmpty)
        let double = try read("n,text\n1,'a'\n2,'b'\n", "t.csv", form: .init(quote: .double))
        #expect(cells(double)[1] == ["'a'", "'b'"])
    }

    @Test(arguments: [
        ("n,text\n1,\"say \\\"hi\\\", now\"\n2,b\n", ["say \"hi\", now", "b"]),
        ("n,text\n1,a\\, b\n2,c\\\\d\n3,\\N\n", ["a, b", "c\\d", ""]),
        ("n,text\n1,\"5\\\" pipe\\nlong\"\n2,\"C:\\dir\"\n", ["5\" pipe\nlong", "C:\\dir"]),
    ])
    func backslashesEscape(text: String, expected: [String]) throws {
        let table = try read(text, "t.csv")
        #expect(cells(table)[1] == expected)
        #expect(
            table.notices.count == 1 && table.notices[0].contains("backslashes") && table.notices[0].contains("line 2"))
    }

    @Test func lateBackslashesAndLinesOfTheFile() throws {
        let rows = (0..<100_000).map { "\($0),\"two\nlines\"\n" }.joined()
        let table = try read("n,text\n\(rows)7,\"a \\\"b\\\"\"\n8,c\n", "t.csv")
        #expect(table.rowCount == 100_002 && cells(table)[1].suffix(2) == ["a \"b\"", "c"])
        #expect(table.lines.suffix(2) == [200_002, 200_003])
    }

    @Test func backslashesWithoutNeedAreText() throws {
        #expect(try cells(read("n,path\n1,C:\\new\n2,\"D:\\x\"\n", "t.csv"))[1] == ["C:\\new", "D:\\x"])
        let said = try read("n,path\n1,C:\\new\n", "t.csv", form: .init(escape: .backslash))
        #expect(cells(said)[1] == ["C:\new"])
    }

    /// A bad line stays one: no other quotes make all rows alike.
    @Test func badLinesAreNotExplainedAway() throws {
        let ragged = try refusal("a,b\n1,2\n3\n", "t.csv")
        #expect(ragged.map { if case .raggedRow(_, 3, 2, 1) = $0 { true } else { false } } == true)
        let torn = try refusal("a,b\n1,\"2\"x\n3,4\n", "t.csv")
        #expect(torn.map { if case .textAfterQuote(_, 2) = $0 { true } else { false } } == true)
    }

    /// The case: a comma is lost before a quoted cell.
    @Test func aQuoteWithinACellIsRefusedWithItsLine() {
        let error = failure { () throws(DataError) in
            try CSV(path: fixture("cases/csv-quote-within-a-cell/quote.csv")).table()
        }
        #expect(
            error.map { if case .quoteWithinCell(_, 12, 5) = $0 { true } else { false } } == true,
            "\(String(describing: error))")
    }

    @Test func convertedQuotesAreTheSame() throws {
        for text in ["n,text\n1,'a, b'\n2,'c'\n", "n,text\n1,'a'\n2,'c'\n", "n,text\n1,\"a \\\"b\\\"\"\n2,c\n"] {
            let file = try TemporaryFile(text)
            let folder = file.path + ".data"
            try DataSource(train: file.path).convert(to: folder)
            #expect(try open(folder).table(kinds: nil).columns == open(file.path).table(kinds: nil).columns)
        }
    }
}
