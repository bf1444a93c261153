import Testing

@testable import Batchwise

/// The expected rows come from the same formula written in Python with unbounded integers.
@Suite struct SplitTests {
    @Test func theSeedDecides() {
        #expect(Split.rows(count: 10, testFraction: 0.3, seed: 1).test == [1, 3, 8])
        #expect(Split.rows(count: 10, testFraction: 0.3, seed: 1).train == [0, 2, 4, 5, 6, 7, 9])
        #expect(Split.rows(count: 10, testFraction: 0.3, seed: 2).test == [0, 1, 6])
    }

    @Test(arguments: [(20640, 0.2, 4128), (10, 0.25, 3), (3, 0.1, 0), (7, 0, 0), (1, 0.4, 0)])
    func theCountIsExact(count: Int, fraction: Double, expected: Int) {
        let rows = Split.rows(count: count, testFraction: fraction, seed: 42)
        #expect(rows.test.count == expected)
        #expect((rows.train + rows.test).sorted() == Array(0..<count))
    }
}
