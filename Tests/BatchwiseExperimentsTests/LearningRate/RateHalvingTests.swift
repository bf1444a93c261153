import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct RateHalvingTests {
    /// A valley of the loss, lowest at a part.
    private func valley(_ lowest: Double) -> (Double, Int) -> Double {
        { part, _ in 1 + log(part / lowest) * log(part / lowest) }
    }

    /// Whichever part is best is found, also beyond the grid; no part is above 1.
    @Test(arguments: [1.0 / 30, 0.1, 1.0 / 3, 1, 20, 1.0 / 270])
    func theBestPartIsFound(lowest: Double) throws {
        let expected = min(lowest, 1)
        let halving = try #require(RateHalving(updates: 10, loss: valley(lowest)))
        #expect(abs(halving.best / expected - 1) < 1e-9, "\(halving.best)")
        let parts = halving.candidates.map(\.part)
        #expect(parts == parts.sorted() && parts.last! <= 1)
        // both neighbours were tried, unless there is no rate beyond
        #expect(parts.first! < halving.best && (parts.last! > halving.best || halving.best == 1))
    }

    /// Three short runs, the better two four times as long, and one more beyond an edge that wins.
    @Test func runsAreAsLongAsTheyShouldBe() throws {
        var runs: [Int] = []
        func count(_ lowest: Double) throws {
            runs = []
            _ = RateHalving(updates: 10) { part, updates in
                runs.append(updates)
                return self.valley(lowest)(part, updates)
            }
        }
        try count(0.1)
        #expect(runs == [10, 10, 10, 40, 40])
        try count(1.0 / 30)
        #expect(runs == [10, 10, 10, 40, 40, 40])
    }

    /// The order of short runs may be another than that of long ones.
    @Test func longRunsDecide() throws {
        let halving = try #require(
            RateHalving(updates: 10) { part, updates in
                updates == 10 ? (part > 0.2 ? 1 : part > 0.05 ? 2 : 3) : (part > 0.2 ? 2 : 1 - part)
            })
        #expect(halving.best == 0.1)
    }

    @Test func partsThatDivergeAreLeft() throws {
        let halving = try #require(RateHalving(updates: 10) { part, _ in part > 0.02 ? .infinity : 1 + part })
        #expect(halving.best < 0.02)
        #expect(RateHalving(updates: 10) { _, _ in .infinity } == nil)
    }
}
