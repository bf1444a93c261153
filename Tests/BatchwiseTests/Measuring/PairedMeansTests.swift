import Batchwise
import Testing

@Suite struct PairedMeansTests {
    /// Pairs about (x, y) that go together in part.
    private static func pairs(_ count: Int, about x: Double, _ y: Double, seed: UInt64) -> [(Double, Double)] {
        let random = CounterRandom(seed: seed, purpose: .simulation)
        return (0..<count).map { index in
            let (a, b) = (random.normal(at: UInt64(2 * index)), random.normal(at: UInt64(2 * index + 1)))
            return (x + a, y + 0.6 * a + 0.8 * b)
        }
    }

    private static func means(_ pairs: [(Double, Double)]) -> PairedMeans {
        var means = PairedMeans()
        for (x, y) in pairs { means.add(x, y) }
        return means
    }

    @Test func meansAndVariancesAreThoseOfTwoPasses() {
        let pairs = Self.pairs(37, about: 1e6, -3, seed: 1)
        let means = Self.means(pairs)
        let x = pairs.reduce(0) { $0 + $1.0 } / 37
        let y = pairs.reduce(0) { $0 + $1.1 } / 37
        #expect(means.count == 37)
        #expect(abs(means.x - x) < 1e-9 && abs(means.y - y) < 1e-12)
        #expect(abs(means.varianceOfX - pairs.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) } / 36) < 1e-8)
        #expect(abs(means.varianceOfY - pairs.reduce(0) { $0 + ($1.1 - y) * ($1.1 - y) } / 36) < 1e-12)
    }

    /// Sums that were gathered apart and joined are those of all pairs, an empty one included.
    @Test(arguments: [0, 1, 5, 36, 37]) func joinedSumsAreThoseOfAllPairs(cut: Int) throws {
        let pairs = Self.pairs(37, about: 40, -3, seed: 2)
        let whole = Self.means(pairs)
        var joined = Self.means(Array(pairs.prefix(cut)))
        joined.add(Self.means(Array(pairs.dropFirst(cut))))
        #expect(joined.count == 37 && abs(joined.x - whole.x) < 1e-12 && abs(joined.y - whole.y) < 1e-12)
        #expect(abs(joined.varianceOfX / whole.varianceOfX - 1) < 1e-10)
        #expect(abs(joined.varianceOfY / whole.varianceOfY - 1) < 1e-10)
        // the interval depends on the covariance too
        let (a, b) = (try #require(joined.ratio()), try #require(whole.ratio()))
        #expect(abs(a.lowerBound - b.lowerBound) < 1e-9 && abs(a.upperBound - b.upperBound) < 1e-9)
    }

    /// Whether a ratio is in Fieller's set, by its definition and sums of its own.
    private static func isInside(_ r: Double, _ pairs: [(Double, Double)], t: Double) -> Bool {
        let n = Double(pairs.count)
        let differences = pairs.map { $0.0 - r * $0.1 }
        let mean = differences.reduce(0, +) / n
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        return mean * mean <= t * t * variance / n
    }

    /// The interval is the set of ratios that a scan finds, and nothing beyond.
    @Test(arguments: 1...20)
    func fiellersIntervalIsTheSetOfADenseScan(seed: UInt64) throws {
        let random = CounterRandom(seed: seed, purpose: .data)
        let count = 5 + Int(20 * random.uniform(at: 0))
        let pairs = Self.pairs(
            count, about: 4 * random.uniform(at: 1) - 2, 4 + 3 * random.uniform(at: 2), seed: seed)
        let range = try #require(Self.means(pairs).ratio())
        // the quantile of the interval itself: the set's definition is what is tested here
        let t = StudentT(degrees: Double(count - 1)).quantile(0.975)
        let width = range.upperBound - range.lowerBound
        let found = (-20_000...20_000).map { (range.lowerBound + range.upperBound) / 2 + Double($0) * width / 10_000 }
            .filter { Self.isInside($0, pairs, t: t) }
        #expect(abs(try #require(found.first) - range.lowerBound) < 2e-4 * width)
        #expect(abs(try #require(found.last) - range.upperBound) < 2e-4 * width)
        // without a gap
        #expect(abs(Double(found.count) - 10_000) <= 3)
        // another confidence is another set
        let wider = try #require(Self.means(pairs).ratio(confidence: 0.97))
        #expect(wider.lowerBound < range.lowerBound && wider.upperBound > range.upperBound)
    }

    /// Where the denominator may be 0, Fieller's set is no interval: ratios of any size are in it.
    @Test func aDenominatorThatMayBeZeroHasNoInterval() {
        let pairs = Self.pairs(6, about: 3, 0.1, seed: 4)
        let t = StudentT(degrees: 5).quantile(0.975)
        #expect(Self.means(pairs).ratio() == nil)
        #expect(Self.isInside(1e9, pairs, t: t) && Self.isInside(-1e9, pairs, t: t))
    }

    /// Numbers whose products are beyond a Double have no interval.
    @Test func hugeNumbersHaveNoInterval() {
        for scale in [1e80, 1e150] {
            #expect(Self.means([(scale, 2 * scale), (1.1 * scale, 2.2 * scale), (scale, 2.1 * scale)]).ratio() == nil)
        }
        #expect(Self.means([(1e60, 2e60), (1.1e60, 2.2e60), (1e60, 2.1e60)]).ratio() != nil)
    }

    @Test func onePairHasNoInterval() {
        #expect(Self.means([]).ratio() == nil)
        #expect(Self.means([(1, 2)]).ratio() == nil)
        // equal pairs have one ratio
        #expect(Self.means([(1, 2), (1, 2), (1, 2)]).ratio() == 0.5...0.5)
    }
}
