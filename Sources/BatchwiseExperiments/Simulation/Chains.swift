import Batchwise
import Foundation

/// Independent simulations of one number that wanders about 0, and the variance at which it settles.
package struct Chains: Sendable {
    /// The number of simulations.
    package var count: Int
    /// The updates over which each is averaged.
    package var updates: Int
    package var seed: UInt64

    package init(count: Int = 64, updates: Int = 10_000, seed: UInt64 = 42) {
        (self.count, self.updates, self.seed) = (count, updates, seed)
    }

    /// The most updates of all chains together, for one number.
    package static let most = 2e8

    /// A variance with its interval of 95%: Student's over the chains, which are independent as updates are not.
    package struct Variance: Sendable, Hashable {
        package let value: Double
        package let low: Double
        package let high: Double
    }

    /// The variance of a number whose distance from its mean shrinks by the factor `radius` an update.
    ///
    /// Every chain begins at 0, and its first updates are left out, until that start is forgotten to a part in 10^7.
    ///
    /// - Parameters:
    ///   - stream: The number of the random stream; each simulation of a command has one.
    ///   - step: Moves the number and a second one beside it by a standard normal number.
    package func variance(
        stream: Int, radius: Double, _ step: (inout Double, inout Double, _ normal: Double) -> Void
    ) throws(SimulationError) -> Variance {
        try Double(count).checked("the number of chains", { $0 >= 2 }, "at least 2")
        try Double(updates).checkedPositive("the number of updates")
        let settling = radius <= 0 ? 0 : radius < 1 ? 8 / -log(radius) : .infinity
        let total = (settling + Double(updates)) * Double(count)
        guard total <= Self.most else { throw .tooLong(updates: total.rounded(), most: Self.most) }
        let (first, last) = (Int(settling), Int(settling) + updates)
        let means = (0..<count).map { chain in
            let random = CounterRandom(seed: seed, purpose: .simulation, epoch: stream, example: chain)
            var (number, beside, sum) = (0.0, 0.0, 0.0)
            for update in 0..<last {
                step(&number, &beside, random.normal(at: UInt64(update)))
                if update >= first { sum += number * number }
            }
            return sum / Double(updates)
        }
        let mean = means.reduce(0, +) / Double(count)
        let squares = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / Double(count - 1) / Double(count)).squareRoot()
        let margin = StudentT(degrees: Double(count - 1)).quantile(0.975) * error
        return Variance(value: mean, low: mean - margin, high: mean + margin)
    }
}
