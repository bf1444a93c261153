import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Headers that are compared with the rows below, and names as people write them.
@Suite struct HeaderNamesTests {
    private func csv(_ text: String, header: Bool? = nil) throws -> CSV {
        try CSV(path: "t.csv", bytes: Array(text.utf8), header: header)
    }

    private static func decimals(_ width: Int, rows: Int = 30, last: [String] = []) -> String {
        (0..<rows).map { row in
            let cells = (0..<width).map { "\(Double((row * 37 + $0 * 11) % 101) / 8 - 5.0625)" }
            return (cells + (last.isEmpty ? [] : [last[row * row % 3 % last.count]])).joined(separator: ",") + "\n"
        }.joined()
    }

    /// Amounts below years, and whole numbers below twelve places.
    private static let amounts: String = (0..<20).map { row in
        "land \(row),\(row * 31 % 17 + 40000),\(row * 7 % 19 + 41000),\(row * 5 % 23)\n"
    }.joined()
    private static let whole: String = (0..<20).map { row in
        let cells: [String] = (0..<12).map { "\((row + $0 * 7) % 13)" }
        return cells.joined(separator: ",") + "\n"
    }.joined()
    private static let indexed: String = (0..<20).map { "\($0),0.5,\($0).25,1.5,2.75\n" }.joined()

    private static let headers: [String] = [
        "0,1,2,3\n\(decimals(4))", "0,1,2,3,y\n\(decimals(4, last: ["neg", "pos"]))", ",0,1,2,3\n\(indexed)",
        "1,2,3,4,5\n\(decimals(5))", "0,1,label\n\(decimals(2, last: ["a", "b"]))", "land,2000,2001,2002\n\(amounts)",
        "name,2010,2015\n\(decimals(3))", "0,1,2,3,4,5,6,7,8,9,10,11\n\(whole)",
        // a year beside names, wavelengths, and months
        "2019,kind\n" + (0..<20).map { "\($0 * 31 % 17).25,\(["a", "b"][$0 % 2])\n" }.joined(),
        "label,400.5,402.5,404.5\n"
            + (0..<20).map { "\(["A", "B"][$0 % 2]),0.\($0 % 7)1,0.\($0 % 5)3,0.\($0 % 3)2\n" }.joined(),
        "site,500,1000,2000\n" + (0..<20).map { "\(["A", "B"][$0 % 2]),\($0 % 7),\($0 % 5),\($0 % 3)\n" }.joined(),
        "k,2023-01-01,2023-02-01,y\n"
            + (0..<20).map { "\(["a", "b"][$0 % 2]),\($0 % 7),\($0 % 5),\($0 % 3)\n" }.joined(),
    ]

    @Test(arguments: headers)
    func numbersAreNamesWhereTheRowsBelowAreOfAnotherKind(text: String) throws {
        let csv = try csv(text)
        #expect(csv.hasHeader, "\(text.prefix(60))")
        #expect(csv.notices.contains { $0.contains("line 1 names the columns, though it has numbers") })
        #expect(try !self.csv(text, header: false).hasHeader)
    }

    private static let data: [String] = [
        "0,1,2\n3,4,5\n6,7,8\n9,10,11\n", "1,2,3\n4,5,6\n7,8,9\n1,1,1\n", "1,2\n3,4\n5,6\n",
        "0,1\n0.1,0.995\n0.2,0.98\n0.3,0.955\n", "3,1,2\n\(decimals(3))", "1,2.5,3\n\(decimals(3))",
        "1990,1991,1992\n1991,1992,1993\n1992,1993,1994\n1993,1994,1995\n", "0,1,2\n5,3,1\n2,8,0\n7,7,7\n",
        // rows that rise from column to column, and a first row with a class of its own
        (0..<20).map { "\(["A", "B"][$0 % 2]),\($0),\($0 + 3),\($0 + 9)\n" }.joined(),
        "A,5,3,9\n" + (0..<20).map { "\(["A", "B"][$0 % 2]),\($0 % 7),\($0 % 5),\($0 % 3)\n" }.joined(),
        "Ann,1990,2001\nBob,1985,1999\nCid,1970,1988\nDan,1965,1984\n", "5,0,1,x\n6,1,0,y\n7,1,1,x\n8,0,0,y\n",
    ]

    @Test(arguments: data)
    func otherNumbersAreData(text: String) throws {
        #expect(try !csv(text).hasHeader, "\(text.prefix(60))")
        #expect(try csv(text, header: true).hasHeader)
    }

    @Test func aDoubtIsNoticed() throws {
        let notices = try csv("0,1,2\n5,3,1\n2,8,0\n7,7,7\n").notices
        #expect(notices.count == 1 && notices[0].contains("line 1 is read as data, though its numbers may be names"))
        #expect(try csv("1,2\n3,4\n5,6\n7,8\n").notices == [])
    }

