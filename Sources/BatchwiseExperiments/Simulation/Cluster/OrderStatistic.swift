import Foundation

/// The expected value of the r-th smallest of n independent draws, by numerical integration:
///
///     E[X_(r:n)] = integral x(t) n! / ((r - 1)! (n - r)!) F(t)^(r - 1) (1 - F(t))^(n - r) f(t) dt
///
/// The trapezoid rule converges faster than any power of its step here, for the integrand is smooth and vanishes at both
/// ends.
struct OrderStatistic {
    let rank: Int
    let count: Int

    /// A draw whose distribution is known at t.
    struct Point {
        var value: Double
        /// ln f(t).
        var logDensity: Double
        /// ln F(t) and ln(1 - F(t)).
        var logBelow, logAbove: Double
    }

    func mean(from low: Double, to high: Double, _ point: (Double) -> Point) -> Double {
        let (r, n) = (Double(rank), Double(count))
        let constant = lgamma(n + 1) - lgamma(r) - lgamma(n - r + 1)
        // the middle of many draws is known to 1 / sqrt(n), the largest much less well
        let steps = rank == count || count < 64 ? 4_000 : 40_000
        let width = (high - low) / Double(steps)
        var (sum, mass) = (0.0, 0.0)
        for step in 0...steps {
            let point = point(low + Double(step) * width)
            var logWeight = constant + point.logDensity
            if rank > 1 { logWeight += (r - 1) * point.logBelow }
            if rank < count { logWeight += (n - r) * point.logAbove }
            guard logWeight > -700 else { continue }
            let weight = exp(logWeight)
            sum += weight * point.value
            mass += weight
        }
        return sum / mass
    }
}

/// H_n = 1 + 1/2 + ... + 1/n: the expected largest of n draws of the exponential distribution with mean 1.
func harmonicNumber(_ n: Int) -> Double {
    guard n > 1_000 else { return stride(from: n, to: 0, by: -1).reduce(0) { $0 + 1 / Double($1) } }
    let x = Double(n)
    return log(x) + 0.577_215_664_901_532_9 + 1 / (2 * x) - 1 / (12 * x * x)
}
