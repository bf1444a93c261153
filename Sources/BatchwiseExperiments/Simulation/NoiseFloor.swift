/// The variance at which SGD settles on a quadratic 0.5 sum h_i theta_i^2, where the noise of a batch's gradient has the
/// variance c_i / B along direction i: simulated, in closed form, and by the stochastic differential equation.
package struct NoiseFloor: Sendable {
    /// One direction of the quadratic.
    package struct Direction: Sendable, Hashable {
        package let curvature: Double
        /// The variance c of an example's gradient.
        package let noise: Double
        package let simulated: Chains.Variance
        /// The closed form: see ``HeavyBall/variance(noise:)``.
        package let exact: Double
        /// The value of the stochastic differential equation: see ``HeavyBall/continuousVariance(noise:)``.
        package let continuous: Double
    }

    package let directions: [Direction]
    /// The rate from which on SGD diverges.
    package let limit: Double

    /// Simulates every direction. One noise holds for all curvatures.
    package init(
        curvatures: [Double], noises: [Double], batch: Double, rate: Double, momentum: Double = 0, chains: Chains
    ) throws(SimulationError) {
        guard noises.count == 1 || noises.count == curvatures.count else {
            throw .lengths(curvatures: curvatures.count, noises: noises.count)
        }
        for curvature in curvatures { try curvature.checkedPositive("a curvature") }
        for noise in noises { try noise.checkedPositive("a noise") }
        try batch.checked("the batch", { $0 >= 1 }, "at least 1")
        try rate.checkedPositive("the rate")
        try momentum.checkedMomentum()
        let largest = curvatures.max() ?? 1
        limit = HeavyBall.limit(curvature: largest, momentum: momentum)
        try HeavyBall(curvature: largest, rate: rate, momentum: momentum).checkStable()
        var directions: [Direction] = []
        for (place, curvature) in curvatures.enumerated() {
            let noise = noises[noises.count == 1 ? 0 : place]
            let ball = HeavyBall(curvature: curvature, rate: rate, momentum: momentum)
            let deviation = (noise / batch).squareRoot()
            let simulated = try chains.variance(stream: place, radius: ball.radius) { theta, velocity, normal in
                ball.step(&theta, &velocity, noise: deviation * normal)
            }
            directions.append(
                Direction(
                    curvature: curvature, noise: noise, simulated: simulated,
                    exact: ball.variance(noise: noise / batch),
                    continuous: ball.continuousVariance(noise: noise / batch)))
        }
        self.directions = directions
    }

    /// The expected loss at which SGD settles, 0.5 sum h_i variance_i, by the closed form.
    package var loss: Double { directions.reduce(0) { $0 + $1.curvature * $1.exact / 2 } }
    /// The same by the simulation.
    package var simulatedLoss: Double { directions.reduce(0) { $0 + $1.curvature * $1.simulated.value / 2 } }
}