    @Test func aNamedTargetSettlesIt() throws {
        let rows = (0..<40).map { "\($0 * 7 % 11),\($0 * 3 % 8),\(["neg", "pos"][$0 % 2])\n" }.joined()
        let file = try TemporaryFile("7,3,y\n" + rows)
        let loaded = try DataSource(train: file.path, target: "y").load(seed: 1)
        #expect(loaded.learntColumns == ["7", "3"] && loaded.classNames == ["neg", "pos"])
        // by its number, the row is one of the data
        let byNumber = try DataSource(train: file.path, target: "3").load(seed: 1)
        #expect(byNumber.classNames.count == 3 && byNumber.train.count + (byNumber.test?.count ?? 0) == 41)
        let texts = try TemporaryFile("kind,kind of,y\n" + (0..<40).map { _ in "kind,b,c\nd,e,f\n" }.joined())
        #expect(try DataSource(train: texts.path, target: "y").load(seed: 1).learntColumns == ["kind", "kind of"])
    }

    @Test func headerOfNumbers() throws {
        let expected = try DataSource(train: Cases.path("header-of-numbers/reference.csv"), target: "y").load(seed: 42)
        for target in ["y", "5"] {
            let loaded = try DataSource(train: Cases.path("header-of-numbers/input.csv"), target: target).load(seed: 42)
            #expect(loaded.learntColumns == ["0", "1", "2", "3"])
            #expect(
                loaded.train.features == expected.train.features && loaded.test?.features == expected.test?.features)
            #expect(
                loaded.train.targets == expected.train.targets && loaded.train.count == 96 && loaded.test?.count == 24)
            // new rows with and without the header
            let named = try TemporaryFile("3,2,1,0\n0.5,0.25,1,-1\n")
            let unnamed = try TemporaryFile("-1,1,0.25,0.5\n")
            let rows = try loaded.preprocessing.load(newRows: named.path)
            let plain = try loaded.preprocessing.load(newRows: unnamed.path)
            #expect(rows.count == 1 && rows.features == plain.features)
        }
    }

    @Test func repeatedNamesGetNumbers() throws {
        let csv = try csv("x,x,y,x,x.2\n1,2,3,4,5\n6,7,8,9,1\n")
        #expect(csv.names == ["x", "x.3", "y", "x.4", "x.2"])
        #expect(csv.notices.count == 1 && csv.notices[0].contains("column 2, \"x\" once more, \"x.3\""))
        let rows = (0..<30).map { "\($0 % 7).5,\($0 % 5),\($0 % 11).25\n" }.joined()
        let file = try TemporaryFile("x,x,y\n" + rows)
        let loaded = try DataSource(train: file.path, target: "y").load(seed: 1)
        #expect(loaded.learntColumns == ["x", "x.2"] && loaded.notices.count == 1)
        #expect(try DataSource(train: file.path, target: "x.2").load(seed: 1).learntColumns == ["x", "y"])
        #expect(try DataSource(train: file.path, target: "2").load(seed: 1).learntColumns == ["x", "y"])
        let error = failure { () throws(DataError) in try DataSource(train: file.path, target: "x").load(seed: 1) }
        #expect(error == .duplicateColumn(file: file.path, name: "x"))
        // new rows have the same names
        let repeated = try TemporaryFile("y,x,x\n,0.5,1\n")
        let distinct = try TemporaryFile("x.2,x\n1,0.5\n")
        let new = try loaded.preprocessing.load(newRows: repeated.path)
        let same = try loaded.preprocessing.load(newRows: distinct.path)
        #expect(new.features == same.features)
    }

    @Test func namesAreOnOneLineAndWithoutBlanksAroundThem() throws {
        let csv = try csv("\" a \",\"Price\n(EUR)\",\"\r\nb\r\n c \",,\"\"\n1,2,3,4,5\n6,7,8,9,1\n")
        #expect(csv.names == ["a", "Price (EUR)", "b c", "column 4", "column 5"])
        #expect(try csv.table().rowCount == 2)
    }

    @Test(arguments: [
        "name,x,y\n,kg,cm\na,1,2\nb,3,4\n", "name,x,y\n-,[kg],[cm]\na,1,2\nb,3,4\n", "name,x,y\n,%,\na,1,2\nb,3,4\n",
        "name,x,y\ntext,m/s,kg/m3\na,1,2\nb,3,4\n", "name,x,y\n,(EUR),°C\na,1,2\nb,3,4\n",
    ])
    func aRowOfUnitsIsNoRow(text: String) throws {
        let table = try table(text)
        #expect(table.columns.map(\.name) == ["name", "x", "y"] && table.rowCount == 2)
        #expect(table.columns[1].values == .numeric([1, 3]))
        #expect(table.notices == ["t.csv: line 1 names the columns; line 2 above the data is no row of it"])
    }

    @Test func aHashMayBeAName() throws {
        let named = try table("#,Name,HP\n1,a,45\n2,b,60\n")
        #expect(named.columns.map(\.name) == ["#", "Name", "HP"] && named.rowCount == 2)
        let comment = try table("# , of b\na,b\n1,2\n")
        #expect(comment.rowCount == 1)
    }
}
