import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

@Suite struct ARFFTests {
    @Test func theCaseIsAsItsReference() throws {
        let table = try open(fixture("cases/arff/input.arff")).table(kinds: nil)
        let expected = try CSV(path: fixture("cases/arff/reference.csv")).table()
        #expect(table.columns.map(\.name) == expected.columns.map(\.name))
        #expect(cells(table) == cells(expected) && table.rowCount == expected.rowCount)
        #expect(table.lines.first == 10)
        let description = try DataDescription(of: fixture("cases/arff/input.arff"))
        #expect(description.format == .arff && description.columns.count == 4)
    }

    @Test func namesTypesQuotesAndComments() throws {
        let text = """
            % a comment, longer than the head of the file \(String(repeating: "%", count: 2000))
            @Relation 'a relation'
            @attribute 'two words' NUMERIC   % a comment
            @ATTRIBUTE "it\\'s" {'a, b', "c\\"d", e }
            @attribute code {0, 1,2}
            @attribute note string
            @attribute day date "yyyy-MM-dd"

            @data
            1.5, 'a, b', 1, 'say \\'hi\\'', 2024-03-01
            % between
            ?, ?, ?, ?, ?
            -2,e,0,plain text,"2024-03-02"   % behind

            """
        let table = try read(text, "t.arff")
        #expect(table.columns.map(\.name) == ["two words", "it's", "code", "note", "day"])
        #expect(cells(table)[0] == ["1.5", "", "-2.0"] && cells(table)[1] == ["a, b", "", "e"])
        // a nominal attribute is text though its labels are numbers
        #expect(table.columns[2].values == .categorical(codes: [1, -1, 0], levels: ["0", "1"]))
        #expect(cells(table)[3] == ["say 'hi'", "", "plain text"] && table.columns[4].isDate)
        #expect(table.lines == [10, 12, 13])
    }

    @Test func sparseRows() throws {
        let text =
            "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@attribute c real\n@data\n{0 1.5, 2 3}\n{}\n{1 y}\n{ 1 ? }\n"
        #expect(
            try cells(read(text, "t.arff")) == [
                ["1.5", "0.0", "0.0", "0.0"], ["x", "x", "y", ""], ["3.0", "0.0", "0.0", "0.0"],
            ])
    }

    private static let head = "@relation r\n@attribute a numeric\n@attribute b {low,high}\n@data\n"

    @Test(arguments: [
        ("1,lwo\n", 5, "did you mean"), ("x,low\n", 5, "a number expected"), ("1,low\n1\n", 6, "2 fields expected"),
        ("1,low,2\n", 5, "2 fields expected"), ("1,'low\n", 5, "quote is not closed"), ("{9 1}\n", 5, "from 0 to 1"),
        ("1,low,{5}\n", 5, "weight"), ("{0 1} {5}\n", 5, "weight"), ("{0 1, 0 2}\n", 5, "twice"),
        ("1,'low'x\n", 5, "follows"),
    ])
    func errorsNameTheLine(rows: String, line: Int, detail: String) throws {
        let error = try #require(try refusal(Self.head + rows, "t.arff"))
        #expect(error.description.contains("line \(line)") && error.description.contains(detail), "\(error)")
    }

    @Test(arguments: [
        ("@relation r\n@attribute d date 'dd-MM-yyyy'\n@data\n'01-02-2023'\n", "write dates as yyyy-MM-dd"),
        ("@relation r\n@attribute a numbers\n@data\n1\n", "numeric, string, date"),
        ("@relation r\n@attribute a relational\n@data\n", "relational"), ("@relation r\n@data\n1\n", "no @attribute"),
        ("@relation r\n@attribute a {x,y\n@data\n", "not closed"), ("@relation r\n@attribute a real\n", "before @data"),
        ("@relation r\n1,2\n", "before the rows"),
    ])
    func badHeaders(text: String, detail: String) throws {
        let error = try refusal(text, "t.arff")
        #expect(
            error?.description.contains(detail.replacing("relational", with: "holds tables")) == true,
            "\(String(describing: error))")
    }

    /// The last attribute is no silent target, but one that is called class is suggested.
    @Test func theTargetIsNamed() throws {
        let source = DataSource(train: fixture("cases/arff/input.arff"), format: .csv)
        let error = failure { () throws(DataError) in try source.load(seed: 1) }
        #expect(error?.description.contains("perhaps \"class\"") == true)
    }
}
