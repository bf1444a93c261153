import Batchwise

/// The mean of numbers, and its interval of 95% by Student's t.
package struct MeanWithInterval: Sendable, Hashable {
    package private(set) var count = 0
    package private(set) var mean = 0.0
    private var squares = 0.0

    package init() {}

    package mutating func add(_ value: Double) {
        count += 1
        let difference = value - mean
        mean += difference / Double(count)
        squares += difference * (value - mean)
    }

    /// The variance of a single number; 0 of fewer than two.
    package var variance: Double { count > 1 ? squares / Double(count - 1) : 0 }

    /// The half width of the interval; nil of fewer than two numbers.
    package var halfWidth: Double? {
        guard count > 1 else { return nil }
        return StudentT(degrees: Double(count - 1)).quantile(0.975) * (variance / Double(count)).squareRoot()
    }
}
