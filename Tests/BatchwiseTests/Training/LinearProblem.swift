import Testing

@testable import Batchwise

/// A linear regression y = w x + b + noise, whose gradients are computed in Double by plain loops.
struct LinearProblem {
    let x: [[Double]]
    let y: [Double]
    let weights: [Double]?

    init(_ count: Int, width: Int = 6, noise: Double = 0.5, isWeighted: Bool = false) {
        var numbers = TestNumbers("linear \(count) \(width)")
        let truth = numbers.normals(width)
        // as the numbers of a Float, so that both sides have the same
        func short(_ value: Double) -> Double { Double(Float(value)) }
        x = (0..<count).map { _ in numbers.normals(width).map(short) }
        y = x.map { row in short(zip(row, truth).reduce(0.3) { $0 + $1.0 * $1.1 } + noise * numbers.normal()) }
        weights = isWeighted ? (0..<count).map { _ in short(0.2 + 3 * numbers.uniform()) } : nil
    }

    func dataset() throws -> Dataset {
        try Dataset(
            features: x.flatMap { $0.map { Float($0) } }, shape: [x[0].count], values: y.map { Float($0) }, mean: 0,
            deviation: 1, weights: weights?.map { Float($0) })
    }

    /// The loss of an example and its gradient, w then b, both times its weight over the mean weight.
    func gradient(_ example: Int, _ theta: [Double]) -> (loss: Double, gradient: [Double]) {
        let row = x[example] + [1]
        let error = zip(row, theta).reduce(0) { $0 + $1.0 * $1.1 } - y[example]
        let mean = weights.map { $0.reduce(0, +) / Double($0.count) } ?? 1
        let factor = (weights?[example] ?? 1) / mean
        return (factor * error * error, row.map { factor * 2 * error * $0 })
    }

    /// The mean of vectors.
    static func mean(_ vectors: [[Double]]) -> [Double] {
        vectors[0].indices.map { place in vectors.reduce(0) { $0 + $1[place] } / Double(vectors.count) }
    }

    static func square(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 } }
}
