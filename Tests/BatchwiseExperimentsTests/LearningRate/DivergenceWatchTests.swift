import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseExperiments

@Suite struct DivergenceWatchTests {
    /// The update, from 0, at which a course of losses is said to diverge.
    private func divergence(of losses: [Double], window: Int = 10) -> Int? {
        var watch = DivergenceWatch(window: window)
        return losses.firstIndex { watch.add($0) }
    }

    /// Losses near 1 with a scatter of a tenth.
    private func noisy(_ count: Int, seed: UInt64 = 1) -> [Double] {
        let random = CounterRandom(seed: seed, purpose: .data)
        return (0..<count).map { 1 + 0.1 * random.normal(at: UInt64($0)) }
    }

    @Test func aLossThatGrowsDiverges() throws {
        let grows = noisy(50) + (0..<100).map { pow(2, Double($0) / 4) }
        let at = try #require(divergence(of: grows))
        // the loss itself is above four times its lowest value from update 58 on
        #expect((58...72).contains(at), "\(at)")
    }

    /// Spikes early or late, however high, do not end a test: it takes several in a row.
    @Test(arguments: [3, 15, 25, 60, 150], [10.0, 1e3, 1e12]) func oneSpikeIsNoDivergence(at: Int, height: Double) {
        var losses = noisy(200)
        losses[at] = height
        #expect(divergence(of: losses) == nil)
        losses[min(at + 40, 199)] = height
        #expect(divergence(of: losses) == nil)
    }

    /// A negative control: the mean without a bound on single losses takes each of these spikes for divergence.
    @Test func aPlainMeanWouldBeFooled() {
        var losses = noisy(200)
        losses[60] = 1e3
        var (mean, isFooled) = (1.0, false)
        for loss in losses {
            mean += 0.1 * (loss - mean)
            isFooled = isFooled || mean > 4
        }
        #expect(isFooled && divergence(of: losses) == nil)
    }

    /// A net whose units have died has the loss of a constant: less than four times the best, and about as bad as at
    /// first.
    @Test func aLossThatLosesHalfOfItsFallHasDiverged() throws {
        let falls = (0..<100).map { 2.3 - 0.015 * Double($0) }
        let at = try #require(divergence(of: falls + Array(repeating: 2.2, count: 100)))
        #expect((105...120).contains(at), "\(at)")
        #expect(divergence(of: falls + Array(repeating: 1.4, count: 100)) == nil)
    }

    /// Around a loss near 0, most batches have none and a few have some: the scatter of a trained model.
    @Test(arguments: 1...20) func rareLossesOfATrainedModelAreNoDivergence(seed: Int) {
        let random = CounterRandom(seed: UInt64(seed), purpose: .data)
        let losses = (0..<800).map { random.uniform(at: UInt64($0)) < 0.1 ? 0.5 : 1e-4 }
        #expect(divergence(of: losses, window: 20) == nil)
    }

    @Test func aLossOfZeroNeverDiverges() {
        #expect(divergence(of: Array(repeating: 0, count: 500)) == nil)
    }
}
