import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct NoiseFloorTests {
    /// A stable direction that is drawn at random.
    private static func ball(_ index: Int) -> (ball: HeavyBall, noise: Double) {
        let random = CounterRandom(seed: 21, purpose: .simulation, example: index)
        let curvature = exp(4 * random.uniform(at: 0) - 2)
        let momentum = index % 3 == 0 ? 0 : 0.95 * random.uniform(at: 1)
        let share = 0.02 + 0.95 * random.uniform(at: 2)
        let rate = share * HeavyBall.limit(curvature: curvature, momentum: momentum)
        return (HeavyBall(curvature: curvature, rate: rate, momentum: momentum), 0.1 + random.uniform(at: 3))
    }

    @Test(arguments: 0..<40)
    func theClosedFormIsWhereTheRecursionSettles(index: Int) {
        let (ball, noise) = Self.ball(index)
        var covariance = Covariance(ball, noise: noise)
        for _ in 0..<20_000 { covariance.update() }
        #expect(abs(covariance.square - ball.variance(noise: noise)) < 1e-9 * covariance.square, "\(ball)")
    }

    @Test func withoutMomentumItIsTheFormulaOfPlainSGD() {
        let ball = HeavyBall(curvature: 1.5, rate: 0.2)
        #expect(abs(ball.variance(noise: 3) - 0.2 * 3 / (1.5 * (2 - 0.3))) < 1e-15)
        // 15% low at rate h = 0.3
        #expect(abs(ball.continuousVariance(noise: 3) / ball.variance(noise: 3) - 0.85) < 1e-12)
    }

    /// The limit separates descents that shrink from descents that grow.
    @Test(arguments: [0, 0.5, 0.9], [0.3, 7])
    func theLimitIsTheEdgeOfStability(momentum: Double, curvature: Double) {
        let limit = HeavyBall.limit(curvature: curvature, momentum: momentum)
        func end(_ rate: Double) -> Double {
            let ball = HeavyBall(curvature: curvature, rate: rate, momentum: momentum)
            var (theta, velocity) = (1.0, 0.0)
            for _ in 0..<20_000 where abs(theta) < 1e100 { ball.step(&theta, &velocity, noise: 0) }
            return abs(theta)
        }
        #expect(end(0.99 * limit) < 1e-3)
        #expect(end(1.01 * limit) > 1e3)
    }

    /// The radius is the limit of |A^n|^(1/n), here by squaring the matrix of an update twenty times.
    @Test(arguments: 0..<20)
    func theRadiusIsTheGrowthOfPowers(index: Int) {
        let (ball, _) = Self.ball(index)
        let (h, m, rate) = (ball.curvature, ball.momentum, ball.rate)
        var (a, b, c, d) = (1 - rate * h, -rate * m, h, m)
        // the matrix is the product of exp(scale) and (a, b; c, d)
        var scale = 0.0
        for _ in 0..<20 {
            (a, b, c, d) = (a * a + b * c, a * b + b * d, c * a + d * c, c * b + d * d)
            let norm = (a * a + b * b + c * c + d * d).squareRoot()
            (a, b, c, d) = (a / norm, b / norm, c / norm, d / norm)
            scale = 2 * scale + log(norm)
        }
        #expect(abs(exp(scale / 0x1p20) / ball.radius - 1) < 1e-4)
    }

    @Test(arguments: 0..<6)
    func theSimulationSettlesAtTheClosedForm(index: Int) throws {
        let (ball, noise) = Self.ball(index)
        let floor = try NoiseFloor(
            curvatures: [ball.curvature, ball.curvature / 2], noises: [4 * noise, 2 * noise], batch: 4, rate: ball.rate,
            momentum: ball.momentum, chains: Chains(count: 32, updates: 2000, seed: UInt64(index)))
        for direction in floor.directions {
            let margin = direction.simulated.high - direction.simulated.value
            #expect(abs(direction.simulated.value - direction.exact) < 2 * margin)
            #expect(margin < 0.2 * direction.exact)
        }
        #expect(abs(floor.directions[0].exact - ball.variance(noise: noise)) < 1e-12 * floor.directions[0].exact)
    }

    /// At a large rate the interval excludes the differential equation's value, so that it could fail above.
    @Test func theSimulationTellsTheTwoFormulasApart() throws {
        let floor = try NoiseFloor(
            curvatures: [1], noises: [1], batch: 1, rate: 0.6, chains: Chains(count: 32, updates: 2000))
        let direction = floor.directions[0]
        #expect(direction.simulated.low > direction.continuous)
        #expect((direction.simulated.low...direction.simulated.high).contains(direction.exact))
        #expect(floor.loss == direction.exact / 2 && floor.simulatedLoss == direction.simulated.value / 2)
    }

    @Test func badSettingsAreNamed() {
        func refused(
            _ expected: SimulationError, curvatures: [Double] = [1], noises: [Double] = [1], batch: Double = 1,
            rate: Double = 0.1, momentum: Double = 0, chains: Chains = Chains()
        ) {
            #expect(throws: expected) {
                try NoiseFloor(
                    curvatures: curvatures, noises: noises, batch: batch, rate: rate, momentum: momentum, chains: chains
                )
            }
        }
        refused(.unstable(rate: 2, limit: 2, curvature: 1, momentum: 0), curvatures: [0.5, 1], rate: 2)
        refused(
            .unstable(rate: 0.5, limit: 0.3, curvature: 10, momentum: 0.5), curvatures: [10], rate: 0.5, momentum: 0.5)
        refused(.lengths(curvatures: 3, noises: 2), curvatures: [1, 2, 3], noises: [1, 1])
        refused(.setting("a curvature", 0, expected: "a number above 0"), curvatures: [0])
        refused(.setting("a noise", -1, expected: "a number above 0"), noises: [-1])
        refused(.setting("the rate", .infinity, expected: "a number above 0"), rate: .infinity)
        refused(.setting("a noise", 1e31, expected: "a number from 1e-30 to 1e30"), noises: [1e31])
        refused(.setting("the momentum", 1, expected: "a number from 0 to below 1"), momentum: 1)
        refused(.setting("the number of chains", 1, expected: "at least 2"), chains: Chains(count: 1))
        #expect(throws: SimulationError.self) {
            try NoiseFloor(curvatures: [1, 1e-9], noises: [1], batch: 1, rate: 0.1, chains: Chains())
        }
    }
}
