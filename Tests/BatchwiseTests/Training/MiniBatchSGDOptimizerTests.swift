import Foundation
import Testing

@testable import Batchwise

/// Optimizers and clipping of `MiniBatchSGD` in Double: PyTorch's trajectories in float64 to their last digits, and
/// plain loops where PyTorch has no such optimizer.
@Suite struct MiniBatchSGDOptimizerTests {
    /// The parameters after each of 100 updates with these gradients, whatever the batch.
    static func trajectory(
        _ optimizer: Optimizer, rate: Double, start: [Double], gradients: [[Double]], clip: Clipping? = nil
    ) throws -> [[Double]] {
        var (theta, found) = (start, [[Double]]())
        let sgd = MiniBatchSGD(
            batchSize: 1, epochs: gradients.count, learningRate: .constant(rate), optimizer: optimizer, clip: clip)
        try sgd.minimize(&theta, examples: 1) { _, _, mean in
            for (index, value) in gradients[found.count].enumerated() { mean[index] = value }
            return 0.0
        } afterUpdate: { _, theta in
            found.append(theta.indices.map { theta[$0] })
            return .proceed
        }
        return found
    }

    @Test(arguments: try OptimizerTests.fixture().cases.filter { $0.learningRate != nil })
    func trajectoriesAreThoseOfPyTorchInDouble(example: OptimizerTests.Case) throws {
        let fixture = try OptimizerTests.fixture()
        let found = try Self.trajectory(
            Optimizer(notation: example.optimizer), rate: #require(example.learningRate), start: fixture.start,
            gradients: fixture.gradients)
        var largest = 0.0
        for (update, theirs) in zip(fixture.points, example.trajectory) {
            for (a, b) in zip(found[update - 1], theirs) { largest = max(largest, abs(a - b) / max(1, abs(b))) }
        }
        // the fixture has 12 digits, and PyTorch keeps a product of NAdam in float32; settings rounded to Float would
        // differ by 1e-8
        #expect(largest < (example.optimizer["nadam"] == nil ? 2e-11 : 1e-9))
    }

    /// The parameters as one layer: LARS scales g + d w by trust |w| / (|g| + d |w|).
    @Test func larsTakesTheParametersForOneLayer() throws {
        let fixture = try OptimizerTests.fixture()
        let found = try Self.trajectory(
            .lars(momentum: 0.9, trust: 0.02, weightDecay: 0.01), rate: 0.1, start: fixture.start,
            gradients: fixture.gradients)
        var (w, v) = (fixture.start, fixture.start.map { _ in 0.0 })
        for gradient in fixture.gradients {
            let trust = 0.02 * length(w) / (length(gradient) + 0.01 * length(w))
            for i in w.indices { v[i] = 0.9 * v[i] + trust * (gradient[i] + 0.01 * w[i]) }
            for i in w.indices { w[i] -= 0.1 * v[i] }
        }
        #expect(distance(found[99], w) < 1e-12)
    }

    @Test func lambTakesTheParametersForOneLayer() throws {
        let fixture = try OptimizerTests.fixture()
        let found = try Self.trajectory(
            .lamb(weightDecay: 0.01), rate: 0.01, start: fixture.start, gradients: fixture.gradients)
        var (w, m, v) = (fixture.start, fixture.start.map { _ in 0.0 }, fixture.start.map { _ in 0.0 })
        for (index, gradient) in fixture.gradients.enumerated() {
            var r = w
            for i in w.indices {
                m[i] = 0.9 * m[i] + 0.1 * gradient[i]
                v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i]
                let (first, second) = (1 - pow(0.9, Double(index + 1)), 1 - pow(0.999, Double(index + 1)))
                r[i] = m[i] / first / ((v[i] / second).squareRoot() + 1e-6) + 0.01 * w[i]
            }
            let trust = length(w) / length(r)
            for i in w.indices { w[i] -= 0.01 * trust * r[i] }
        }
        #expect(distance(found[99], w) < 1e-12)
    }

    @Test func theMeanGradientIsClipped() throws {
        func first(_ clip: Clipping?) throws -> [Double] {
            try Self.trajectory(.sgd, rate: 1, start: [0, 0], gradients: [[3, -4]], clip: clip)[0]
        }
        #expect(try first(nil) == [-3, 4])
        #expect(distance(try first(.norm(1)), [-0.6, 0.8]) < 1e-6)  // PyTorch divides by the norm + 1e-6
        #expect(distance(try first(.parameterNorm(2.5)), [-1.5, 2]) < 1e-6)
        #expect(try first(.norm(10)) == [-3, 4])
        #expect(try first(.value(3.5)) == [-3, 3.5])
    }

    private func length(_ vector: [Double]) -> Double { vector.map { $0 * $0 }.reduce(0, +).squareRoot() }

    private func distance(_ a: [Double], _ b: [Double]) -> Double {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }
}
