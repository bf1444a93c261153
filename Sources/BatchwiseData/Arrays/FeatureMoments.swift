import Batchwise
/// The mean and deviation of every feature of an array, from two passes over the rows in their order: the same to the
/// last bit however many rows are in memory at a time.
struct FeatureMoments {
    private(set) var means: [Double]
    private(set) var deviations: [Double]
    private var first: [Double]
    private var isConstant: [Bool]
    private var count = 0.0

    init(width: Int) {
        means = [Double](repeating: 0, count: width)
        deviations = means
        first = means
        isConstant = [Bool](repeating: true, count: width)
    }

    /// First pass: a row.
    @inline(__always)
    mutating func add(_ value: (_ feature: Int) -> Double) {
        for feature in means.indices {
            let number = value(feature)
            if count == 0 { first[feature] = number }
            means[feature] += number
            if number != first[feature] { isConstant[feature] = false }
        }
        count += 1
    }

    /// Between the passes.
    mutating func endFirstPass() {
        for feature in means.indices { means[feature] = isConstant[feature] ? first[feature] : means[feature] / count }
    }

    /// Second pass: the same row again.
    @inline(__always)
    mutating func addDistance(_ value: (_ feature: Int) -> Double) {
        for feature in means.indices {
            let distance = value(feature) - means[feature]
            deviations[feature] += distance * distance
        }
    }

    /// The first feature whose moments no Float can have, if there is one.
    mutating func endSecondPass() -> Int? {
        for feature in means.indices {
            deviations[feature] = isConstant[feature] ? 1 : (deviations[feature] / count).squareRoot()
        }
        return means.indices.first { !means[$0].isFinite || !deviations[$0].isFinite || deviations[$0] <= 0 }
    }
}
