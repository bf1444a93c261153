import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Lines that begin with a number sign: comments, names, or rows.
@Suite struct CSVCommentsTests {
    @Test(arguments: [
        // NumPy's savetxt, and the names of a table of genes
        ("# len,wid,price\n1.5,2,3\n2.5,1,4\n", ["len", "wid", "price"], 2),
        ("# made\n#len,wid\n1.5,2\n2.5,1\n", ["len", "wid"], 2),
        ("#chrom\tstart\tend\nchr1\t10\t20\nchr2\t15\t35\n", ["chrom", "start", "end"], 2),
        // colours and tags
        ("#red,0,0.5\nblue,1,1.5\n#green,0,2.5\n", ["column 1", "column 2", "column 3"], 3),
        ("#1,3\n#2,4\n#3,5\n", ["column 1", "column 2"], 3),
        // comments
        ("# made by hand, in a hurry\nlen,wid\n1,2\n3,4\n", ["len", "wid"], 2),
        ("# made by hand\n1,2\n3,4\n", ["column 1", "column 2"], 2),
        ("\u{FEFF}# a,b\n1,2\n3,4\n", ["a", "b"], 2),
    ])
    func linesWithANumberSign(text: String, names: [String], rows: Int) throws {
        let table = try read(text, "t.csv")
        #expect(table.columns.map(\.name) == names && table.rowCount == rows, "\(text): \(cells(table))")
    }

    /// New rows without a header keep all their rows, so that predictions stay in step.
    @Test func newRowsThatBeginWithTags() throws {
        let rows = (0..<30).map { "\(["#1", "#2", "x"][$0 % 3]),\($0 * 7 % 11),\($0 % 5).5\n" }.joined()
        let file = try TemporaryFile("tag,w,price\n" + rows)
        let loaded = try DataSource(train: file.path, target: "price").load(seed: 1)
        let new = try TemporaryFile("#1,3\n#2,4\nx,5\n")
        #expect(try loaded.preprocessing.load(newRows: new.path).count == 3)
    }
}
