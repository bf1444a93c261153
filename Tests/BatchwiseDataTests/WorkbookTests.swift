import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// The workbooks are written by openpyxl: see Fixtures/make-workbooks.py.
@Suite struct WorkbookTests {
    @Test func valuesAreThoseThatWereWritten() throws {
        let table = try open(fixture("workbook.xlsx")).table(kinds: nil)
        #expect(table.columns.map(\.name) == ["name", "price", "day", "is new", "note"])
        #expect(cells(table)[0] == ["Äpfel & \"Co\"", "two\nlines", "<third>", "fourth", "fifth"])
        #expect(cells(table)[1] == ["1.5", "-2.0", "1e-07", "", ""])
        #expect(cells(table)[3] == ["TRUE", "FALSE", "TRUE", "FALSE", "TRUE"])
        #expect(cells(table)[4] == ["a,b;c", "", " kept ", "x", ""])
        #expect(table.columns[2].isDate && table.lines == [2, 3, 4, 5, 6])
        guard case .numeric(let seconds) = table.columns[2].values else { return }
        // date(y, m, d) - date(1970, 1, 1) of Python
        let days: [Double] = [19783, -25509, 19782, -25508, 2_932_896]
        var expected = days.map { 86400 * $0 }
        expected[2] += 45005
        #expect(seconds == expected)
        let notices = table.notices.joined(separator: "\n")
        #expect(notices.contains("reads the sheet \"Rows\", one of 2") && notices.contains("first #N/A in E6"))
        #expect(notices.contains("first in B6"))
        #expect(try DataDescription(of: fixture("workbook.xlsx")).format == .xlsx)
    }

    /// Rows 2 to 6 are merged, and 7 to 9; rows 10 and 11 have no kind.
    @Test func mergedRowsHaveTheirValue() throws {
        let table = try open(fixture("workbook-merged.xlsx")).table(kinds: nil)
        let kinds = [String](repeating: "a", count: 5) + [String](repeating: "b", count: 3)
        #expect(cells(table)[0] == kinds + ["", ""])
        #expect(cells(table)[1] == (2...11).map { "\(Double($0))" })
        #expect(table.notices.contains { $0.contains("merged cells such as A") })
    }

    @Test func aSheetIsNamed() throws {
        let table = try open(fixture("workbook.xlsx") + ":Offset").table(kinds: nil)
        #expect(table.columns.map(\.name) == ["x", "y"] && table.lines == [5, 6, 7, 9, 10])
        #expect(cells(table)[1] == ["25.0", "36.0", "49.0", "64.0", "81.0"])
        let error = failure { () throws(DataError) in
            try DataFormats.standard.open([fixture("workbook.xlsx") + ":Ofset"], Reading())
        }
        #expect(error?.description.contains("did you mean \"Offset\"") == true)
    }

    @Test func daysFrom1904AndFormatsThatAreNoDates() throws {
        let table = try open(fixture("workbook-1904.xlsx")).table(kinds: nil)
        #expect(cells(table)[1] == ["3.0", "4.0"] && cells(table)[2] == ["1.25", "0.0625"])
        guard case .numeric(let seconds) = table.columns[0].values else { return }
        #expect(table.columns[0].isDate && seconds == [19783 * 86400, -24106 * 86400])
    }

    @Test(arguments: [
        ("yyyy-mm-dd", true), ("d. mmm", true), ("mmm", true), ("h:mm:ss", false), ("[h]:mm", false),
        ("General", false),
        ("0.00", false), ("#,##0 \"days\"", false), ("[Red]0.0", false), ("\\d0", false), ("dd/mm/yyyy hh:mm", true),
        ("0;yyyy", false), ("[$-409]d-mmm-yy", true), ("mm:ss", false), ("0.0E+00", false),
    ])
    func formatsOfDates(code: String, isDate: Bool) {
        #expect(DateStyles.isDate(code) == isDate)
    }

    @Test(arguments: [
        (1, "1900-01-01"), (59, "1900-02-28"), (61, "1900-03-01"), (45352, "2024-03-01"),
        (45352.5, "2024-03-01T12:00:00Z"),
        (2_958_465, "9999-12-31"),
    ])
    func serialNumbersAreDates(days: Double, text: String) {
        #expect(SerialDate.text(days, from1904: false) == text)
        #expect(SerialDate.text(-1, from1904: false) == nil && SerialDate.text(3e6, from1904: false) == nil)
    }

    @Test func namesOfColumns() {
        #expect(SheetCells.column("A1") == 0 && SheetCells.column("AB12") == 27 && SheetCells.column("XFD9") == 16383)
        #expect(
            SheetCells.column("XFE1") == nil && SheetCells.column("1") == nil && SheetCells.column("ZZZZZZZZZ1") == nil)
        #expect(
            [0, 25, 26, 701, 702, 16383].map { SheetCells.name(column: $0) } == ["A", "Z", "AA", "ZZ", "AAA", "XFD"])
    }

    private func scan(_ text: String) throws(DataError) -> [String] {
        var scanner = try XMLScanner(ByteSource(path: "t", bytes: Array(text.utf8)), member: "m", path: "t")
        var events: [String] = []
        while let event = try scanner.next() {
            switch event {
            case .start(let name, let attributes):
                events.append("<\(name)" + attributes.map { " \($0.name)=\($0.value)" }.joined() + ">")
            case .end(let name): events.append("</\(name)>")
            case .text(let bytes): events.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        return events
    }

    @Test func eventsOfXML() throws {
        let text =
            "<?xml version=\"1.0\"?><!-- x --><x:a b='1 &gt; 0' c=\"&#x41;&#66;\"><d/>t &amp; <![CDATA[<&>]]></x:a>\n"
        #expect(try scan(text) == ["<a b=1 > 0 c=AB>", "<d>", "</d>", "t & ", "<&>", "</a>"])
    }

    @Test(arguments: [
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a>&b;</a>", "<a><b></a></b>", "<a>", "<a b=c></a>",
        "<a></a><b/>",
        "<a>&#0;</a>", "<a>&amp</a>", "text", "<a b='1></a>", "<a", "",
    ])
    func hostileXMLIsRefused(text: String) {
        #expect(failure { () throws(DataError) in try scan(text) } != nil)
    }

    @Test func deepXMLIsRefused() {
        #expect(failure { () throws(DataError) in try scan(String(repeating: "<a>", count: 100_000)) } != nil)
    }

    @Test func otherZipsAreNamed() {
        #expect(ZipContents.description(of: ["word/document.xml"]).contains("Word"))
        #expect(ZipContents.description(of: ["mimetype", "content.xml"]).contains("OpenDocument"))
        #expect(ZipContents.description(of: ["a/data.pkl"]).contains("PyTorch"))
        #expect(ZipContents.description(of: ["a.csv"]).contains("unpack it first"))
    }
}
