import Batchwise
import Foundation

/// A linear regression on twelve examples of three numbers, whose gradient and curvature are written down in Double.
struct LinearCase {
    let width = 3
    let count = 12
    var features: [Float] { (0..<count * width).map { Float(sin(Double(3 * $0 + 1))) } }
    var targets: [Float] { (0..<count).map { Float(cos(Double(5 * $0))) } }
    var data: Dataset {
        get throws {
            try Dataset(features: features, shape: [width], values: targets, width: 1, mean: 0, deviation: 1)
        }
    }

    /// Plain updates on all examples at once.
    func recipe(_ optimizer: Optimizer = .sgd, epochs: Int = 1) -> Recipe {
        Recipe(
            model: LayerList { Dense(1) }, loss: .meanSquaredError(half: true), batch: Batch(size: count),
            optimizer: optimizer, learningRate: .constant(0.1), epochs: epochs)
    }

    /// The weights, and behind them the bias.
    func parameters(of model: Model) -> [Double] {
        ["0.weight", "0.bias"].flatMap { model.parameter($0)?.values.map { Double($0) } ?? [] }
    }

    private func row(_ example: Int) -> [Double] {
        (0..<width).map { Double(features[example * width + $0]) } + [1]
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    /// The mean over examples of (x'w - t) x.
    func gradient(at w: [Double]) -> [Double] {
        let errors = (0..<count).map { dot(row($0), w) - Double(targets[$0]) }
        return w.indices.map { place in
            (0..<count).reduce(0) { $0 + errors[$1] * row($1)[place] } / Double(count)
        }
    }

    /// d'Hd / d'd, where H is the mean over examples of x x'.
    func curvature(along d: [Double]) -> Double {
        let sum = (0..<count).reduce(0) { $0 + pow(dot(row($1), d), 2) }
        return sum / Double(count) / dot(d, d)
    }
}
