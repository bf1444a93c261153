import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Numbers as people write them; a column is decided from all its cells.
@Suite struct NumberNotationTests {
    private func value(_ text: String, _ decimal: DataSource.DecimalSign = .point) -> Double? {
        Array(text.utf8).withUnsafeBufferPointer { NumberNotation(decimal: decimal).value($0) }
    }

    @Test(
        arguments: [
            ("1,234", 1234), ("-12,345,678.5", -12_345_678.5), ("12,34,567", 1_234_567), ("1 234", 1234),
            ("1\u{A0}234\u{202F}567.5", 1_234_567.5), ("1'234.56", 1234.56), ("1\u{2019}234", 1234), ("1_000", 1000),
            ("(1,234.50)", -1234.5), ("$1,054.95", 1054.95), ("-$5", -5), ("$-5", -5), ("($5.10)", -5.1),
            ("125-", -125), ("2.50-", -2.5), ("12.-", 12), ("CHF 1'103.-", 1103),
            ("\u{2212}3.5", -3.5), ("12.5 %", 12.5), ("12 kg", 12), ("3.5mm", 3.5), ("1.5k", 1500), ("2 bn", 2e9),
            ("3M\u{20AC}", 3e6), ("EUR 12", 12), ("12 kr", 12), ("1e3", 1000), ("-.5", -0.5), (".5", 0.5), ("+7", 7),
            ("5 m2", 5), ("60 km/h", 60),
        ] as [(String, Double)])
    func numbersWithDecimalPoints(text: String, expected: Double) {
        #expect(value(text) == expected, "\(text)")
    }

    @Test(
        arguments: [
            ("1.234,56", 1234.56), ("0,58", 0.58), ("1 234,5", 1234.5), ("1.234.567", 1_234_567), ("1.234", 1234),
            ("-3,14159", -3.14159), ("12,5 %", 12.5), ("1.234,50 \u{20AC}", 1234.5), ("12,-", 12),
            ("1.103,- \u{20AC}", 1103), ("12,\u{2013}", 12), ("12,5-", -12.5),
        ] as [(String, Double)])
    func numbersWithDecimalCommas(text: String, expected: Double) {
        #expect(value(text, .comma) == expected, "\(text)")
    }

    @Test(arguments: [
        "", "-", ".", ",", "1,23", "1234,567", ",123", "1,234,", "1,2345", "1.5,000", "1.2.3", "12:30", "1/2", "10-20",
        "A12", "v1", "1st of May 2024", "0,123,456", "192.168.1.1", "1 23", "12 345 67", "$", "$$5", "(5", "5)", "--5",
        "5--", "1e", "2-", "12-", "01.02.2021", "2021-03-04", "555-1234", "12 34", "1__000", "+-3", "kg 5", "5 kg 3",
    ])
    func whatIsNoNumber(text: String) {
        #expect(value(text) == nil, "\(text)")
    }

    private static let plain: [Double] = (0..<60).map { place in
        let thousandths =
            [589_000, -1_219_250, 8_998_004, 123, 45_600, 1_234_567_890, 0, 7_000][place % 8] + place * 1007
        return Double(thousandths) / 1000
    }

    /// The digits of a number, grouped by a sign, with a decimal sign.
    private static func written(_ number: Double, _ group: String, _ decimal: String, isIndian: Bool = false) -> String
    {
        let thousandths = Int((abs(number) * 1000).rounded())
        var digits = String(thousandths / 1000)
        var groups: [String] = []
        while digits.count > 3 || isIndian && !groups.isEmpty && digits.count > 2 {
            let size = isIndian && !groups.isEmpty ? 2 : 3
            groups.insert(String(digits.suffix(size)), at: 0)
            digits.removeLast(size)
        }
        groups.insert(digits, at: 0)
        let places = String(thousandths % 1000 + 1000).dropFirst()
        return (number < 0 ? "-" : "") + groups.joined(separator: group) + decimal + places
    }

