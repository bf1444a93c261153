/// The stochastic differential equation of SGD beside SGD itself, at one temperature and many rates.
///
/// On a quadratic 0.5 h theta^2 with gradient noise of variance c / B, small rates make SGD follow
///
///     d theta = -h theta dt + sqrt(T c) dW,  T = rate / (B (1 - m))
///
/// where an update takes the time rate / (1 - m) [Mandt 2017, Smith & Le 2018, Jastrzebski 2018]. So rate and batch
/// matter by their temperature T alone: the equation settles at the variance T c / (2 h). SGD settles higher, by the
/// factor 1 / (1 - rate h / (2 (1 + m))).
package struct Temperature: Sendable {
    /// SGD at one rate, with the batch that gives the temperature.
    package struct Pair: Sendable, Hashable {
        package let rate: Double
        package let batch: Double
        package let simulated: Chains.Variance
        /// The closed form: see ``HeavyBall/variance(noise:)``.
        package let exact: Double
    }

    /// The variance of the equation, T c / (2 h).
    package let equation: Double
    /// The variance of the equation by the method of Euler and Maruyama.
    package let simulated: Chains.Variance
    /// The time of a step of that method.
    package let step: Double
    package let pairs: [Pair]

    /// A step covers this share of 1 / h, which makes the method's variance 0.25% too high.
    private static let fineness = 0.005

    package init(
        temperature: Double, curvature: Double, noise: Double, rates: [Double], momentum: Double = 0, chains: Chains
    ) throws(SimulationError) {
        try temperature.checkedPositive("the temperature")
        try curvature.checkedPositive("the curvature")
        try noise.checkedPositive("the noise")
        try momentum.checkedMomentum()
        for rate in rates {
            try rate.checkedPositive("a rate")
            try HeavyBall(curvature: curvature, rate: rate, momentum: momentum).checkStable()
        }
        equation = temperature * noise / (2 * curvature)
        let step = Self.fineness / curvature
        self.step = step
        let spread = (step * temperature * noise).squareRoot()
        simulated = try chains.variance(stream: 0, radius: 1 - Self.fineness) { theta, _, normal in
            theta += -curvature * theta * step + spread * normal
        }
        var pairs: [Pair] = []
        for (place, rate) in rates.enumerated() {
            let batch = rate / (temperature * (1 - momentum))
            let ball = HeavyBall(curvature: curvature, rate: rate, momentum: momentum)
            let deviation = (noise / batch).squareRoot()
            let simulated = try chains.variance(stream: place + 1, radius: ball.radius) { theta, velocity, normal in
                ball.step(&theta, &velocity, noise: deviation * normal)
            }
            pairs.append(
                Pair(rate: rate, batch: batch, simulated: simulated, exact: ball.variance(noise: noise / batch)))
        }
        self.pairs = pairs
    }
}
