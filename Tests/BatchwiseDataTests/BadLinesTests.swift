import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Lines that cannot be read as they stand: refused, left out or padded.
@Suite struct BadLinesTests {
    private func read(_ text: String, _ badLines: DataSource.BadLines, room: Int = 1 << 18) throws(DataError) -> Table {
        try CSV(path: "t.csv", bytes: Array(text.utf8), header: true, badLines: badLines, room: room).table()
    }

    private static let text =
        "n,kind,m\n1,red,2\n3,blue\n4,red,5,6\n7,\"x\"y,8\n9,a\"b,c\",1\n10,\"green\",11\n12,\"open,13\n14,red,15\n"

    @Test(arguments: [1 << 18, 5])
    func skippedLinesLeaveNothingBehind(room: Int) throws {
        let table = try read(Self.text, .skip, room: room)
        #expect(
            table.columns.map(\.values) == [
                .numeric([1, 10, 14]), .categorical(codes: [1, 0, 1], levels: ["green", "red"]), .numeric([2, 11, 15]),
            ])
        #expect(table.lines == [2, 7, 9])
        #expect(table.skippedRows == [1, 1, 1, 1, 2])
        #expect(table.notices == ["t.csv: 5 of 8 lines cannot be read and are left out: lines 3, 4, 5, 6 and 8"])
    }

    @Test func linesAreRefusedByDefaultAndTheErrorNamesTheKey() throws {
        let ragged = failure { () throws(DataError) in try read("n,m\n1,2\n3\n", .refuse) }
        #expect(ragged == .raggedRow(file: "t.csv", line: 3, expected: 2, found: 1))
        #expect(ragged?.description.contains("data.bad-lines: pad") == true)
        let lost = failure { () throws(DataError) in try read("p,kind,m\n1,x,2\n$78\"Round, 48 inch\",3\n", .refuse) }
        #expect(lost == .quoteWithinCell(file: "t.csv", line: 3, column: 1))
        #expect(lost?.description.contains("data.bad-lines: skip") == true && lost?.exitCode == 65)
    }

    @Test func quotesWithinCellsAreNoticed() throws {
        let table = try read("n,size\n1,5\" pipe\n2,6\"\n3,x\n", .refuse)
        #expect(table.columns[1].values == .categorical(codes: [0, 1, 2], levels: ["5\" pipe", "6\"", "x"]))
        #expect(
            table.notices.count == 1 && table.notices[0].contains("lines 2 and 3")
                && table.notices[0].contains("\"size\""))
        #expect(try read("n,size\n1,\"5\"\" pipe\"\n", .refuse).notices.isEmpty)
    }

    @Test(arguments: [1 << 18, 5])
    func paddedLinesEndInMissingCells(room: Int) throws {
        let table = try read("n,kind,m\n1,red,2\n3,blue\n4\n5,red,6\nx,red,7\n", .pad, room: room)
        #expect(table.columns[0].values == .categorical(codes: [0, 1, 2, 3, 4], levels: ["1", "3", "4", "5", "x"]))
        #expect(table.columns[1].values == .categorical(codes: [1, 0, -1, 1, 1], levels: ["blue", "red"]))
        guard case .numeric(let last) = table.columns[2].values else {
            Issue.record("not numeric")
            return
        }
        #expect(last.map(\.isNaN) == [false, true, true, false, false])
        #expect(
            table.notices[0]
                == "t.csv: 2 of 5 rows have too few fields, and empty cells stand for the missing ones: lines 3 and 4")
        for text in ["n,m\n1,2,3\n", "n,m\n1,\"2\"x\n", "n,m\n1\"2\n"] {
            #expect(throws: DataError.self) { try read(text, .pad) }
        }
    }

    @Test func recipesSayHowBadLinesAreTreated() throws {
        for word in ["skip", "pad"] {
            let source = try DataSource(
                notation: RecipeValue(yaml: "{train: t.csv, target: y, bad-lines: \(word)}"))
            #expect(source.columns.badLines.rawValue == word)
            #expect(try DataSource(notation: source.notation) == source)
        }
        #expect(throws: RecipeError.self) {
            try DataSource(notation: RecipeValue(yaml: "{train: t.csv, target: y, bad-lines: drop}"))
        }
        #expect(throws: RecipeError.self) {
            try DataSource(notation: RecipeValue(yaml: "{train: t.svm, format: libsvm, bad-lines: skip}"))
        }
    }

    @Test func trainingOnSeveralFilesNoticesEveryLine() throws {
        let rows = (0..<20).map { "\($0),\($0 % 2 == 0 ? "a" : "b")\n" }.joined()
        let one = try TemporaryFile("x,y\n" + rows + "1\n")
        let two = try TemporaryFile("x,y\n1,2,3\n" + rows)
        var source = DataSource(train: one.path, target: "y")
        source.train.append(two.path)
        #expect(throws: DataError.self) { try source.load(seed: 1) }
        source.columns.badLines = .skip
        let loaded = try source.load(seed: 1)
        #expect(loaded.train.count + (loaded.test?.count ?? 0) == 40)
        #expect(
            loaded.notices.count == 2 && loaded.notices[0].contains("line 22") && loaded.notices[1].contains("line 2"))
        var notes: [TableNotes] = []
        let rest = try loaded.preprocessing.load(newRows: two.path, badLines: .skip, notes: { notes.append($0) })
        #expect(rest.count == 20 && notes.map(\.skippedRows) == [[0]])
        #expect(throws: DataError.self) { try loaded.preprocessing.load(newRows: two.path) }
    }
}

