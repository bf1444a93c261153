import Batchwise
import Foundation

/// The critical batch, from the updates that runs of several batch sizes take to one goal.
///
/// Small batches need updates in inverse proportion to their size, large ones all the same number:
///
///     U(B) = U_min (1 + (B_c / B)^a)^(1 / a)
///
/// B_c is the batch at which both limits meet, the ratio of the fewest examples and the fewest updates. With the exponent
/// a = 1 this is the hyperbola (U / U_min - 1) (E / E_min - 1) = 1 [McCandlish 2018]; measured bends are sharper
/// [Shallue 2019], so a is fitted too. The fit is by least squares in logarithms. The interval of 95% is that of the
/// profile: the B_c with S(B_c) <= S_min (1 + t^2 / (n - 3)), S the sum of squares at its best U_min and a, and t
/// Student's with n - 3 degrees.
package struct CriticalBatch: Sendable, Hashable {
    /// B_c; nil where the data do not bound it on both sides.
    package let value: Double?
    /// The ends of the interval; nil: there is none on this side.
    package let low, high: Double?
    /// The exponent a of the best fit.
    package let exponent: Double
    /// U_min of the best fit.
    package let leastUpdates: Double

    /// Updates to a goal are counted at marks 5% apart, which alone gives a logarithm this variance.
    static let resolution = 0.05 * 0.05 / 12

    /// Fits the curve to runs; nil for fewer than three batch sizes, or four runs.
    package init?(_ runs: [(batch: Double, updates: Double)]) {
        let fit = Fit(runs)
        guard fit.groups.count >= 3, runs.count >= 4 else { return nil }
        let batches = fit.groups.map(\.batch)
        let (smallest, largest) = (batches.min() ?? 1, batches.max() ?? 1)
        let range = (log(smallest) - log(100))...(log(largest) + log(100))
        let count = 240
        let grid = (0...count).map {
            range.lowerBound + Double($0) / Double(count) * (range.upperBound - range.lowerBound)
        }
        let sums = grid.map { fit.profile($0).sum }
        let best = sums.indices.min { sums[$0] < sums[$1] } ?? 0
        let place = goldenMinimum(grid[max(best - 1, 0)], grid[min(best + 1, count)]) { fit.profile($0).sum }
        let (sum, a) = fit.profile(place)
        let degrees = Double(runs.count - 3)
        let t = StudentT(degrees: degrees).quantile(0.975)
        let limit = sum + t * t * max(sum / degrees, Self.resolution)
        /// The place where the profile crosses the limit, between one below and one above it.
        func crossing(_ inside: Double, _ outside: Double) -> Double {
            var (inside, outside) = (inside, outside)
            for _ in 0..<40 {
                let middle = (inside + outside) / 2
                if fit.profile(middle).sum <= limit { inside = middle } else { outside = middle }
            }
            return inside
        }
        let below = sums.indices.last { $0 < best && sums[$0] > limit && grid[$0] < place }
        let above = sums.indices.first { $0 > best && sums[$0] > limit && grid[$0] > place }
        low = below.map { exp(crossing(place, grid[$0])) }
        high = above.map { exp(crossing(place, grid[$0])) }
        value = low != nil && high != nil ? exp(place) : nil
        exponent = a
        leastUpdates = exp(fit.level(place, a))
    }
}

/// The sums of squares of the curve in logarithms.
private struct Fit {
    var groups: [(batch: Double, count: Double, mean: Double)] = []
    /// The squares within the groups, which no curve removes.
    var within = 0.0
    private let total: Double

    init(_ runs: [(batch: Double, updates: Double)]) {
        for (batch, runs) in Dictionary(grouping: runs, by: \.batch).sorted(by: { $0.key < $1.key }) {
            let logs = runs.map { log($0.updates) }
            let mean = logs.reduce(0, +) / Double(logs.count)
            groups.append((batch, Double(logs.count), mean))
            within += logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }
        total = groups.reduce(0) { $0 + $1.count }
    }

    /// log of (1 + (B_c / B)^a)^(1 / a), without overflow.
    private func bend(_ batch: Double, _ place: Double, _ a: Double) -> Double {
        let x = a * (place - log(batch))
        return (x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))) / a
    }

    /// log U_min at log B_c = `place` and the exponent a.
    func level(_ place: Double, _ a: Double) -> Double {
        groups.reduce(0) { $0 + $1.count * ($1.mean - bend($1.batch, place, a)) } / total
    }

    private func sum(_ place: Double, _ a: Double) -> Double {
        let level = level(place, a)
        return groups.reduce(within) {
            let rest = $1.mean - bend($1.batch, place, a) - level
            return $0 + $1.count * rest * rest
        }
    }

    /// The least sum at log B_c = `place`, and its exponent from 0.3 to 10.
    func profile(_ place: Double) -> (sum: Double, exponent: Double) {
        let grid = (0...16).map { log(0.3) + Double($0) / 16 * log(10 / 0.3) }
        let sums = grid.map { sum(place, exp($0)) }
        let best = sums.indices.min { sums[$0] < sums[$1] } ?? 0
        let a = exp(goldenMinimum(grid[max(best - 1, 0)], grid[min(best + 1, 16)]) { sum(place, exp($0)) })
        return (sum(place, a), a)
    }
}

/// The place of the least value between two ends, by golden sections.
private func goldenMinimum(_ low: Double, _ high: Double, _ value: (Double) -> Double) -> Double {
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (low, high)
    var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
    var (atLeft, atRight) = (value(left), value(right))
    for _ in 0..<32 {
        if atLeft <= atRight {
            (high, right, atRight) = (right, left, atLeft)
            left = high - ratio * (high - low)
            atLeft = value(left)
        } else {
            (low, left, atLeft) = (left, right, atRight)
            right = low + ratio * (high - low)
            atRight = value(right)
        }
    }
    return (low + high) / 2
}
