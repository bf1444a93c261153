import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// The bytes of other encodings are made by Foundation.
@Suite struct TextEncodingTests {
    private static let text = "größe,ort,y\n1.5,Zürich,ja\n2,\"Café, neu\",nein\n-3e2,100 €,ja\n"

    private func bytes(_ text: String, _ encoding: String.Encoding) throws -> [UInt8] {
        [UInt8](try #require(text.data(using: encoding)))
    }

    private func expectSame(_ table: Table, _ text: String = text) throws {
        #expect(try table.columns == read(text, "t.csv").columns)
    }

    @Test(arguments: [
        (String.Encoding.utf16LittleEndian, [0xFF, 0xFE] as [UInt8], "UTF-16"),
        (.utf16BigEndian, [0xFE, 0xFF], "UTF-16"), (.utf32LittleEndian, [0xFF, 0xFE, 0, 0], "UTF-32"),
        (.utf32BigEndian, [0, 0, 0xFE, 0xFF], "UTF-32"), (.utf16LittleEndian, [], "UTF-16, low byte first"),
        (.utf16BigEndian, [], "UTF-16, high byte first"),
    ])
    func wideEncodingsShowThemselves(encoding: String.Encoding, mark: [UInt8], title: String) throws {
        let bytes = mark + (try bytes(Self.text, encoding))
        let table = try read(bytes, "t.csv")
        try expectSame(table)
        #expect(table.notices.count == 1 && table.notices[0].contains("is read as \(title)"))
        #expect(table.lines == [2, 3, 4])
    }

    @Test func charactersBeyondThePlaneOfSixteenBits() throws {
        let text = "a,b\n😀,1\n𝄞x,2\n"
        try expectSame(read([0xFF, 0xFE] + bytes(text, .utf16LittleEndian), "t.csv"), text)
        // many of them, so that pairs lie at every place of the pieces that are decoded
        let long = "a,b\n" + (0..<60_000).map { "😀é\($0 % 7),\($0)\n" }.joined()
        try expectSame(read([0xFE, 0xFF] + bytes(long, .utf16BigEndian), "t.csv"), long)
    }

    @Test func westernTextIsFoundAndSaid() throws {
        let table = try read(bytes(Self.text, .windowsCP1252), "t.csv")
        try expectSame(table)
        #expect(table.notices.count == 1)
        #expect(
            table.notices[0].hasSuffix(
                "is read as Windows-1252, because line 1 is no UTF-8: \"größe\" (data.encoding names another)"))
    }

