import Batchwise
import BatchwiseData
import Foundation

@testable import BatchwiseExperiments

/// Subjects whose largest stable rate is known.
enum RateSubjects {
    /// Rows of normal numbers; column j is multiplied by `scales[j]`.
    static func rows(_ count: Int, scales: [Double], seed: UInt64) -> [Float] {
        let random = CounterRandom(seed: seed, purpose: .data)
        return (0..<count * scales.count).map { Float(random.normal(at: UInt64($0)) * scales[$0 % scales.count]) }
    }

    /// The sum of each row, weighted by 1, -1, 1..., with normal noise.
    static func targets(_ rows: [Float], width: Int, noise: Double, seed: UInt64) -> [Float] {
        let random = CounterRandom(seed: seed, purpose: .data, layer: 1)
        return (0..<rows.count / width).map { row in
            let sum = (0..<width).reduce(0.0) { $0 + Double(rows[row * width + $1]) * ($1 % 2 == 0 ? 1 : -1) }
            return Float(sum + noise * random.normal(at: UInt64(row)))
        }
    }

    /// Least squares of half the squared error, without bias: a quadratic whose Hessian is X'X/N.
    static func leastSquares(
        _ rows: [Float], width: Int, targets: [Float], batch: Int, optimizer: Optimizer = .sgd(), seed: UInt64 = 1
    ) throws -> Subject {
        let data = try Dataset(features: rows, shape: [width], values: targets, mean: 0, deviation: 1)
        let recipe = Recipe(
            model: Dense(1, bias: false), loss: .meanSquaredError(half: true), batch: Batch(size: batch),
            optimizer: optimizer, learningRate: .constant(0.01), epochs: 1, seed: seed)
        return try subject(recipe, data, width: width)
    }

    static func subject(_ recipe: Recipe, _ data: Dataset, width: Int, model: Model? = nil) throws -> Subject {
        let preprocessing = Preprocessing(
            featureShape: [width], features: .uniform(scale: 1, shift: 0),
            target: .regression(mean: 0, deviation: 1))
        return try Subject(recipe, data: LoadedData(train: data, test: nil, preprocessing: preprocessing), model: model)
    }

    /// The largest eigenvalue of X'X/N, by power iteration in Double.
    static func largestEigenvalue(_ rows: [Float], width: Int) -> Double {
        let count = rows.count / width
        var matrix = [Double](repeating: 0, count: width * width)
        for row in 0..<count {
            for i in 0..<width {
                for j in 0..<width {
                    matrix[i * width + j] += Double(rows[row * width + i]) * Double(rows[row * width + j])
                }
            }
        }
        var vector = (0..<width).map { 1 + Double($0) / 10 }
        var length = 0.0
        for _ in 0..<2000 {
            let next = (0..<width).map { i in (0..<width).reduce(0) { $0 + matrix[i * width + $1] * vector[$1] } }
            length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
            vector = next.map { $0 / length }
        }
        return length / Double(count)
    }
}
