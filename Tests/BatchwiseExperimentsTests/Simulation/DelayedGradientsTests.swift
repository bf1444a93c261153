import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct DelayedGradientsTests {
    @Test(arguments: [0, 1, 2, 3, 5, 8, 30], [0.4, 1, 25])
    func bisectionFindsTheClosedForm(delay: Int, curvature: Double) throws {
        let descent = try DelayedGradients(delay: delay, curvature: curvature)
        #expect(abs(descent.largestStableRate() / descent.limit - 1) < 1e-8)
    }

    @Test func knownLimits() throws {
        for (delay, limit) in zip(0..., [2, 1, (5.0.squareRoot() - 1) / 2]) {
            #expect(abs(try DelayedGradients(delay: delay, curvature: 1).limit - limit) < 1e-15)
        }
    }

    /// A descent that keeps all of its parameters, written down anew.
    @Test(arguments: 0...6)
    func descentsShrinkBelowTheLimitAndGrowAbove(delay: Int) throws {
        let descent = try DelayedGradients(delay: delay, curvature: 2)
        func largest(_ rate: Double) -> Double {
            var path = [Double](repeating: 1, count: delay + 1)
            for _ in 0..<20_000 { path.append(path[path.count - 1] - rate * 2 * path[path.count - 1 - delay]) }
            return path.suffix(100).reduce(0) { max($0, abs($1)) }
        }
        #expect(largest(0.99 * descent.limit) < 0.01)
        #expect(largest(1.01 * descent.limit) > 100)
    }

    @Test func badSettingsAreRefused() {
        #expect(throws: SimulationError.self) { try DelayedGradients(delay: -1, curvature: 1) }
        #expect(throws: SimulationError.self) { try DelayedGradients(delay: 1001, curvature: 1) }
        #expect(throws: SimulationError.self) { try DelayedGradients(delay: 1, curvature: 0) }
    }
}
