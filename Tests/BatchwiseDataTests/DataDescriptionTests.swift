import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct DataDescriptionTests {
    private func describe(_ text: String, name: String) throws -> DataDescription {
        let file = try TemporaryFile(text, name: name)
        return try DataDescription(of: file.path)
    }

    @Test func tables() throws {
        let table = try describe("n,t,e\n1,b,\n,a,\n3,b,\n5,?,\n", name: "t.csv")
        #expect(table.format == .csv && table.rows == 4 && table.shape == [3] && table.hasHeader == true)
        #expect(table.columns.map(\.name) == ["n", "t", "e"])
        #expect(table.columns.map(\.missing) == [1, 1, 4])
        guard case .numbers(1, 5, 3, let deviation, 3) = table.columns[0].content else {
            Issue.record("\(table.columns[0])")
            return
        }
        // of 1, 3 and 5: sqrt(8 / 3)
        #expect(abs(deviation - 1.632993161855452) < 1e-15)
        #expect(table.columns[1].content == .texts([.init(name: "b", count: 2), .init(name: "a", count: 1)]))
        #expect(table.columns[2].content == .nothing)
    }

    @Test func sparseRows() throws {
        let rows = try describe("1 1:2 4:-1\n0\n0 2:1\n", name: "r.svm")
        #expect(rows.format == .libsvm && rows.rows == 3 && rows.shape == [4] && rows.density == 0.25)
        #expect(rows.labels?.content == .texts([.init(name: "0", count: 2), .init(name: "1", count: 1)]))
    }

    @Test func theBundledDigits() throws {
        let digits = try DataDescription(of: "digits")
        #expect(digits.rows == 1_438 && digits.shape == [8, 8, 1])
        guard case .numbers(0, 16, _, _, 17) = digits.columns[0].content else {
            Issue.record("\(digits.columns[0])")
            return
        }
        guard case .texts(let classes) = digits.labels?.content else {
            Issue.record("no classes")
            return
        }
        #expect(classes.count == 10 && classes.reduce(0) { $0 + $1.count } == 1_438)
    }
}
