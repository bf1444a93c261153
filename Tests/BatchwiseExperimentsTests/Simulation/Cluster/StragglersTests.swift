import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

/// Expected times of the fastest and the slowest workers, against closed forms and against draws.
@Suite struct StragglersTests {
    /// H_K for the slowest of K exponential times, and H_(N+b) - H_b for the N-th of N + b.
    @Test(arguments: [(1, 1), (4, 4), (100, 100), (9, 10), (950, 1000), (99_000, 100_000), (100_000, 100_000)])
    func exponentialTailsHaveHarmonicNumbers(rank: Int, count: Int) {
        let exact = (0..<rank).reduce(0.0) { $0 + 1 / Double(count - $1) }
        #expect(abs(Stragglers.exponential(1).expected(rank, of: count) / exact - 1) < 1e-9)
        let part = Stragglers.exponential(0.3).expected(rank, of: count)
        #expect(abs(part - (0.7 + 0.3 * exact)) < 1e-9 * part)
        // the same by numerical integration over ln x
        let found = OrderStatistic(rank: rank, count: count).mean(from: -40, to: 5) { t in
            let x = exp(t)
            return OrderStatistic.Point(
                value: x, logDensity: t - x, logBelow: log(-expm1(-x)), logAbove: -x)
        }
        #expect(abs(found / exact - 1) < 1e-6)
    }

    /// The largest of two numbers of standard deviation 1 is 1 / sqrt(pi) above their mean, of three 3 / (2 sqrt(pi)).
    @Test func theLargestNormalNumbers() {
        for (count, exact) in [(2, 1 / Double.pi.squareRoot()), (3, 1.5 / Double.pi.squareRoot())] {
            let spread = 1e-4
            let found = (Stragglers.lognormal(spread).expected(count, of: count) - 1) / spread
            #expect(abs(found - exact) < 1e-3)
        }
    }

    @Test func aLoneWorkerTakesItsMeanTime() {
        for stragglers in [Stragglers.none, .lognormal(0.5), .exponential(0.5)] {
            #expect(abs(stragglers.expected(1, of: 1) - 1) < 1e-9)
            #expect(abs(stragglers.expectedSlowest(of: 1, pieces: 8) - 8) < 1e-6)
        }
    }

    /// E max(x, y) of two lognormal numbers is 2 Phi(sigma / sqrt(2)) times their mean.
    @Test(arguments: [0.05, 0.3, 1, 3])
    func theSlowerOfTwoLognormalTimes(spread: Double) {
        let sigma = log1p(spread * spread).squareRoot()
        let exact = erfc(-sigma / 2)
        #expect(abs(Stragglers.lognormal(spread).expected(2, of: 2) - exact) < 1e-8 * exact)
    }

    /// Draws of counter-based random numbers have the expected means.
    @Test(arguments: [Stragglers.lognormal(0.4), .exponential(0.4)], [(16, 16, 1), (14, 16, 1), (16, 16, 5)])
    func drawsHaveTheExpectedMeans(stragglers: Stragglers, order: (rank: Int, count: Int, pieces: Int)) {
        let trials = 20_000
        var (sum, squares) = (0.0, 0.0)
        for trial in 0..<trials {
            let random = CounterRandom(seed: 5, purpose: .simulation, epoch: trial)
            let times = (0..<order.count).map { worker in
                (0..<order.pieces).reduce(0.0) {
                    $0 + stragglers.draw(random, at: UInt64(worker * order.pieces + $1))
                }
            }
            let time = times.sorted()[order.rank - 1]
            sum += time
            squares += time * time
        }
        let mean = sum / Double(trials)
        let error = ((squares / Double(trials) - mean * mean) / Double(trials)).squareRoot()
        let expected =
            order.pieces == 1
            ? stragglers.expected(order.rank, of: order.count)
            : stragglers.expectedSlowest(of: order.count, pieces: order.pieces)
        // a sum of lognormal numbers is nearly lognormal
        let approximation = order.pieces > 1 && stragglers == .lognormal(0.4) ? 0.003 * expected : 0
        #expect(abs(mean - expected) < 4 * error + approximation)
        // as a negative control, the mean time is far away
        #expect(abs(mean - Double(order.pieces)) > 20 * error)
    }

    /// The sum of two exponential times is at most x with the probability 1 - e^-x (1 + x), and P(a, x) and Q(a, x) add
    /// up to 1.
    @Test func theIncompleteGammaFunction() {
        for x in [0.01, 0.5, 1, 2.9, 3.1, 10, 50] {
            let two = logIncompleteGamma(2, x)
            #expect(abs(exp(two.above) - exp(-x) * (1 + x)) < 1e-14)
            for a in [1.0, 8, 100] {
                let both = logIncompleteGamma(a, x)
                #expect(abs(exp(both.below) + exp(both.above) - 1) < 1e-12)
            }
        }
        #expect(abs(exp(logIncompleteGamma(1, 0.7).below) - (1 - exp(-0.7))) < 1e-15)
    }
}