    /// A file that is UTF-8 pays nothing; the first other byte may come long after the beginning.
    @Test(arguments: ["t.csv", "t.csv.gz"])
    func theFirstOtherByteMayComeLate(name: String) throws {
        let text = "n,ort\n" + (0..<200_000).map { "\($0),Ulm\n" }.joined() + "7,Köln\n"
        var data = try bytes(text, .windowsCP1252)
        if name.hasSuffix("gz") {
            let file = try TemporaryFile(data, name: "t.csv")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["gzip", file.path]
            try process.run()
            process.waitUntilExit()
            data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path + ".gz")))
        }
        let table = try read(data, name)
        #expect(cells(table)[1].last == "Köln" && table.rowCount == 200_001)
        #expect(table.notices.count == 1 && table.notices[0].contains("line 200002 is no UTF-8: \"Köln\""))
    }

    @Test func oneForeignByteAmongUTF8IsDamage() throws {
        let error = try refusal(Array("a,b\né,1\nü,2\nx".utf8) + [0xE9, 0x2C, 0x33, 10], "t.csv")
        guard case .notText(_, 4, let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("though other characters of the file are"))
        #expect(error?.description.contains("data.encoding") == true)
    }

    @Test func bytesThatWindows1252DoesNotHaveAreRefused() throws {
        // "привет" in Mac Cyrillic has byte 0x90 and its like
        let error = try refusal(Array("a,b\n".utf8) + [0x90, 0x81, 0x2C, 0x31, 10], "t.csv")
        guard case .notText(_, 2, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        (DataSource.TextEncoding.windows1251, "а,слово\n1,мир\n2,Ёж\n", String.Encoding.windowsCP1251),
        (.windows1250, "a,b\n1,Łódź\n2,čáp\n", .windowsCP1250), (.latin1, "a,b\n1,é\n2,ÿ\n", .isoLatin1),
        (.latin2, "a,b\n1,Łódź\n2,ő\n", .isoLatin2),
        (.windows1252, "a,b\n1,€\n2,Ÿ\n", .windowsCP1252), (.utf16, "a,b\n1,é\n", .utf16LittleEndian),
        (.utf16BigEndian, "а,б\n1,мир\n", .utf16BigEndian), (.utf8, "a,b\n1,é\n", .utf8),
    ])
    func whatIsSaidHolds(encoding: DataSource.TextEncoding, text: String, oracle: String.Encoding) throws {
        let table = try read(bytes(text, oracle), "t.csv", form: .init(encoding: encoding))
        try expectSame(table, text)
        #expect(table.notices.isEmpty)
    }

    @Test func tablesOfBytesAreThoseOfFoundation() throws {
        let pairs: [(DataSource.TextEncoding, String.Encoding)] = [
            (.windows1250, .windowsCP1250), (.windows1251, .windowsCP1251), (.windows1252, .windowsCP1252),
            (.latin1, .isoLatin1), (.latin2, .isoLatin2),
        ]
        for (encoding, oracle) in pairs {
            let upper = try #require(CodePage.upperHalf(encoding))
            #expect(upper.count == 128)
            for (place, scalar) in upper.enumerated() where scalar != "\u{FFFD}" {
                let text = String(bytes: [UInt8(128 + place)], encoding: oracle)
                #expect(text.map { Array($0.unicodeScalars) } == [scalar], "\(encoding) \(128 + place)")
            }
        }
    }

    /// Foundation on Linux has another table of Mac Roman; this is that of Python 3.11's codec `mac_roman`.
    @Test func macRoman() throws {
        let bytes: [UInt8] = Array("a,b\n1,".utf8) + [0x80, 0x8E, 0xA7, 0xBD, 0xCA, 0xDB, 0xDE, 0xF0, 0xFF, 10]
        let table = try read(bytes, "t.csv", form: .init(encoding: .macRoman))
        try expectSame(table, "a,b\n1,Äéß\u{3A9}\u{A0}€\u{FB01}\u{F8FF}\u{2C7}\n")
    }

    @Test func saidUTF8IsNotReadAsAnother() throws {
        let error = try refusal(Array("a,b\n1,x".utf8) + [0xE9, 10], "t.csv", form: .init(encoding: .utf8))
        #expect(error.map { if case .notText = $0 { true } else { false } } == true)
    }

    @Test func cutUTF16IsRefused() throws {
        let whole = [0xFF, 0xFE] + (try bytes("a,b\n1,x\n", .utf16LittleEndian))
        #expect(try refusal(whole.dropLast(), "t.csv") != nil)
        #expect(try refusal(whole + [0x00, 0xD8, 0x61, 0x00], "t.csv") != nil)
    }

    @Test func partsMayHaveEncodingsOfTheirOwn() throws {
        let folder = try TemporaryFolder()
        try folder.write(bytes("ort,n\nKöln,1\n", .utf8), to: "a.csv")
        try folder.write(bytes("ort,n\nZürich,2\n", .windowsCP1252), to: "b.csv")
        try folder.write([0xFF, 0xFE] + bytes("ort,n\nÜberlingen,3\n", .utf16LittleEndian), to: "c.csv")
        let table = try Table(contentsOf: folder.at("*.csv"))
        #expect(cells(table) == [["Köln", "Zürich", "Überlingen"], ["1.0", "2.0", "3.0"]])
    }

    @Test func convertedTextOfAnotherEncodingIsTheSame() throws {
        let file = try TemporaryFile(bytes(Self.text, .windowsCP1252), name: "t.csv")
        let folder = file.path + ".data"
        try DataSource(train: file.path).convert(to: folder)
        let table = try read(Self.text, "t.csv")
        #expect(try open(folder).table(kinds: nil).columns == table.columns)
    }

    @Test func sparseRowsAndPlainTextOfOtherEncodings() throws {
        let sparse = try TemporaryFile([0xFF, 0xFE] + bytes("1 1:2\n0 2:1\n", .utf16LittleEndian), name: "a.svm")
        #expect(try DataFormats.standard.open([sparse.path], Reading()) is LIBSVM)
        let prose = try TemporaryFile(bytes("Schön war es und spät, sehr spät.", .windowsCP1252), name: "a.txt")
        let text = try #require(try DataFormats.standard.open([prose.path], Reading(window: 3)) as? CharacterText)
        #expect(String(String.UnicodeScalarView(text.characters)) == "Schön war es und spät, sehr spät.")
        #expect(text.notices.count == 1)
    }
}
