import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct RateHalvingTests {
    /// A valley of the loss, lowest at a part: its logarithm is a parabola.
    private func valley(_ lowest: Double) -> (Double, Int) -> Double {
        { part, _ in exp(log(part / lowest) * log(part / lowest)) }
    }

    /// Whichever part is best is found, also between the parts that are run and beyond the first three.
    @Test(arguments: [1.0 / 30, 0.05, 0.1, 0.2, 1.0 / 3, 0.5, 0.001, 0.004])
    func theBestPartIsFound(lowest: Double) throws {
        let halving = try #require(RateHalving(updates: 10, loss: valley(lowest)))
        #expect(abs(halving.part / lowest - 1) < 1e-9, "\(halving.part)")
        let parts = halving.candidates.map(\.part)
        #expect(parts == parts.sorted())
        // parts on both sides were run as long
        let long = halving.candidates.filter { $0.updates == 40 }.map(\.part)
        #expect(try #require(long.first) < lowest && #require(long.last) > lowest)
    }

    /// No part is above 1.
    @Test func noRateIsAboveTheLargestStableOne() throws {
        let halving = try #require(RateHalving(updates: 10, loss: valley(20)))
        #expect(halving.part == 1 && halving.candidates.allSatisfy { $0.part <= 1 })
    }

    /// Three short runs, the better two four times as long, and neighbours that were not.
    @Test func runsAreAsLongAsTheyShouldBe() throws {
        for lowest in [0.1, 1.0 / 30] {
            var runs: [Int] = []
            _ = RateHalving(updates: 10) { part, updates in
                runs.append(updates)
                return valley(lowest)(part, updates)
            }
            #expect(runs == [10, 10, 10, 40, 40, 40])
        }
    }

    /// The order of short runs may be another than that of long ones.
    @Test func longRunsDecide() throws {
        let halving = try #require(
            RateHalving(updates: 10) { part, updates in
                updates == 10 ? (part > 0.2 ? 1 : part > 0.05 ? 2 : 3) : (part > 0.2 ? 2 : 1 - part)
            })
        #expect(halving.part > 0.06 && halving.part < 0.2)
    }

    @Test func partsThatDivergeAreLeft() throws {
        let halving = try #require(
            RateHalving(updates: 10) { part, updates in part > 0.02 ? .infinity : self.valley(0.01)(part, updates) })
        // half of the way to the neighbour below is all that one that diverged may move it
        #expect(halving.part > 0.005 && halving.part < 0.01)
        #expect(RateHalving(updates: 10) { _, _ in .infinity } == nil)
        #expect(RateHalving(updates: 10) { _, _ in 0 }?.part == 1.0 / 3000)
    }
}