    /// One table in ten national notations has the same bits as in plain numbers.
    @Test(arguments: [
        ("", ",", false), (".", ",", false), (",", ".", false), (" ", ",", false), ("\u{A0}", ",", false),
        ("\u{202F}", ",", false), ("'", ".", false), ("\u{2019}", ".", false), ("_", ".", false), (",", ".", true),
    ])
    func tenNotationsAreOneTable(group: String, decimal: String, isIndian: Bool) throws {
        func text(_ written: (Double) -> String) -> String {
            let rows = Self.plain.enumerated().map { place, number in
                "\"\(written(number))\";\"\(written(-number * 2))\";\(place % 3 == 0 ? "red" : "blue")"
            }
            return "a;b;colour\n" + rows.joined(separator: "\n") + "\n"
        }
        let expected = try table(text { Self.written($0, "", ".") }, header: true)
        let found = try table(text { Self.written($0, group, decimal, isIndian: isIndian) }, header: true)
        #expect(found.columns == expected.columns)
        #expect(found.notices == [] && expected.notices == [])
        #expect(expected.columns[0].values == .numeric(Self.plain))
    }

    /// In any notation and encoding, and between other separators, a table trains to the same parameters.
    @Test func notationsInEncodingsTrainToTheSameBits() throws {
        func hash(_ bytes: [UInt8], _ name: String) throws -> String {
            let file = try TemporaryFile(bytes, name: name)
            let data = try DataSource(train: file.path, target: "größe").load(seed: 3).train
            let recipe = Recipe(model: LayerList([Dense(4), ReLU(), Dense(1)]), batch: Batch(size: 8), epochs: 2)
            var trainer = try Trainer(recipe, data: data)
            return try trainer.run().parametersSHA256
        }
        func text(_ separator: String, _ written: (Double) -> String) -> String {
            let rows = Self.plain.enumerated().map { place, number in
                ["\(written(number))", "\(["red", "blue"][place % 2])", "\(written(number / 2 + Double(place)))"]
            }
            return ([["a", "colour", "größe"]] + rows).map { row in
                row.map { "\"\($0)\"" }.joined(separator: separator) + "\n"
            }.joined()
        }
        let expected = try hash(Array(text(",") { Self.written($0, "", ".") }.utf8), "t.csv")
        #expect(try hash(Array(text(",") { Self.written(abs($0), "", ".") }.utf8), "t.csv") != expected)
        for (group, decimal) in [("", ","), (".", ","), (",", "."), ("\u{A0}", ","), ("'", "."), (" ", ",")] {
            for (separator, name) in [(",", "t.csv"), (";", "t.csv"), ("\t", "t.tsv"), ("|", "t.txt")] {
                let text = text(separator) { Self.written($0, group, decimal) }
                for (encoding, mark) in [
                    (String.Encoding.utf8, []), (.utf8, [0xEF, 0xBB, 0xBF]), (.utf16LittleEndian, [0xFF, 0xFE]),
                    (.windowsCP1252, []),
                ] as [(String.Encoding, [UInt8])] {
                    let bytes = mark + [UInt8](try #require(text.data(using: encoding)))
                    #expect(try hash(bytes, name) == expected, "\(group) \(decimal) \(separator) \(encoding)")
                }
            }
        }
    }

    // MARK: Doubts

    @Test func wholeNumbersBetweenShowThatACommaGroups() throws {
        let found = try table("units;n\n817;1\n8,960;2\n12,500;3\n", header: true)
        #expect(found.columns[0].values == .numeric([817, 8960, 12500]))
        #expect(found.notices == [])
    }

    @Test func anotherColumnSettlesADoubt() throws {
        let points = try table("units;rate\n1,219;0.16\n8,998;1.58\n", header: true)
        #expect(points.columns[0].values == .numeric([1219, 8998]) && points.notices == [])
        let commas = try table("units;rate\n1,219;0,16\n8,998;1,58\n", header: true)
        #expect(commas.columns[0].values == .numeric([1.219, 8.998]) && commas.notices == [])
        let grouped = try table("units;rate\n1.219;0,16\n817;1,58\n12.500;2,5\n", header: true)
        #expect(grouped.columns[0].values == .numeric([1219, 817, 12500]) && grouped.notices == [])
    }

    @Test func aDoubtIsNoticed() throws {
        for (text, expected) in [("1,219;1\n8,998;2\n", [1219, 8998]), ("1.219;1\n8.998;2\n", [1.219, 8.998])] {
            let found = try table("units;n\n" + text, header: true)
            #expect(found.columns[0].values == .numeric(expected))
            let notice = found.notices.first ?? ""
            #expect(found.notices.count == 1 && notice.contains("\"units\"") && notice.contains("line 2"))
            #expect(notice.contains("data.decimal: \",\""))
        }
    }

    @Test func aLeadingZeroIsADecimal() throws {
        let found = try table("x;n\n0,580;1\n1,219;2\n", header: true)
        #expect(found.columns[0].values == .numeric([0.58, 1.219]) && found.notices == [])
    }

    @Test func plainFractionsRaiseNoDoubt() throws {
        for text in ["1.234\n0.5\n", "1.234\n1234.567\n", "1.234\n2.5\n", "1.234\n0.123\n"] {
            #expect(try table("x\n" + text, header: true).notices == [], "\(text)")
        }
    }

    // MARK: Units

    @Test func unitsOfOneKindAreNumbers() throws {
        let found = try table("w,p,q\n12 kg,\"$1,054.95\",5%\n7 kg,$3,7%\n0,($1.50),9%\n", header: true)
        #expect(
            found.columns.map(\.values) == [.numeric([12, 7, 0]), .numeric([1054.95, 3, -1.5]), .numeric([5, 7, 9])])
        #expect(found.notices.count == 1 && found.notices[0].contains("\"kg\""))
    }

