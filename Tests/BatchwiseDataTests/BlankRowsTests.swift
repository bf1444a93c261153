import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Tables whose cells are set apart by blanks, by places in the line, and by characters that are no usual separators.
@Suite struct BlankRowsTests {
    @Test func blanksSeparateAsCommasWould() throws {
        let table = try open(fixture("cases/whitespace-columns/input.data")).table(kinds: nil)
        let expected = try CSV(path: fixture("cases/whitespace-columns/reference.csv")).table()
        #expect(table.columns == expected.columns && table.rowCount == 150)
        #expect(table.notices.count == 1 && table.notices[0].contains("blanks separate its 4 cells a line"))
    }

    /// The form of auto-mpg.data: numbers between blanks, and a name in quotes behind a tab.
    @Test func aTabBeforeANameAmongBlanks() throws {
        let text = """
            18.0   8   307.0      130.0      3504.      12.0   70  1\t"chevrolet chevelle malibu"
            15.0   8   350.0      165.0      3693.      11.5   70  1\t"buick skylark 320"
            25.0   4   98.00      ?          2046.      19.0   71  1\t"ford pinto"

            """
        let table = try read(text, "auto-mpg.data")
        #expect(table.columns.count == 9)
        #expect(cells(table)[0] == ["18.0", "15.0", "25.0"] && cells(table)[3] == ["130.0", "165.0", ""])
        #expect(cells(table)[8] == ["chevrolet chevelle malibu", "buick skylark 320", "ford pinto"])
    }

    @Test(arguments: [
        // R's write.table, whose header names all columns but that of the row names
        ("\"x\" \"kind\"\n\"1\" 1.5 \"a b\"\n\"2\" 2.5 \"c\"\n", [["1.0", "2.0"], ["1.5", "2.5"], ["a b", "c"]]),
        // a header, comments, and lines that are empty
        ("# made\n\n  x  y kind\n 1  2 a\n\n 3  4 b\n", [["1.0", "3.0"], ["2.0", "4.0"], ["a", "b"]]),
        // one row alone
        ("6.99    15.59\t11.57\n", [["6.99"], ["15.59"], ["11.57"]]),
        ("a b\r\n1 NA\r\n2 3\r\n", [["1.0", "2.0"], ["", "3.0"]]),
    ])
    func formsOfTablesWithBlanks(text: String, expected: [[String]]) throws {
        #expect(try cells(read(text, "t.data")) == expected)
    }

    @Test func linesAreThoseOfTheFile() throws {
        let table = try read("# made\n\n x y\n 1  2\n\n 3  4\n", "t.data")
        #expect(table.lines == [4, 6])
        let error = try refusal("1 2\n3 4\n" + String(repeating: "5 6\n", count: 50) + "7 8 9\n", "t.data")
        #expect(
            error.map { if case .raggedRow(_, 53, 2, 3) = $0 { true } else { false } } == true,
            "\(String(describing: error))")
    }

    /// Blanks within cells do not separate where another character does, or where the lines are dates, or numbers with
    /// thousands apart.
    @Test(arguments: [
        ("a,b\n1 234,5 678\n2 345,6 789\n", 2), ("John Smith\t5\nAnn Lee\t6\n", 2), ("1, 2, 3\n4, 5, 6\n", 3),
        ("2024-01-01 12:00\n2024-01-02 13:00\n", 1), ("text\none two\nthree\n", 1),
        ("1 234\n5 678\n", 1), ("name\nJohn Smith\nAnn Lee\n", 1), ("1 234;5 678;2 345\n3 456;4 567;5 678\n", 3),
        ("a|b\n1 2|3 4\n", 2), ("12:30\n13:45\n", 1),
    ])
    func blanksInCells(text: String, width: Int) throws {
        #expect(try read(text, "t.csv").columns.count == width)
    }

    @Test func whatIsSaidAboutTheSeparatorHolds() throws {
        #expect(try read("a b\nc d\n", "t.csv", form: .init(separator: .blanks)).columns.count == 2)
        #expect(try read("1,5 2\n3,5 4\n", "t.csv", form: .init(separator: .character(0x2C))).columns.count == 2)
        let hash = try read("a#b\n1#2\n", "t.csv", form: .init(separator: .character(0x23)))
        #expect(hash.columns.map(\.name) == ["a", "b"] && hash.notices.isEmpty)
        #expect(DataSource.Separator(notation: "x") == nil && DataSource.Separator(notation: ",,") == nil)
        for text in ["tab", "blanks", "fixed-width", ";", ":"] {
            #expect(DataSource.Separator(notation: text)?.notation == text)
        }
    }

    @Test(arguments: ["^", "~", ":", "\u{1F}"])
    func rareSeparators(separator: String) throws {
        let table = try read("a,b,c\n1,x y,2.5\n3,z,4\n".replacing(",", with: separator), "t.txt")
        #expect(cells(table) == [["1.0", "3.0"], ["x y", "z"], ["2.5", "4.0"]])
        #expect(table.notices.count == 1 && table.notices[0].contains("separates its 3 cells"))
    }

    private static let wide = """
        name        age city           score
        John Smith   25 New York         1.5
        Ann          31 Ulm             22
        Bob A. Lee    7 San José         3.25
        Cléo         44 Rio de Janeiro
        Dan          50 Bonn           -10

        """

    @Test func columnsOfFixedWidth() throws {
        let table = try read(Self.wide, "t.txt")
        #expect(table.columns.map(\.name) == ["name", "age", "city", "score"])
        #expect(cells(table)[0] == ["John Smith", "Ann", "Bob A. Lee", "Cléo", "Dan"])
        #expect(cells(table)[1] == ["25.0", "31.0", "7.0", "44.0", "50.0"])
        #expect(cells(table)[2] == ["New York", "Ulm", "San José", "Rio de Janeiro", "Bonn"])
        #expect(cells(table)[3] == ["1.5", "22.0", "3.25", "", "-10.0"])
        #expect(table.lines == [2, 3, 4, 5, 6])
        #expect(table.notices.count == 1 && table.notices[0].contains("at the places 1-10, 13-15, 17-30, 32-37"))
    }

    /// The columns are found by all lines, not by the first ones alone: a name that is long and late closes a gap.
    @Test func allLinesShowTheColumns() throws {
        let late = String(repeating: "Ann          31 Ulm             22\n", count: 40_000)
        let table = try read(Self.wide + late + "Maximilia B  25 Ulm              1\n", "t.txt")
        #expect(cells(table)[0].last == "Maximilia B" && table.rowCount == 40_006)
    }

    @Test func proseAndTwoLinesAreNoColumnsOfFixedWidth() throws {
        #expect(
            try read("a long line of words\nanother one\nand more of it here\nso it goes\nuntil the end\n", "t.csv")
                .columns.count == 1)
        #expect(FixedWidthEvidence([]).isShown == false)
        #expect(try refusal("a  b\n1\t2\n", "t.txt", form: .init(separator: .fixedWidth)) != nil)
    }
}
