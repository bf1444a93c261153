import Testing

@testable import Batchwise

/// The expected rows come from the same formulas written in Python with unbounded integers.
@Suite struct SplitTests {
    @Test func theSeedDecides() {
        var split = Split(count: 10, seed: 1)
        #expect(split.take(0.3) == [1, 3, 8])
        #expect(split.take(0.2) == [4, 7])
        #expect(split.rest == [0, 2, 5, 6, 9])
        var other = Split(count: 10, seed: 2)
        #expect(other.take(0.3) == [0, 1, 6])
    }

    @Test(arguments: [(20640, 0.2, 4128), (10, 0.25, 3), (3, 0.1, 0), (7, 0, 0), (1, 0.4, 0)])
    func theCountIsExact(count: Int, fraction: Double, expected: Int) {
        var split = Split(count: count, seed: 42)
        let test = split.take(fraction)
        #expect(test.count == expected)
        #expect((split.rest + test).sorted() == Array(0..<count))
    }

    private static let classes: [Int32] = [0, 1, 0, 0, 2, 0, 1, 0, 0, 1, 0, 2]

    @Test func stratifiedPartsHaveTheirShareOfEveryClass() {
        var split = Split(classes: Self.classes, seed: 7)
        #expect(split.take(0.25) == [0, 3, 9])
        #expect(split.take(0.25) == [1, 5, 8])
        #expect(split.rest == [2, 4, 6, 7, 10, 11])
    }

    /// Labels are of the type that `Dataset` takes, or of the one that it has.
    @Test func labelsOfBothTypesGiveTheSameParts() {
        var split = Split(classes: Self.classes.map { Int($0) }, seed: 7)
        #expect(split.take(0.25) == [0, 3, 9])
        #expect(split.take(0.25) == [1, 5, 8])
        #expect(split.rest == [2, 4, 6, 7, 10, 11])
    }

    @Test(arguments: [0.1, 0.2, 0.25, 0.5, 0.73])
    func stratifiedCountsAreWithinOne(fraction: Double) {
        // 90 of class 0, 9 of class 1, 1 of class 2.
        let classes = (0..<100).map { $0 < 90 ? Int32(0) : $0 < 99 ? 1 : 2 }
        func counts(_ rows: [Int]) -> [Double] { (0..<3).map { place in Double(rows.count { classes[$0] == place }) } }
        func areWithinOne(_ rows: [Int]) -> Bool {
            zip(counts(rows), [90, 9, 1]).allSatisfy { abs($0 - fraction * $1) < 1 }
        }
        var uneven = 0
        for seed in 0..<20 {
            var split = Split(classes: classes, seed: UInt64(seed))
            let test = split.take(fraction)
            #expect(areWithinOne(test))
            #expect(test.count == Int((fraction * 100).rounded()))
            #expect((split.rest + test).sorted() == Array(0..<100))
            // The negative control: a split that does not look at classes is further off at times.
            var random = Split(count: 100, seed: UInt64(seed))
            if !areWithinOne(random.take(fraction)) { uneven += 1 }
        }
        #expect(uneven > 0)
    }

    private static let customers = ["ann", "bob", "ann", "cid", "dee", "bob", "eve", "cid", "ann", "eve"]

    @Test func groupsStayTogether() {
        var split = Split(groups: Self.customers, seed: 3)
        // cid and dee, then bob; eve and ann are left.
        #expect(split.take(0.4) == [3, 4, 7])
        #expect(split.take(0.2) == [1, 5])
        #expect(split.rest == [0, 2, 6, 8, 9])
    }

    @Test func whereAGroupStandsDoesNotMatter() {
        let order = [9, 3, 1, 0, 2, 8, 7, 4, 6, 5]
        var split = Split(groups: order.map { Self.customers[$0] }, seed: 3)
        #expect(Set(split.take(0.4).map { order[$0] }) == [3, 4, 7])
    }

    @Test func foldsCoverEveryRowOnce() {
        #expect(Split(count: 10, seed: 1).folds(3).map(\.test) == [[0, 4, 6, 8], [2, 3, 7], [1, 5, 9]])
        let stratified = Split(classes: Self.classes, seed: 7).folds(3)
        #expect(stratified.map(\.test) == [[3, 6, 8, 10], [0, 2, 4, 9], [1, 5, 7, 11]])
        for fold in stratified { #expect((fold.train + fold.test).sorted() == Array(0..<12)) }
        for fold in Split(groups: Self.customers, seed: 3).folds(2) {
            let names = Set(fold.test.map { Self.customers[$0] })
            #expect(fold.train.allSatisfy { !names.contains(Self.customers[$0]) })
        }
    }

    @Test func foldsHaveTheirShareOfEveryClass() {
        let classes = (0..<103).map { Int32($0 % 10 == 0 ? 1 : $0 % 7 == 0 ? 2 : 0) }
        for count in 2...11 {
            let folds = Split(classes: classes, seed: 5).folds(count).map(\.test)
            for place in Int32(0)..<3 {
                let counts = folds.map { rows in rows.count { classes[$0] == place } }
                #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
            }
            let sizes = folds.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }
}
