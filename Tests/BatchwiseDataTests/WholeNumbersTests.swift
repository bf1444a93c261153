import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Well-known targets of whole numbers, by the rows of each value in the published data, and how their authors mean
/// them.
@Suite struct WholeNumbersTests {
    private static func read(_ first: Int, _ rows: [Int]) throws -> WholeNumbers {
        let numbers = rows.indices.flatMap { repeatElement(Double(first + $0), count: rows[$0]) }
        return try #require(WholeNumbers(numbers))
    }

    @Test(
        arguments: [
            ("MNIST", 0, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], false),
            ("sklearn digits", 0, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180], false),
            ("iris", 0, [50, 50, 50], false), ("wine", 1, [59, 71, 48], true), ("0 and 1", 0, [2, 1], false),
            ("1 and 2", 1, [9000, 4], false), ("CIFAR-100", 0, [Int](repeating: 500, count: 100), false),
            ("Glass", 1, [70, 76, 17, 0, 13, 9, 29], true),
            ("Satimage", 1, [1533, 703, 1358, 626, 707, 0, 1508], true),
            ("Covertype", 1, [211_840, 283_301, 35754, 2747, 9493, 17367, 20510], true),
            ("Shuttle", 1, [45586, 50, 171, 8903, 3267, 10, 13], true),
            ("SVHN", 0, [4948, 13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659], false),
            ("RetinaMNIST", 0, [486, 128, 206, 194, 66], false),
            ("DermaMNIST", 0, [228, 359, 769, 80, 779, 4693, 99], true),
            ("TissueMNIST", 0, [53075, 7814, 5866, 15406, 11789, 7705, 38608, 25203], false),
            ("USPS", 1, [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644], true),
            ("ratings of 1 to 5", 1, [6, 21, 300, 812, 95], true),
        ])
    func classes(name: String, first: Int, rows: [Int], isDoubtful: Bool) throws {
        let found = try Self.read(first, rows)
        #expect(found.areClasses, "\(name)")
        #expect(found.areDoubtful == isDoubtful, "\(name)")
    }

    @Test(
        arguments: [
            ("wine quality", 3, [20, 163, 1457, 2198, 880, 175, 5], true),
            (
                "abalone rings", 1,
                [
                    1, 1, 15, 57, 115, 259, 391, 568, 689, 634, 487, 267, 203, 126, 103, 67, 58, 42, 32, 26, 14, 6, 9,
                    2, 1, 1, 2, 0, 1,
                ], true
            ),
            ("poker hands", 0, [513_702, 433_097, 48828, 21634, 3978, 2050, 1460, 236, 17, 3], true),
            ("a count of 0 to 17", 0, [135, 270, 271, 180, 90, 36, 12, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ("ranks", 1, [Int](repeating: 1, count: 12), true), ("years", 2015, [40, 40, 41, 39, 40], true),
            ("cylinders", 4, [11, 0, 7, 0, 14], true), ("hours of a week", 1, [Int](repeating: 9, count: 99), true),
        ])
    func amounts(name: String, first: Int, rows: [Int], isDoubtful: Bool) throws {
        let found = try Self.read(first, rows)
        #expect(!found.areClasses, "\(name)")
        #expect(found.areDoubtful == isDoubtful, "\(name)")
    }

    /// 17 different prices in 18 rows.
    @Test func pricesAreAmounts() throws {
        let prices = [
            72, 95, 152, 170, 52, 202, 172, 97, 148, 87, 58, 142, 190, 185, 55, 139, 58, 196,
        ].map { 1000 * Double($0) }
        let found = try #require(WholeNumbers(prices))
        #expect(found.values.count == 17 && !found.areClasses && found.areDoubtful)
    }

    @Test func fractionsAndTooManyAreNone() {
        #expect(WholeNumbers([1, 2, 2.5]) == nil)
        #expect(WholeNumbers([1, .infinity, 2])?.areClasses != true)
        #expect(WholeNumbers([.nan, 1, 2]) == nil)
        #expect(WholeNumbers((0..<20_000).map { Double($0) }) == nil)
        #expect(WholeNumbers([-3, 5e300, -3])?.values == [-3, 5e300])
        #expect(WholeNumbers([]).map { $0.areClasses } == true)
    }
}