/// Whole numbers that no Double tells from their neighbours.
@Suite struct LongNumberTests {
    @Test func idsBeyond53BitsStayApart() throws {
        let ids = (0..<40).map { "12345678901234567\(10 + $0)" }
        let text = "x,user\n" + ids.enumerated().map { "\($0),\($1)\n" }.joined()
        let table = try table(text)
        #expect(table.columns[1].values == .categorical(codes: Array(0..<40), levels: ids))
        #expect(table.notices.count == 1 && table.notices[0].contains("beyond 2^53, first in line 2"))
    }

    @Test func classesBeyond53BitsStayApart() throws {
        let rows = (0..<60).map { "\($0 * 7 % 11),\(9_007_199_254_740_992 + $0 % 3)\n" }.joined()
        let file = try TemporaryFile("x,label\n" + rows)
        let loaded = try DataSource(train: file.path, target: "label").load(seed: 1)
        #expect(loaded.train.classCount == 3)
        #expect(loaded.notices.count == 1)
    }

    @Test(arguments: [
        ("9007199254740992", false), ("9007199254740993", true), ("-9007199254740993", true),
        ("+12345678901234567", true),
        ("00000000000000000001", false), ("99999999999999999999999", true), ("9007199254740993.5", false),
        ("9007199254740993.0", false), ("1e300", false), ("9,007,199,254,740,993", true),
    ])
    func onlyWholeNumbersAreBeyond(text: String, expected: Bool) throws {
        let bytes = Array(text.utf8)
        let found = bytes.withUnsafeBufferPointer { WrittenNumber($0)?.isBeyondDouble($0, .point) ?? false }
        #expect(found == expected)
        let column = try table("a,b\n1,\"\(text)\"\n2,3\n").columns[1]
        if case .categorical = column.values { #expect(expected) } else { #expect(!expected) }
    }

    /// Who asks for numbers gets numbers.
    @Test func aRuleForNumbersRounds() throws {
        let csv = try CSV(path: "t.csv", bytes: Array("a\n9007199254740993\n1\n".utf8), header: true)
        #expect(try csv.table(kinds: [.numeric]).columns[0].values == .numeric([9_007_199_254_740_992, 1]))
    }
}