    @Test func differentUnitsAreText() throws {
        let rows = (1...20).map { "\($0) \($0 % 2 == 0 ? "kg" : "lb"),1" }.joined(separator: "\n")
        let found = try table("w,n\n\(rows)\n", header: true)
        guard case .categorical = found.columns[0].values else {
            Issue.record("not text")
            return
        }
        #expect(found.notices.contains { $0.contains("\"1 lb\" in line 2") && $0.contains("\"2 kg\" in line 3") })
    }

    @Test func codesThatBeginWithZerosAreNoticed() throws {
        let rows = (0..<30).map { "\($0 % 7 < 3 ? "00\($0 % 10)" : "\($0)"),\($0).5\n" }.joined()
        let found = try table("code,x\n" + rows, header: true)
        #expect(
            found.notices.count == 1 && found.notices[0].contains("\"code\" has \"000\" in line 2"), "\(found.notices)")
        #expect(try table("code,x\n0,0.5\n10,7\n", header: true).notices == [])
        // texts keep their zeros
        #expect(
            try table("code,x\n007,1\nA12,2\n", header: true).notices.allSatisfy { !$0.contains("begins with a zero") })
    }

    // MARK: Missing and almost numbers

    @Test func wordsForMissingValues() throws {
        let words = ["<NA>", "NaT", "-", "--", ".", "..", "N/A", "n.a.", "\\N", "(null)", "#N/A", "#DIV/0!", "#REF!"]
        let found = try table("x,y\n1.5,2\n" + words.map { "\($0),3\n" }.joined(), header: true)
        guard case .numeric(let numbers) = found.columns[0].values else {
            Issue.record("not numbers")
            return
        }
        #expect(numbers[0] == 1.5 && numbers.dropFirst().allSatisfy(\.isNaN) && found.notices == [])
        let signs = try table("strand,y\n+,1\n-,2\n", header: true)
        #expect(signs.columns[0].values == .categorical(codes: [0, 1], levels: ["+", "-"]))
    }

    @Test func almostNumbersMissAFew() throws {
        let rows = (1...50).map { "\($0 == 20 ? "unknown" : "\($0).25"),\($0)" }.joined(separator: "\n")
        let found = try table("x,y\n\(rows)\n", header: true)
        guard case .numeric(let numbers) = found.columns[0].values else {
            Issue.record("not numbers")
            return
        }
        #expect(numbers[19].isNaN && numbers[20] == 21.25)
        #expect(found.notices.count == 1 && found.notices[0].contains("\"unknown\" in line 21"))
        let half = try table("x,y\n1,1\n2,1\n3,1\nlow,1\n", header: true)
        guard case .categorical = half.columns[0].values else {
            Issue.record("not text")
            return
        }
        #expect(half.notices.count == 1 && half.notices[0].contains("\"low\" in line 5"))
    }

    // MARK: Rows at the end

    @Test(arguments: ["Total", "Summe:", "Average", "Grand total"])
    func aTotalIsLeftOut(word: String) throws {
        let found = try table("a,b,c\n1,2,x\n3,4,y\n5,6,x\n\(word),12,\n", header: true)
        #expect(found.rowCount == 3 && found.columns[0].values == .numeric([1, 3, 5]))
        #expect(found.columns[1].values == .numeric([2, 4, 6]))
        #expect(found.notices.count == 1 && found.notices[0].contains("line 5"))
        let named = try table("shop,b\nnorth,2\nsouth,4\n\(word),6\n", header: true)
        #expect(named.columns[0].values == .categorical(codes: [0, 1], levels: ["north", "south"]))
        let inside = try table("shop,b\nnorth,2\n\(word),6\nsouth,4\n", header: true)
        #expect(inside.rowCount == 3)
        let isSum = ["Total", "Grand total"].contains(word)
        #expect(inside.notices.count == (isSum ? 1 : 0) && inside.notices.allSatisfy { $0.contains("line 3") })
    }

    @Test func aCommentIsLeftOut() throws {
        let found = try table("a,b\n1,2\n3,4\n* estimated,\n\"Source: the census, 2020\",\n", header: true)
        #expect(found.rowCount == 2 && found.columns[0].values == .numeric([1, 3]))
        #expect(found.notices.count == 1 && found.notices[0].contains("line 4"))
    }

    @Test func commentsInOneCellEndTheTable() throws {
        let found = try table("a,b\n1,2\n3,4\nSource: the census\n* estimated\n", header: true)
        #expect(found.columns.map(\.values) == [.numeric([1, 3]), .numeric([2, 4])])
        #expect(found.notices.count == 1 && found.notices[0].contains("from line 4"))
        #expect(throws: DataError.self) { try table("a,b\n1,2\nSource: the census\n3,4\n", header: true) }
        #expect(throws: DataError.self) { try table("a,b\n1,2\nfive\n", header: true) }
    }

    // MARK: Models and converted data

    @Test func newRowsAreReadAsTrainingWas() throws {
        let rows = (0..<40).map { "\"1.\(100 + $0)\";\($0),5;\($0 * 3),25" }.joined(separator: "\n")
        let file = try TemporaryFile("units;rate;price\n" + rows)
        let loaded = try DataSource(train: file.path, target: "price", testFraction: 0).load(seed: 1)
        let new = try TemporaryFile("units;rate\n1.103;3,5\n")
        let again = try loaded.preprocessing.load(newRows: new.path)
        #expect(features(again, row: 0) == features(loaded.train, row: 3))
    }

    /// A recipe that says the notation is converted by it too.
    @Test func aConversionIsReadAsTheRecipeSays() throws {
        let rows = (0..<30).map { "\(1 + $0 % 9).\(100 + $0),0\($0 % 9 + 1)/0\($0 % 5 + 1)/2021,\($0)\n" }.joined()
        let file = try TemporaryFile("units,when,y\n" + rows)
        let folder = try TemporaryFolder()
        for (decimal, units) in [(DataSource.DecimalSign.comma, 1100.0), (.point, 1.1)] {
            var source = DataSource(train: file.path, target: "y", testFraction: 0)
            source.columns.decimal = decimal
            source.columns.dates = .dayFirst
            let path = folder.at("\(decimal).data")
            try source.convert(to: path)
            let table = try ConvertedData(path: path).table(kinds: nil)
            #expect(cells(table)[0][0] == "\(units)" && cells(table)[1][1] == "1612224000.0")
        }
    }

    @Test func convertedTablesAreTheSame() throws {
        let rows = (0..<400).map { row in
            "\"$1,\(100 + row).50\",\(row % 28 + 1)/\(row % 12 + 1)/2021,\(["a", "b", "c"][row % 3]),\(row == 300 ? "n/k" : "\(row).5")"
        }
        let file = try TemporaryFile("price,when,colour,x\n" + rows.joined(separator: "\n") + "\nTotal,,,12\n")
        let expected = try Table(contentsOf: file.path)
        let folder = try TemporaryFolder()
        try DataSource(train: file.path).convert(to: folder.at("t.data"))
        let found = try ConvertedData(path: folder.at("t.data")).table(kinds: nil)
        #expect(found.rowCount == 400)
        for (one, other) in zip(found.columns, expected.columns) {
            guard case .numeric(let one) = one.values, case .numeric(let other) = other.values else {
                #expect(one.values == other.values && one.name == "colour")
                continue
            }
            #expect(one.map(\.bitPattern) == other.map(\.bitPattern))
        }
        #expect(found.columns.map(\.isDate) == [false, true, false, false])
    }
}
