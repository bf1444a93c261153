import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Prose is told from tables in text files.
@Suite struct PlainTextTests {
    private static let prose = [
        "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n\nFirst Citizen:\nYou are "
            + "all resolved rather to die than to famish?\n",
        "to be or not to be", "emma\nolivia\nava\nisabella\nsophia\n", "It was 1984; the clocks were striking 13.\n",
        "# Title\n\nA list, of things:\n\n- one, two\n- three\n- 4, 5, 6\n\nAnd the end of it, for now.\n",
        "Ein Satz, der über\r\nzwei Zeilen geht.\r\nUnd noch einer.\r\n",
    ]
    private static let tables = [
        "a,b\n1,2\n", "name;city\nAnn;Rome\nBob;Oslo\n", "x\ty\nred\tblue\n", "Ann | 3\nBob | 4\n",
        "3\n1\n4\n1\n5\n", "6.99    15.59\n7.1   12.2\n", "name age\nAnn 23\nBob 31\nCid 40\n",
        "a,b,c\nx,y,z\nx,y,z\nx,y,z, and a note\nx,y,z\n", "\0\0\u{8}", "",
    ]

    @Test(arguments: prose) func proseIsProse(text: String) { #expect(PlainText.isProse(Array(text.utf8)[...])) }
    @Test(arguments: tables) func tablesAreNone(text: String) { #expect(!PlainText.isProse(Array(text.utf8)[...])) }

    @Test func theNameCountsToo() throws {
        for (name, isText) in [("a.txt", true), ("a.TXT", true), ("a.md", true), ("a.csv", false), ("a.dat", false)] {
            let file = try TemporaryFile(Self.prose[0], name: name)
            #expect(try PlainText.isIn(FoundFile(file.path)) == isText, "\(name)")
        }
        let sparse = try TemporaryFile("1 1:2 3:4\n0 2:1\n", name: "a.txt")
        #expect(try !PlainText.isIn(FoundFile(sparse.path)))
    }

    @Test func whatIsSaidOfColumnsMakesATable() throws {
        let file = try TemporaryFile(Self.prose[0] + Self.prose[0], name: "a.txt")
        let text = try DataSource(train: file.path).load(seed: 1)
        #expect(text.train.featureShape == [CharacterText.usualWindow])
        #expect(text.notices.count == 1 && text.notices[0].contains("is read as plain text"))
        let said = try DataSource(train: file.path, window: CharacterText.usualWindow).load(seed: 1)
        #expect(said.train == text.train && said.preprocessing == text.preprocessing && said.notices.isEmpty)
        for source in [DataSource(train: file.path, target: "y"), DataSource(train: file.path, format: .csv)] {
            #expect(failure { () throws(DataError) in try source.load(seed: 1) } != nil)
        }
    }

    @Test func theCommonestCharactersAreDescribed() throws {
        let file = try TemporaryFile("so be it, so\nbe it\n", name: "a.txt")
        let description = try DataDescription(of: file.path)
        #expect(description.format == .text && description.rows == 20 - 8 - 1 && description.shape == [8])
        guard case .texts(let shares) = description.columns[0].content else {
            Issue.record("\(description)")
            return
        }
        // counted by hand
        #expect(shares.prefix(2) == [.init(name: "\\s", count: 4), .init(name: "\\n", count: 2)])
        #expect(shares.count == 9 && shares.reduce(0) { $0 + $1.count } == 19)
        #expect(description.notices.count == 1)
    }
}
