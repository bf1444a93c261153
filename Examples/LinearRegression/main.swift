// Linear regression by mini-batch gradient descent: y = theta* . x + noise; the loss is half the mean squared error.
//
//     swift run -c release LinearRegression
//
// Small batches make many rough updates, large ones few smooth ones; all of them must end near theta*.
import Batchwise
import Foundation

/// A small generator with a seed, so that everyone sees the same data: SplitMix64.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Twelve uniform numbers make a good normal one.
    mutating func normal() -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
    }
}

struct Problem {
    var trueTheta = [1, -2, 0.5, 3, -1.5]
    var x: [[Double]] = []
    var y: [Double] = []

    init(examples: Int, noise: Double, seed: UInt64) {
        var generator = Generator(state: seed)
        for _ in 0..<examples {
            let features = trueTheta.map { _ in generator.normal() }
            y.append(zip(trueTheta, features).reduce(noise * generator.normal()) { $0 + $1.0 * $1.1 })
            x.append(features)
        }
    }

    /// Returns the mean loss over `rows`, and adds up their mean gradient, (theta . x - y) x, in `mean`.
    func squaredError(_ rows: Span<Int>, _ theta: Span<Double>, _ mean: inout MutableSpan<Double>) -> Double {
        let share = 1 / Double(rows.count)
        var loss = 0.0
        for slot in rows.indices {
            let features = x[rows[slot]]
            var error = -y[rows[slot]]
            for i in features.indices { error += theta[i] * features[i] }
            for i in features.indices { mean[i] += share * error * features[i] }
            loss += share * error * error / 2
        }
        return loss
    }
}

let problem = Problem(examples: 10_000, noise: 0.1, seed: 1)
var farthest = 0.0

print(" batch  updates  seconds      loss  distance to theta*")
for batch in [16, 64, 256] {
    let sgd = MiniBatchSGD(batchSize: batch, epochs: 20, learningRate: .constant(0.1), seed: 42)
    var theta = [Double](repeating: 0, count: problem.trueTheta.count)
    let start = ContinuousClock.now
    let history = try sgd.minimize(&theta, examples: problem.y.count, valueAndGradient: problem.squaredError)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let distance = zip(theta, problem.trueTheta).reduce(0) { $0 + pow($1.0 - $1.1, 2) }.squareRoot()
    let loss = history.epochLosses.last ?? .nan
    print(String(format: "%6d %8d %8.3f %9.6f %19.5f", batch, history.updates, seconds, loss, distance))
    farthest = max(farthest, distance)
}
guard farthest < 0.02 else {
    print("theta is further than 0.02 from theta*")
    exit(1)
}
