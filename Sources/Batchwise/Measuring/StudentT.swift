import Foundation

/// Student's t distribution, by which intervals are made from few samples.
package struct StudentT: Sendable {
    /// The degrees of freedom, above 0.
    package let degrees: Double

    /// The distribution with these degrees of freedom.
    package init(degrees: Double) { self.degrees = degrees }

    /// The probability of a number at most `t`.
    package func cumulative(_ t: Double) -> Double {
        let tail = Self.regularisedBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
        return t > 0 ? 1 - tail : tail
    }

    /// The number that is not exceeded with this probability, which is above 0 and below 1.
    package func quantile(_ probability: Double) -> Double {
        if probability < 0.5 { return -quantile(1 - probability) }
        var (low, high) = (0.0, 1.0)
        while cumulative(high) < probability, high < 1e12 { (low, high) = (high, 2 * high) }
        for _ in 0..<200 where high - low > 1e-14 * high {
            let middle = (low + high) / 2
            if cumulative(middle) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// I_x(a, b), by Lentz's evaluation of the continued fraction.
    private static func regularisedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // the fraction converges quickly below its mean only
        if x > (a + 1) / (a + b + 2) { return 1 - regularisedBeta(1 - x, b, a) }
        let logarithm: Double = a * log(x) + b * log(1 - x) - (lgamma(a) + lgamma(b) - lgamma(a + b))
        let front = exp(logarithm) / a
        let tiny = 1e-300
        var (c, d) = (1.0, 1 - (a + b) * x / (a + 1))
        d = 1 / (abs(d) < tiny ? tiny : d)
        var fraction = d
        for step in 1...10_000 {
            let m = Double(step)
            let place: Double = a + 2 * m
            let even: Double = m * (b - m) * x / ((place - 1) * place)
            let odd: Double = -(a + m) * (a + b + m) * x / (place * (place + 1))
            for numerator in [even, odd] {
                d = 1 + numerator * d
                c = 1 + numerator / c
                d = 1 / (abs(d) < tiny ? tiny : d)
                if abs(c) < tiny { c = tiny }
                fraction *= c * d
            }
            if abs(c * d - 1) < 1e-15 { break }
        }
        return front * fraction
    }
}
