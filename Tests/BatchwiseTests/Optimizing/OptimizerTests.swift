import CKernels
import Foundation
import Testing

@testable import Batchwise

/// Trajectories of 20 updates against those of PyTorch in float64 (make-optimizers.py), for every option.
@Suite struct OptimizerTests {
    struct Fixture: Decodable {
        var start: [Double]
        var gradients: [[Double]]
        var cases: [Case]
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var optimizer: RecipeValue
        var learningRate: Double?
        var learningRates: [Double]?
        var trajectory: [[Double]]
        var testDescription: String { name }
    }

    static func fixture() throws -> Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: tests.appending(path: "Fixtures/optimizers.json")))
    }

    /// The parameters after each update.
    static func trajectory(_ optimizer: Optimizer, _ rates: [Double], _ fixture: Fixture) -> [[Float]] {
        var w = fixture.start.map { Float($0) }
        let vectors = optimizer.stateNames.count
        var first = [Float](repeating: 0, count: w.count)
        var second = first
        return zip(fixture.gradients, rates).enumerated().map { index, pair in
            var step = bw_update()
            optimizer.prepare(&step, rate: pair.1, number: index + 1)
            let gradient = pair.0.map { Float($0) }
            w.withUnsafeMutableBufferPointer { w in
                first.withUnsafeMutableBufferPointer { first in
                    second.withUnsafeMutableBufferPointer { second in
                        if step.optimizer == BW_SGD {
                            bw_sgd(
                                &step.sgd, gradient, w.baseAddress, vectors > 0 ? first.baseAddress : nil, w.count)
                        } else {
                            bw_adam(
                                &step.adam, gradient, w.baseAddress, first.baseAddress, second.baseAddress, w.count)
                        }
                    }
                }
            }
            return w
        }
    }

    @Test(arguments: try fixture().cases)
    func trajectoriesAreThoseOfPyTorch(example: Case) throws {
        let fixture = try Self.fixture()
        let optimizer = try Optimizer(notation: example.optimizer)
        let rates = example.learningRates ?? Array(repeating: example.learningRate ?? 0, count: 20)
        let found = Self.trajectory(optimizer, rates, fixture)
        for (update, (mine, theirs)) in zip(found, example.trajectory).enumerated() {
            for (a, b) in zip(mine, theirs) {
                #expect(abs(Double(a) - b) <= 3e-6 * max(1, abs(b)), "update \(update + 1): \(a) instead of \(b)")
            }
        }
    }

    @Test func anOptionThatIsOffIsSeen() throws {
        let fixture = try Self.fixture()
        let nesterov = try #require(fixture.cases.first { $0.name == "sgd-nesterov" })
        let found = Self.trajectory(
            .sgd(momentum: 0.9), Array(repeating: nesterov.learningRate ?? 0, count: 20), fixture)
        let last = zip(found[19], nesterov.trajectory[19]).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(last > 1e-3)
    }

    @Test func notationsComeBack() throws {
        let optimizers: [Optimizer] = [
            .sgd, .sgd(momentum: 0.9), .sgd(momentum: 0.8, nesterov: true, weightDecay: 5e-4, decoupled: true), .adam(),
            .adam(beta1: 0.8, weightDecay: 0.1), .adamW(epsilon: 1e-6, weightDecay: 0.2),
        ]
        for optimizer in optimizers { #expect(try Optimizer(notation: optimizer.notation) == optimizer) }
    }
}
