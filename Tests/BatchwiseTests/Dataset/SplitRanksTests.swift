import Testing

@testable import Batchwise

/// Parts by the ranks of keys, against the split that sorts them.
@Suite struct SplitRanksTests {
    @Test(arguments: [1, 2, 7, 100, 70_001], [0, 0.1, 0.333, 1] as [Double])
    func partsAreWhatTakeGives(count: Int, test: Double) {
        for validation in [0, 0.2, 0.9] {
            for seed in [UInt64(0), 42, .max] {
                var split = Split(count: count, seed: seed)
                let expected = [split.take(test), split.take(validation), split.rest]
                let parts = Split.parts(count: count, seed: seed, fractions: [test, validation])
                #expect(parts.map { Array($0) } == expected)
            }
        }
        let other = Split.parts(count: count, seed: 1, fractions: [0.5])
        #expect(count < 100 || other != Split.parts(count: count, seed: 2, fractions: [0.5]))
    }

    @Test func aKeyHasAsManyBelowAsItsRankSays() {
        let keys = Split.Keys(seed: 9)
        let sorted = (0..<1000).map { keys[$0] }.sorted()
        for rank in [0, 1, 500, 999] { #expect(keys.key(ofRank: rank, among: 1000) == sorted[rank]) }
        #expect(keys.key(ofRank: 1000, among: 1000) == nil)
    }
}
