import Batchwise
import Testing

@testable import BatchwiseExperiments

@Suite struct TemperatureTests {
    private static let chains = Chains(count: 32, updates: 4000, seed: 5)

    private static func isNear(_ simulated: Chains.Variance, _ value: Double) -> Bool {
        abs(simulated.value - value) < 2 * (simulated.high - simulated.value)
    }

    /// Rate and batch differ by the factor 150, and the variance by what the discrete steps add.
    @Test(arguments: [(1.0, 0.0), (3, 0.6)])
    func oneTemperatureIsOneVariance(curvature: Double, momentum: Double) throws {
        let limit = HeavyBall.limit(curvature: curvature, momentum: momentum)
        let rates = [0.01, 0.1, 0.5, 0.8].map { $0 * limit }
        let result = try Temperature(
            temperature: 0.02, curvature: curvature, noise: 3, rates: rates, momentum: momentum, chains: Self.chains)
        #expect(abs(result.equation - 0.02 * 3 / (2 * curvature)) < 1e-15)
        #expect(Self.isNear(result.simulated, result.equation))
        for (pair, share) in zip(result.pairs, [0.01, 0.1, 0.5, 0.8]) {
            #expect(abs(pair.rate / (pair.batch * (1 - momentum)) - 0.02) < 1e-12)
            #expect(Self.isNear(pair.simulated, pair.exact))
            // a rate at this share of its limit settles this much higher
            #expect(abs(pair.exact / result.equation - 1 / (1 - share)) < 1e-9)
        }
        #expect(!Self.isNear(result.pairs[2].simulated, result.equation))
    }

    /// At another temperature the same rates settle elsewhere.
    @Test func theVarianceFollowsTheTemperature() throws {
        let cold = try Temperature(temperature: 0.01, curvature: 1, noise: 1, rates: [0.05], chains: Self.chains)
        let hot = try Temperature(temperature: 0.03, curvature: 1, noise: 1, rates: [0.05], chains: Self.chains)
        #expect(abs(hot.pairs[0].simulated.value / cold.pairs[0].simulated.value - 3) < 1e-9)
        #expect(abs(hot.simulated.value / cold.simulated.value - 3) < 1e-9)
    }

    @Test func badSettingsAreRefused() {
        #expect(throws: SimulationError.unstable(rate: 2, limit: 2, curvature: 1, momentum: 0)) {
            try Temperature(temperature: 0.01, curvature: 1, noise: 1, rates: [0.1, 2], chains: Self.chains)
        }
        #expect(throws: SimulationError.self) {
            try Temperature(temperature: .nan, curvature: 1, noise: 1, rates: [0.1], chains: Self.chains)
        }
    }
}
