import Batchwise
import Foundation

/// The exponent p of rate ~ batch^p, fitted to rates at several batches.
package struct RatePower: Sendable, Equatable {
    /// The exponent; nil where there are fewer than two batches.
    package var exponent: Double?
    /// The ends of its interval of 95%; nil where the rates give none.
    package var low: Double?
    package var high: Double?
    /// The verdict of the interval.
    package var verdict: Verdict { Verdict(low: low, high: high) }

    /// Fits log rate = a + p log batch by least squares, each rate weighted by the inverse variance of the logarithms at
    /// its batch: the mean of that variance and of the mean variance of all batches, and at least that of rounding to
    /// steps of `resolution`. The interval is Student's, with two degrees fewer than rates.
    ///
    /// - Parameter resolution: the factor from one rate of a test to the next.
    package init(_ rates: [(batch: Int, rates: [Double])], resolution: Double) {
        let logs = rates.map { (x: log(Double($0.batch)), ys: $0.rates.map { log($0) }) }
        let rounding = log(resolution) * log(resolution) / 12
        let variances = logs.map { Self.variance($0.ys) }
        let pooled = variances.reduce(0, +) / Double(max(variances.count, 1))
        var points: [(x: Double, y: Double, weight: Double)] = []
        for (batch, variance) in zip(logs, variances) {
            let weight = 1 / ((variance + pooled) / 2 + rounding)
            points += batch.ys.map { (batch.x, $0, weight) }
        }
        let total = points.reduce(0) { $0 + $1.weight }
        let meanX = points.reduce(0) { $0 + $1.weight * $1.x } / total
        let meanY = points.reduce(0) { $0 + $1.weight * $1.y } / total
        let spread = points.reduce(0) { $0 + $1.weight * ($1.x - meanX) * ($1.x - meanX) }
        guard logs.count > 1, spread > 0 else { return }
        let slope = points.reduce(0) { $0 + $1.weight * ($1.x - meanX) * ($1.y - meanY) } / spread
        exponent = slope
        guard points.count > 2 else { return }
        let degrees = Double(points.count - 2)
        let residuals = points.reduce(0) { sum, point in
            let residual = point.y - meanY - slope * (point.x - meanX)
            return sum + point.weight * residual * residual
        }
        let error = (residuals / degrees / spread).squareRoot()
        let margin = StudentT(degrees: degrees).quantile(0.975) * error
        (low, high) = (slope - margin, slope + margin)
    }

    private static func variance(_ values: [Double]) -> Double {
        guard values.count > 1 else { return 0 }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }

    /// The rule by which a rate is carried to another batch, as far as an exponent's interval tells it.
    package enum Verdict: Sendable, Equatable, CustomStringConvertible {
        /// The exponent is 1: the rate grows as the batch.
        case linear
        /// The exponent is 1/2.
        case squareRoot
        /// The exponent is between the two.
        case between
        /// The exponent is of another kind, which the text says.
        case neither(String)
        /// The interval is wide, or there is none.
        case notEnoughEvidence

        /// A rule holds where the interval comes within 0.1 of its exponent and not of the other's. An interval wider
        /// than a half says nothing.
        package init(low: Double?, high: Double?) {
            guard let low, let high, high - low < 0.5 else {
                self = .notEnoughEvidence
                return
            }
            func meets(_ exponent: Double) -> Bool { low <= exponent + 0.1 && high >= exponent - 0.1 }
            switch (meets(0.5), meets(1)) {
            case (true, true): self = .notEnoughEvidence
            case (true, false): self = .squareRoot
            case (false, true): self = .linear
            case (false, false):
                self =
                    if low > 1 {
                        .neither("the rate grows faster than the batch")
                    } else if high >= 0.5 {
                        .between
                    } else if abs(low + high) / 2 < 0.15 {
                        .neither("the rate hardly depends on the batch")
                    } else {
                        .neither("the rate grows more slowly than the square root of the batch")
                    }
            }
        }

        package var description: String {
            switch self {
            case .linear: "linear"
            case .squareRoot: "square root"
            case .between: "between"
            case .neither(let how): "neither: \(how)"
            case .notEnoughEvidence: "not enough evidence"
            }
        }
    }
}
