import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

/// Full-batch descent raises the largest eigenvalue to 2/rate and holds it there [Cohen 2021].
@Suite struct EdgeOfStabilityTests {
    /// A Chebyshev polynomial of degree 4 at 20 points, for a network of 100 tanh units without a bias of the output.
    private static func subject(rate: Double, epochs: Int) throws -> Subject {
        let x = (0..<20).map { -1 + 2 * Float($0) / 19 }
        let data = try Dataset(features: x, shape: [1], values: x.map { 8 * $0 * $0 * $0 * $0 - 8 * $0 * $0 + 1 })
        let recipe = Recipe(
            model: LayerList([Dense(100), Tanh(), Dense(1, bias: false)]), loss: .meanSquaredError(),
            batch: Batch(size: 20), optimizer: .sgd, learningRate: .constant(rate), epochs: epochs)
        var model = try Trainer(recipe, data: data).model()
        let random = CounterRandom(seed: 1, purpose: .data)
        for (index, parameter) in model.parameters.enumerated() {
            // Glorot's bound with a gain of 1.9
            let bound = parameter.name.hasSuffix("weight") ? 1.9 * (6.0 / 101).squareRoot() : 0
            model.values[index] = (0..<parameter.count).map {
                Float(bound * (2 * random.keyed(by: UInt64(index)).uniform(at: UInt64($0)) - 1))
            }
        }
        return try Subject(recipe, data, model: model, machine: Machine(threads: 1))
    }

    /// The largest eigenvalues after so many updates.
    private func plateau(rate: Double, after updates: Int, of epochs: Int) throws -> [Double] {
        try CurvatureCourse(Self.subject(rate: rate, epochs: epochs), every: .updates(500), steps: 60)
            .points.filter { $0.place.updates >= updates }.map(\.largest.value)
    }

    @Test func descentStaysAtTheEdgeOfStability() throws {
        let start = try #require(plateau(rate: 0.1, after: 0, of: 1).first)
        #expect(start < 16)
        var means: [Double] = []
        for (rate, updates, epochs) in [(0.1, 4000, 6000), (0.05, 7000, 10_000)] {
            let values = try plateau(rate: rate, after: updates, of: epochs)
            let mean = values.reduce(0, +) / Double(values.count)
            #expect(abs(mean * rate / 2 - 1) < 0.1, "rate \(rate): \(values)")
            means.append(mean)
        }
        #expect(abs(means[1] / means[0] - 2) < 0.2)
    }
}
