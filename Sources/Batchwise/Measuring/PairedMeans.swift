/// The means of two numbers of each update and their covariances, gathered one update at a time [Welford 1962].
package struct PairedMeans: Sendable, Hashable, Codable {
    /// The number of pairs.
    package private(set) var count = 0
    package private(set) var x = 0.0
    package private(set) var y = 0.0
    private var xx = 0.0
    private var xy = 0.0
    private var yy = 0.0

    package init() {}

    package mutating func add(_ newX: Double, _ newY: Double) {
        count += 1
        let (dx, dy) = (newX - x, newY - y)
        x += dx / Double(count)
        y += dy / Double(count)
        xx += dx * (newX - x)
        xy += dx * (newY - y)
        yy += dy * (newY - y)
    }

    /// Adds all pairs of another sum [Chan 1979].
    package mutating func add(_ other: PairedMeans) {
        guard other.count > 0 else { return }
        let (dx, dy) = (other.x - x, other.y - y)
        let share = Double(other.count) / Double(count + other.count)
        let weight = Double(count) * share
        count += other.count
        x += share * dx
        y += share * dy
        xx += other.xx + weight * dx * dx
        xy += other.xy + weight * dx * dy
        yy += other.yy + weight * dy * dy
    }

    /// The variance of a single x.
    package var varianceOfX: Double { count > 1 ? xx / Double(count - 1) : 0 }
    /// The variance of a single y.
    package var varianceOfY: Double { count > 1 ? yy / Double(count - 1) : 0 }

    /// Fieller's interval of the ratio of the means, x / y: the numbers r with
    /// (x - r y)^2 <= t^2 (Cxx - 2 r Cxy + r^2 Cyy), where C is the covariance of the means and t is Student's.
    ///
    /// nil where y cannot be told from 0, for then the set is no interval, where there are fewer than two pairs, and where
    /// the squares of the means' products are beyond a Double.
    package func ratio(confidence: Double = 0.95) -> ClosedRange<Double>? {
        guard count > 1 else { return nil }
        let t = StudentT(degrees: Double(count - 1)).quantile((1 + confidence) / 2)
        let factor = t * t / Double(count) / Double(count - 1)
        let a = y * y - factor * yy
        let b = x * y - factor * xy
        let c = x * x - factor * xx
        let discriminant = b * b - a * c
        guard a > 0, discriminant.isFinite else { return nil }
        let root = max(discriminant, 0).squareRoot()
        return (b - root) / a...(b + root) / a
    }
}
