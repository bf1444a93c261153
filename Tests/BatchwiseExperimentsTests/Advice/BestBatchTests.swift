import Batchwise
import Testing

@testable import BatchwiseExperiments

@Suite struct BestBatchTests {
    private func best(_ criticalBatch: Double, half: Double, secondsPerExample: Double = 1e-4) throws -> BestBatch {
        try #require(
            BestBatch(
                criticalBatch: criticalBatch, seconds: half * secondsPerExample, secondsPerExample: secondsPerExample))
    }

    /// Numbers that were computed elsewhere: the best batch, and the cost of half or twice, and of a quarter or four
    /// times the batch.
    @Test(arguments: [(16.0, 56.6, 0.086, 0.387), (95, 137.8, 0.121, 0.543)])
    func knownNumbers(half: Double, batch: Double, two: Double, four: Double) throws {
        let best = try best(200, half: half)
        #expect(abs(best.batch - batch) < 0.1)
        #expect(abs(best.cost(ofFactor: 2) - two) < 0.001 && abs(best.cost(ofFactor: 0.5) - two) < 0.001)
        #expect(abs(best.cost(ofFactor: 4) - four) < 0.001 && abs(best.cost(ofFactor: 0.25) - four) < 0.001)
        #expect(best.cost(ofFactor: 1) == 0)
    }

    /// On random problems no whole batch of a search over all takes less time than the closed form says.
    @Test(arguments: 0..<20)
    func theClosedFormIsTheBestOfAllBatches(index: Int) throws {
        let random = CounterRandom(seed: 11, purpose: .simulation, example: index)
        let criticalBatch = 1 + 5000 * random.uniform(at: 0)
        let half = 0.5 + 500 * random.uniform(at: 1)
        let best = try best(criticalBatch, half: half, secondsPerExample: 1e-6 + random.uniform(at: 2))
        // updates times seconds, written down anew
        func time(_ batch: Double) -> Double {
            let updates = 1000 * (1 + criticalBatch / batch)
            return updates * best.secondsPerExample * (half + batch)
        }
        let searched = best.searched(upTo: 20_000)
        let least = (1...20_000).min { time(Double($0)) < time(Double($1)) }
        #expect(searched == least && best.batch(in: 1...20_000) == least)
        #expect(abs(best.batch - Double(searched)) < 1)
        for factor in [0.1, 0.5, 3, 16] {
            let cost = time(factor * best.batch) / time(best.batch) - 1
            #expect(abs(best.cost(ofFactor: factor) - cost) < 1e-9 * (1 + cost))
        }
    }

    @Test func theRangeHoldsTheBatch() throws {
        let best = try best(200, half: 16)
        #expect(best.batch(in: 64...512) == 64)
        #expect(best.batch(in: 1...40) == 40)
        #expect(best.batch(in: 1...1) == 1)
        #expect(try self.best(1e300, half: 1e10).batch(in: 1...1000) == 1000)
    }

    @Test func numbersWithoutABestBatchAreRefused() {
        for bad in [0, -1, .nan, .infinity] {
            #expect(BestBatch(criticalBatch: bad, seconds: 1, secondsPerExample: 1) == nil)
            #expect(BestBatch(criticalBatch: 1, seconds: bad, secondsPerExample: 1) == nil)
            #expect(BestBatch(criticalBatch: 1, seconds: 1, secondsPerExample: bad) == nil)
        }
    }
}
