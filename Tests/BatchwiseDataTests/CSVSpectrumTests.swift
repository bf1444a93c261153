import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// The features that tell parsers of separated values apart. The rows expected are those of Python 3.11:
/// `csv.reader(io.StringIO(text, newline=""))`.
@Suite struct CSVSpectrumTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let rows: [[String]]

        init(_ name: String, _ text: String, _ rows: [[String]]) {
            testDescription = name
            self.text = text
            self.rows = rows
        }
    }

    static let cases = [
        Case(
            "commaInQuotes", "first,last,address,city,zip\nJohn,Doe,120 any st.,\"Anytown, WW\",08123\n",
            [["first", "last", "address", "city", "zip"], ["John", "Doe", "120 any st.", "Anytown, WW", "08123"]]),
        Case("emptyCells", "a,b,c\n1,\"\",\"\"\n2,3,4\n", [["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]]),
        Case(
            "emptyCellsCRLF", "a,b,c\r\n1,\"\",\"\"\r\n2,3,4\r\n", [["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]]),
        Case(
            "doubledQuotes", "a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n", [["a", "b"], ["1", "ha \"ha\" ha"], ["3", "4"]]),
        Case(
            "json", "key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"coordinates\"\": [102.0, 0.5]}\"\n",
            [["key", "val"], ["1", "{\"type\": \"Point\", \"coordinates\": [102.0, 0.5]}"]]),
        Case(
            "lineEndsInQuotes", "a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n7,8,9\n",
            [["a", "b", "c"], ["1", "2", "3"], ["Once upon \na time", "5", "6"], ["7", "8", "9"]]),
        Case(
            "lineEndsInQuotesCRLF", "a,b,c\r\n1,2,3\r\n\"Once upon \r\na time\",5,6\r\n7,8,9\r\n",
            [["a", "b", "c"], ["1", "2", "3"], ["Once upon \r\na time", "5", "6"], ["7", "8", "9"]]),
        Case(
            "quotesAndLineEnds", "a,b\n1,\"ha \n\"\"ha\"\" \nha\"\n3,4\n",
            [["a", "b"], ["1", "ha \n\"ha\" \nha"], ["3", "4"]]),
        Case("simple", "a,b,c\n1,2,3\n", [["a", "b", "c"], ["1", "2", "3"]]),
        Case("simpleCRLF", "a,b,c\r\n1,2,3\r\n", [["a", "b", "c"], ["1", "2", "3"]]),
        Case(
            "utf8", "a,b,c\n1,2,3\n4,5,ʤ\nš,\"𝛼, ∞\",日本\n",
            [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "ʤ"], ["š", "𝛼, ∞", "日本"]]),
        Case(
            "places",
            "lat,lng,name\n-36.848461,174.763336,\"Auckland, \"\"City of Sails\"\"\"\n+51.4778,-0.0014,Greenwich\n",
            [
                ["lat", "lng", "name"], ["-36.848461", "174.763336", "Auckland, \"City of Sails\""],
                ["+51.4778", "-0.0014", "Greenwich"],
            ]),
        Case(
            "onlyQuotes", "a,b\n\"\"\"\",\"\"\"\"\"\"\n\"\"\"x\"\"\",\"\"\"\"\"\"\n",
            [["a", "b"], ["\"", "\"\""], ["\"x\"", "\"\""]]),
        Case("noLastLineEnd", "a,b\n1,\"last\"", [["a", "b"], ["1", "last"]]),
        Case("separatorsAlone", "a,b,c\n,,\n\"\",\"\",\"\"\n", [["a", "b", "c"], ["", "", ""], ["", "", ""]]),
        Case(
            "longCells",
            "a,b\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,\"yzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyz\"\"wwwwwwwww\"\n",
            [
                ["a", "b"],
                [
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                    "yzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzyz\"wwwwwwwww",
                ],
            ]),
        Case(
            "quoteInside", "a,b\n5\" pipe,O'Neil\nsay \"so\",2\n",
            [["a", "b"], ["5\" pipe", "O'Neil"], ["say \"so\"", "2"]]),
        Case("carriageReturns", "a,b\r1,\"x\ry\"\r2,z\r", [["a", "b"], ["1", "x\ry"], ["2", "z"]]),
    ]

    @Test(arguments: cases) func cellsAreThoseOfPython(example: Case) throws {
        #expect(try cells(of: example.text, room: 1 << 10) == example.rows)
    }

    /// The text is looked at through windows that end anywhere, and grow where a row needs it.
    @Test(arguments: cases) func cellsAreTheSameHoweverLittleIsInMemory(example: Case) throws {
        for room in 1...40 { #expect(try cells(of: example.text, room: room) == example.rows, "\(room) bytes") }
    }

    private func cells(of text: String, room: Int) throws -> [[String]] {
        let window = try TextWindow(ByteSource(path: "t.csv", bytes: Array(text.utf8)), room: room)
        var scanner = CSVScanner(path: "t.csv", window: window, delimiter: UInt8(ascii: ","))
        var rows: [[String]] = []
        while true {
            let isThere = scanner.nextRow()
            var cells: [String] = []
            let fields = isThere ? try scanner.row() : []
            if !scanner.isCut { cells = try fields.map { try scanner.string(of: $0) } }
            if scanner.isCut {
                try window.move(to: scanner.rowStart.position)
                scanner = CSVScanner(
                    path: "t.csv", window: window, delimiter: UInt8(ascii: ","), line: scanner.rowStart.line)
            } else if isThere {
                rows.append(cells)
            } else {
                return rows
            }
        }
    }

    /// The cells stand in the columns of a table too, after a comma has been found to separate.
    @Test(arguments: cases) func columnsHoldTheCells(example: Case) throws {
        let table = try table(example.text, header: true)
        #expect(table.columns.map(\.name) == example.rows[0])
        for (place, column) in table.columns.enumerated() {
            for (row, expected) in example.rows.dropFirst().map({ $0[place] }).enumerated() {
                switch column.values {
                case .numeric(let numbers):
                    #expect(expected.isEmpty ? numbers[row].isNaN : numbers[row] == Double(expected))
                case .categorical(let codes, let levels):
                    #expect((codes[row] < 0 ? "" : levels[Int(codes[row])]) == expected)
                case .skipped: Issue.record("a column was skipped")
                }
            }
        }
    }
}
