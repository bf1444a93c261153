import Batchwise
import Foundation

/// The spread of the times that equal workers take for equal work: every time is the usual one times an independent
/// number of mean 1.
package enum Stragglers: Sendable, Hashable {
    /// All workers take the same time.
    case none
    /// A lognormal number with this standard deviation.
    case lognormal(Double)
    /// 1 - s + s E with E exponential of mean 1: a least time, and a tail with the standard deviation s up to 1.
    case exponential(Double)

    /// The expected time, in usual ones, of the `rank`-th fastest of `count` workers for one piece of work.
    package func expected(_ rank: Int, of count: Int) -> Double {
        switch self {
        case .none, .lognormal(0), .exponential(0): return 1
        case .exponential(let spread):
            return 1 - spread + spread * (harmonicNumber(count) - (rank < count ? harmonicNumber(count - rank) : 0))
        case .lognormal(let spread):
            let variance = log1p(spread * spread)
            let deviation = variance.squareRoot()
            let high = 9 + deviation
            return OrderStatistic(rank: rank, count: count).mean(from: -9, to: high) { z in
                OrderStatistic.Point(
                    value: exp(deviation * z - variance / 2), logDensity: -z * z / 2,
                    logBelow: logNormal(z), logAbove: logNormal(-z))
            }
        }
    }

    /// The expected time of the slowest of `count` workers for `pieces` of work one after the other.
    ///
    /// Exponential tails add up to a gamma distribution, exactly. A sum of lognormal numbers is taken for a lognormal
    /// number of the same mean and variance [Fenton 1960].
    package func expectedSlowest(of count: Int, pieces: Int) -> Double {
        guard pieces > 1 else { return expected(count, of: count) }
        let total = Double(pieces)
        switch self {
        case .none, .lognormal(0), .exponential(0): return total
        case .lognormal(let spread):
            return total * Self.lognormal(spread / total.squareRoot()).expected(count, of: count)
        case .exponential(let spread):
            let (low, high) = (log(total) - 40 / total.squareRoot(), log(total + 12 * total.squareRoot() + 60))
            let sum = OrderStatistic(rank: count, count: count).mean(from: low, to: high) { t in
                let x = exp(t)
                let probability = logIncompleteGamma(total, x)
                return OrderStatistic.Point(
                    value: x, logDensity: total * t - x - lgamma(total), logBelow: probability.below,
                    logAbove: probability.above)
            }
            return total * (1 - spread) + spread * sum
        }
    }

    /// A time, from two uniform or one normal number of a stream: for simulations.
    package func draw(_ random: CounterRandom, at counter: UInt64) -> Double {
        switch self {
        case .none: 1
        case .lognormal(let spread):
            exp(log1p(spread * spread).squareRoot() * random.normal(at: counter) - log1p(spread * spread) / 2)
        case .exponential(let spread): 1 - spread - spread * log(1 - random.uniform(at: counter))
        }
    }
}

/// ln of the probability that a standard normal number is below z.
private func logNormal(_ z: Double) -> Double {
    z > 0 ? log1p(-erfc(z / 2.0.squareRoot()) / 2) : log(erfc(-z / 2.0.squareRoot()) / 2)
}
