/// The largest stable rate of batches of one size: the median over seeds.
package struct StableRate: Sendable {
    package let batch: Int
    /// The result of each seed.
    package let edges: [StableEdge]
    /// The largest stable rates of the seeds, in ascending order.
    package let rates: [Double]

    /// Finds the rate roughly by one quick test, tests each seed from a thousandth of that, and looks for the edge.
    init(
        _ subject: Subject, batch: Int, seeds: [UInt64], updates: Int, near rate: Double,
        tick: () throws -> Void, seedDone: () -> Void
    ) throws {
        // small batches need more updates, for their losses differ more
        let quick = min(updates, max(30, 960 / batch))
        let rough = try RangeTest.untilDivergence(
            of: subject, batch: batch, seed: seeds[0], near: rate / 1000, perDecade: quick, tick: tick
        ).rate
        edges = try seeds.map { seed in
            let (test, diverging) = try RangeTest.untilDivergence(
                of: subject, batch: batch, seed: seed, near: rough / 1000, perDecade: updates, tick: tick)
            let edge = try StableEdge(
                subject, batch: batch, seed: seed, test: test, diverging: diverging, updates: updates, tick: tick)
            seedDone()
            return edge
        }
        self.batch = batch
        rates = edges.map(\.rate).sorted()
    }

    /// The lowest largest stable rate of a seed.
    package var low: Double { rates[0] }
    /// The highest largest stable rate of a seed.
    package var high: Double { rates[rates.count - 1] }

    /// The median; of an even number the geometric mean of the two in the middle.
    package var median: Double { (rates[(rates.count - 1) / 2] * rates[rates.count / 2]).squareRoot() }

    /// The part of the median that is suggested, and at most half of what the lowest seed allows.
    package func suggested(part: Double) -> Double { min(part * median, low / 2) }
}

extension RangeTest {
    /// Tests from `rate`, or from a lower one where the loss diverges before the rate has grown tenfold, for the first
    /// updates must have seen low rates. Gives the test and the rate at which it diverged.
    static func untilDivergence(
        of subject: Subject, batch: Int, seed: UInt64, near rate: Double, perDecade: Int, tick: () throws -> Void
    ) throws -> (test: RangeTest, rate: Double) {
        var low = min(max(rate, 1e-20), 1e15)
        while true {
            let test = try RangeTest(
                subject, batch: batch, seed: seed, from: low, perDecade: perDecade, decades: 12, tick: tick)
            guard test.losses.contains(where: { $0 != 0 }) else { throw MeasurementError.noLoss(batch: batch) }
            guard let found = test.diverging else {
                throw MeasurementError.noDivergence(batch: batch, rate: test.rates.last ?? low)
            }
            if found > 10 * low { return (test, found) }
            guard low > 1e-28 else { throw MeasurementError.noStableRate(batch: batch, rate: low) }
            low /= 1000
        }
    }
}
