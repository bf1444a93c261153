import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct LIBSVMTests {
    private func read(_ text: String) throws(DataError) -> LIBSVM {
        try LIBSVM(path: "rows.svm", bytes: Array(text.utf8))
    }

    private func load(_ text: String, _ change: (inout DataSource) -> Void = { _ in }) throws -> LoadedData {
        let file = try TemporaryFile(text, name: "rows.svm")
        var source = DataSource(train: file.path, testFraction: 0)
        change(&source)
        return try source.load(seed: 1)
    }

    @Test func rowsAreLabelsAndNumbers() throws {
        let rows = try read("+1 1:0.5 4:-2e1 # a comment\r\n\n-1 qid:3 2:7\n# nothing\n0.25\r3 10:1")
        #expect(rows.labels == [1, -1, 0.25, 3])
        #expect(rows.starts == [0, 2, 3, 3, 4])
        #expect(rows.indices == [1, 4, 2, 10])
        #expect(rows.values == [0.5, -20, 7, 1])
        #expect(rows.featureShape == [10])
    }

    /// Indices from 0 and from 1 give the same numbers.
    @Test func indicesBeginAtOneOrZero() throws {
        let one = try load("0 1:1 3:0.5\n1 2:1\n")
        let zero = try load("0 0:1 2:0.5\n1 1:1\n")
        #expect(one.train == zero.train)
        #expect(features(one.train, row: 0) == [1, 0, 1])
        #expect(features(one.train, row: 1) == [0, 1, 0])
    }

    /// A few bytes do not make a model of gigabytes; rows to predict may have any index.
    @Test func indicesAreInProportionToTheNumbers() throws {
        let error = failure { () throws(DataError) in
            try read("1 3:1 134217728:1\n-1 1:1\n1 4194305:1\n").fitted(rows: nil, standardise: true)
        }
        guard case .badLine("rows.svm", 1, let detail)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("134217728 features") && detail.contains("it may have 4194304"))
        #expect(try load("1 3:1 4194304:1\n-1 1:1\n").train.featureShape == [4_194_304])
        // 20,000 numbers may have 256 times as many features
        let many = (0..<20_000).map { "\($0 % 2) \($0 + 1):1\n" }.joined()
        #expect(try load(many + "1 5000000:1\n").train.featureShape == [5_000_000])
        #expect(throws: DataError.self) { try load(many + "1 6000000:1\n") }
        let trained = try load("0 1:4 2:-2\n1 1:-8\n0 2:1 3:1\n")
        let new = try TemporaryFile("1 1:16 134217728:3\n", name: "new.svm")
        #expect(features(try trained.preprocessing.load(newRows: new.path), row: 0) == [2, 0, 0])
    }

    /// Features are divided by their largest magnitude among the training rows, so that zeros stay zeros.
    @Test func magnitudes() throws {
        let text = "0 1:4 2:-2\n1 1:-8\n0 2:1 3:1\n"
        let scaled = try load(text)
        #expect((0..<3).map { features(scaled.train, row: $0) } == [[0.5, -1, 0], [-1, 0, 0], [0, 0.5, 1]])
        let plain = try load(text) { $0.standardise = false }
        #expect((0..<3).map { features(plain.train, row: $0) } == [[4, -2, 0], [-8, 0, 0], [0, 1, 1]])
        let file = try TemporaryFile("1 1:16 9:3\n", name: "new.svm")
        let new = try scaled.preprocessing.load(newRows: file.path, needsTarget: true)
        // features that training has not seen are left out
        #expect(features(new, row: 0) == [2, 0, 0])
    }

    @Test func aPartIsKeptForTesting() throws {
        let text = (0..<50).map { "\($0 % 2) 1:1 \($0 + 2):1\n" }.joined()
        let data = try load(text) { $0.split.test = nil }
        #expect(data.train.count == 40)
        #expect(data.test?.count == 10)
    }

    @Test func otherNamesAreRecognised() throws {
        for text in ["1 3:1 10:1\n0 1:1\n", "+1 7:0.25"] {
            let file = try TemporaryFile(text, name: "agaricus.txt.train")
            guard try DataFormats.standard.open([file.path], Reading()) is LIBSVM else {
                Issue.record("\(text) is not recognised")
                continue
            }
        }
        let file = try TemporaryFile("1\n2\n", name: "labels-only")
        guard try DataFormats.standard.open([file.path], Reading(format: .libsvm)) is LIBSVM else {
            Issue.record("the format is not heeded")
            return
        }
    }

    @Test(
        arguments: [
            ("1 1:2\n1 3:1 2:1", 2, "index 2 follows 3"), ("1 2:1 2:1", 1, "index 2 follows 2"),
            ("1 -1:2", 1, "index:value expected"), ("1 1:nan", 1, "index:value expected"),
            ("1 1:inf", 1, "not a finite number"), ("1 1:1e39", 1, "not a finite number"),
            ("1 1000000000:1", 1, "beyond"), ("1 99999999999999999999999:1", 1, "beyond"),
            ("1,2 1:1", 1, "several labels"), ("\n\nspam 1:1", 3, "a number expected"), ("inf 1:1", 1, "not a finite"),
            ("1 1", 1, "index:value expected"), ("1 1:", 1, "index:value expected"),
            ("1 :1", 1, "index:value expected"),
        ])
    func brokenLinesAreNamed(text: String, line: Int, detail: String) {
        let error = failure { () throws(DataError) in try read(text) }
        guard case .badLine("rows.svm", line, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.contains(detail))
    }

    @Test func emptyTextHasNoRows() {
        #expect(failure { () throws(DataError) in try read("# nothing\n\n") } == .noRows("rows.svm"))
    }

    /// A file of zeros for a model of ones is a mistake, and would be learnt from the wrong columns.
    @Test func anIndexBelowTheFirstIsRefused() throws {
        let data = try load("0 1:1\n1 2:1\n")
        let file = try TemporaryFile("1 1:1\n0 0:1\n", name: "new.svm")
        let error = failure { () throws(DataError) in try data.preprocessing.load(newRows: file.path) }
        guard case .badLine(_, 2, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func otherFormatsAreRefusedByAModelOfSparseRows() throws {
        let data = try load("0 1:1\n1 2:1\n")
        let file = try TemporaryFile("a,b\n1,2\n")
        #expect(failure { () throws(DataError) in try data.preprocessing.load(newRows: file.path) } != nil)
    }
}
