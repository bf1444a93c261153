import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Titles, headers of several rows and other lines above the data.
@Suite struct CSVHeaderTests {
    private static let rows = "2024-02-01,00:30,6,CD-2000,42.70\n2024-02-02,01:30,7,CD-2001,75.64\n"
    private static let names = ["day", "slot", "Qty", "code", "price"]

    private func csv(_ text: String, header: Bool? = nil) throws(DataError) -> CSV {
        try CSV(path: "t.csv", bytes: Array(text.utf8), header: header)
    }

    @Test(arguments: [
        (
            "Report of a week,,,,\nday,slot,Qty,code,price\n",
            "t.csv: line 2 names the columns; line 1 above the data is no row of it"
        ),
        (
            "Report of a week\nday,slot,Qty,code,price\n",
            "t.csv: line 2 names the columns; line 1 above the data is no row of it"
        ),
        (
            "Report\n\nplace,Ulm\nday,slot,Qty,code,price\n",
            "t.csv: line 4 names the columns; lines 1 and 3 above the data are no row of it"
        ),
        (
            "When,,Sold,,Money\nday,slot,Qty,code,price\n",
            "t.csv: line 2 names the columns; line 1 above the data is no row of it"
        ),
        (
            "Report,,,,\nWhen,,Sold,,Money\nday,slot,Qty,code,price\n",
            "t.csv: line 3 names the columns; lines 1 and 2 above the data are no row of it"
        ),
        (
            ",,pieces,,EUR\nday,slot,Qty,code,price\n",
            "t.csv: line 2 names the columns; line 1 above the data is no row of it"
        ),
    ])
    func linesAboveTheNames(above: String, notice: String) throws {
        for header in [nil, true] {
            let table = try table(above + Self.rows, header: header)
            #expect(table.columns.map(\.name) == Self.names)
            #expect(table.columns[2].values == .numeric([6, 7]) && table.columns[4].values == .numeric([42.7, 75.64]))
            #expect(table.columns[0].isDate && table.rowCount == 2)
            #expect(table.notices == [notice])
        }
    }

    @Test func namesOfSeveralRowsAreJoined() throws {
        let table = try table("2 m,,10 m,\nmean,top,mean,top\n1,2,3,4\n5,6,7,8\n")
        #expect(table.columns.map(\.name) == ["2 m mean", "2 m top", "10 m mean", "10 m top"])
        #expect(table.notices == ["t.csv: lines 1 and 2 together name the columns"])
        let both = try self.csv("time,money\nday,price\n1,2\n3,4\n")
        #expect(both.names == ["time day", "money price"])
    }

    @Test(arguments: [
        ("name,x,y\n,one,two\na,1,2\nb,3,4\n", 2), ("2019,,2020,\nmin,max,low,high\n1,2,3,4\n", 2),
        ("Report,,\nname,street,colour\na,b,c\nd,e,f\n", 1), ("when,,what\nday,slot,kind\na,b,c\nd,e,f\ng,h,i\n", 1),
        ("a,b\nx,y\na,b\nz,w\n", 3),
    ])
    func unclearHeadersAreRefusedWithTheirLine(text: String, line: Int) throws {
        let error = failure { () throws(DataError) in try table(text) }
        guard case .headerUnclear(_, line, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains("data.header") == true && error?.exitCode == 65)
        // a person decides
        #expect(try csv(text, header: false).names[0] == "column 1")
    }

    /// A cell such as a hyphen for a missing value does not make a row of data a part of the header.
    @Test func textsAmongNumbersAreNoHeader() throws {
        let table = try table("name,x\nbob,-\nann,-\ncat,3\ndan,4\neve,5\n")
        #expect(table.rowCount == 5)
        #expect(table.notices == [])
    }

    @Test func aHeaderThatComesAgainIsABadLine() throws {
        let text = "a,b\n1,2\na,b\n3,4\n"
        let error = failure { () throws(DataError) in try table(text) }
        #expect(error == .repeatedHeader(file: "t.csv", line: 3))
        let rest = try CSV(path: "t.csv", bytes: Array(text.utf8), header: nil, badLines: .skip).table()
        #expect(rest.columns.map(\.values) == [.numeric([1, 3]), .numeric([2, 4])])
    }

    @Test(arguments: [";", "\t", "|", ","])
    func separatorLines(delimiter: String) throws {
        for line in ["sep=\(delimiter)\n", "\u{FEFF}SEP=\(delimiter)\r\n", "\"sep=\(delimiter)\"\n"] {
            let table = try table(line + "a,b,c\n1,2,3\n".replacing(",", with: delimiter))
            #expect(table.columns.map(\.name) == ["a", "b", "c"])
            #expect(table.columns[2].values == .numeric([3]) && table.lines == [3])
        }
        #expect(try table("sep=^\na^b\n1^2\n").columns.map(\.name) == ["a", "b"])
        #expect(throws: DataError.self) { try table("sep=x\naxb\n1x2\n") }
    }

    @Test func theSeparatorBelowATitleAndBesideABadLine() throws {
        // each row has a comma, and by commas all rows would be of two fields
        var rows = (0..<30).map { "\($0);\($0),5;x" }
        #expect(try csv("Report\na;b;c\n" + rows.joined(separator: "\n")).names == ["a", "b", "c"])
        rows[12] = "12,5"
        #expect(try csv(rows.joined(separator: "\n")).delimiter == UInt8(ascii: ";"))
    }

    @Test func anotherSeparatorIsNoticed() throws {
        #expect(try table("a&b&c\nx&y&z\nu&v&w\n").notices.count == 1)
        #expect(try table("text\none two\nthree\n").notices.isEmpty)
    }
}
