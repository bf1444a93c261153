import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Containers of rows: JSON, ARFF, workbooks, and text of other forms and encodings.
extension MutationTests {
    /// Reads the mutations by the common way, and the result once more through converted data's two passes.
    private func mutateTables(
        _ originals: [[UInt8]], words: [String], form: DataSource.TextForm = .init(),
        _ bound: MemoryBound = MemoryBound()
    ) throws {
        let file = try TemporaryFile([], name: "t.data")
        mutate(originals, words: words.map { Array($0.utf8) }, bound) { (bytes) throws(DataError) in
            guard overwrite(file.path, with: bytes) else { return }
            let opened = try DataFormats.standard.open([file.path], Reading(form: form))
            guard let csv = opened as? CSV else { throw .noRows(file.path) }
            let table = try csv.table()
            let (last, count) = (table.lines.last ?? 0, table.rowCount)
            #expect(count > 0 && Int(last) >= count)
        }
    }

    @Test func rowsOfJSON() throws {
        let originals = [
            "{\"a\": 1, \"b\": {\"c\": \"x\\u00e9\\n\"}}\n{\"a\": null, \"b\": {\"c\": \"y\"}, \"d\": true}\n",
            "[{\"a\": -1.5e3},\n {\"a\": 2, \"b\": \"\\ud83d\\ude00\"}]",
        ].map { Array($0.utf8) }
        try mutateTables(
            originals, words: ["{", "}", "[", "]", "\"", "\\", ":", ",", "\\ud800", "1e999", "NaN", "\0", "{\"a\":"],
            MemoryBound(MemoryBound.usual + (1 << 19), ratio: 20))
    }

    @Test func rowsOfARFF() throws {
        let originals = [
            "% c\n@relation r\n@attribute a numeric\n@attribute 'b c' {x,'y z'}\n@attribute s string\n@data\n1,x,'q\\'r'\n?,'y z',t\n",
            "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n{0 1}\n{1 y}\n{}\n",
        ].map { Array($0.utf8) }
        try mutateTables(
            originals,
            words: ["@data", "{", "}", "'", "\\", ",", "%", "?", "\\u12", "@attribute ", "99999999999999999999"],
            MemoryBound(MemoryBound.usual + (1 << 19), ratio: 20))
    }

    @Test func rowsBetweenBlanksQuotesAndPlaces() throws {
        let originals = [
            "# c\n  x  y  kind\n 1  2  'a b'\n 3  NA \"c \"\"d\"\n", "1 2\n3 4\n5 6\n", "n,t\n1,'a, b'\n2,'c'\n",
            "n,t\n1,\"a \\\"b\\\", c\"\n2,d\n",
            "name    n\nJohn S  1\nAnn     2\nBob C  13\nDan     4\nEve    51\n",
        ].map { Array($0.utf8) }
        let words = ["'", "\"", "\\", " ", "\t", "\n", "\r", ",", "\u{E9}", "\0", "   "]
        try mutateTables(originals, words: words, MemoryBound(MemoryBound.usual + (1 << 19), ratio: 20))
        for form in [
            DataSource.TextForm(separator: .blanks), .init(separator: .fixedWidth), .init(quote: .single),
            .init(escape: .backslash),
        ] {
            try mutateTables(originals, words: words, form: form, MemoryBound(MemoryBound.usual + (1 << 19), ratio: 20))
        }
    }

    @Test func textOfOtherEncodings() throws {
        let text = "größe,b\n1,é😀\n2,x\n"
        var originals: [[UInt8]] = []
        for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32] {
            originals.append([UInt8](try #require(text.data(using: encoding))))
        }
        originals.append([UInt8](try #require("größe,b\n1,é\n2,x\n".data(using: .windowsCP1252))))
        try mutateTables(
            originals, words: ["\u{FEFF}", "\0", "a\0,\0", "é", "\n\0"],
            MemoryBound(MemoryBound.usual + (1 << 20), ratio: 20))
    }

    @Test func workbooks() throws {
        let names = ["workbook.xlsx", "workbook-1904.xlsx"]
        let originals = try names.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture($0)))) }
        let file = try TemporaryFile([], name: "t.xlsx")
        mutate(originals, words: [[0x50, 0x4B, 1, 2], [255, 255, 255, 255], [0, 0]], MemoryBound(8 << 20)) {
            (bytes) throws(DataError) in
            guard overwrite(file.path, with: bytes) else { return }
            _ = try DataFormats.standard.open([file.path], Reading())
        }
    }

    /// The XML of a sheet, in an archive whose checksums are right.
    @Test func sheets() throws {
        let sheet = """
            <?xml version="1.0"?><worksheet xmlns="x"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c>\
            <c r="C1" t="str"><v>b</v></c></row><row r="3"><c r="A3"><v>1.5</v></c><c r="C3" s="1"><v>45352</v></c></row>\
            <row><c><v>2</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row></sheetData></worksheet>
            """
        let words = [
            "<", ">", "\"", "&", "&#9;", "</c>", "<row r=\"1048576\">", "A1", "XFD1", "1e999", "<!DOCTYPE", "/>",
        ]
        let file = try TemporaryFile([], name: "t.xlsx")
        mutate([Array(sheet.utf8)], words: words.map { Array($0.utf8) }, MemoryBound(8 << 20, ratio: 200)) {
            (bytes) throws(DataError) in
            guard overwrite(file.path, with: WorkbookFixture.archive(sheet: bytes)) else { return }
            guard let csv = try DataFormats.standard.open([file.path], Reading()) as? CSV else { return }
            _ = try csv.table()
        }
    }
}

/// Workbooks of one sheet.
enum WorkbookFixture {
    private static let workbook = """
        <workbook><workbookPr/><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>
        """
    private static let relations = """
        <Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>
        """

    /// A stored archive of the members of a workbook.
    static func archive(sheet: [UInt8]) -> [UInt8] {
        zip([
            ("xl/workbook.xml", Array(workbook.utf8)), ("xl/_rels/workbook.xml.rels", Array(relations.utf8)),
            ("xl/worksheets/sheet1.xml", sheet),
        ])
    }

    private static func zip(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
        var (bytes, list) = ([UInt8](), [UInt8]())
        for member in members {
            let sizes =
                little(Int(crc(member.bytes)), 4) + little(member.bytes.count, 4) + little(member.bytes.count, 4)
            let common =
                little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + sizes + little(member.name.utf8.count, 2)
            list +=
                [0x50, 0x4B, 1, 2] + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 2)
            list += little(0, 4) + little(bytes.count, 4) + Array(member.name.utf8)
            bytes += [0x50, 0x4B, 3, 4] + common + little(0, 2) + Array(member.name.utf8) + member.bytes
        }
        let start = bytes.count
        bytes += list + [0x50, 0x4B, 5, 6] + little(0, 4) + little(members.count, 2) + little(members.count, 2)
        return bytes + little(list.count, 4) + little(start, 4) + little(0, 2)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
