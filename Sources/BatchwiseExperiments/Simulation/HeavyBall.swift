/// SGD with momentum along one direction of a quadratic loss 0.5 h theta^2, with noise in its gradient:
///
///     v <- m v + h theta + noise;  theta <- theta - rate v
///
/// Other directions of a quadratic, along the eigenvectors of its Hessian, move independently.
package struct HeavyBall: Sendable, Hashable {
    /// The curvature h, above 0.
    package let curvature: Double
    package let rate: Double
    /// The momentum m, from 0 to below 1.
    package let momentum: Double

    package init(curvature: Double, rate: Double, momentum: Double = 0) {
        (self.curvature, self.rate, self.momentum) = (curvature, rate, momentum)
    }

    /// The rate from which on it diverges: 2 (1 + m) / h [Polyak 1964].
    package static func limit(curvature: Double, momentum: Double = 0) -> Double { 2 * (1 + momentum) / curvature }

    /// Throws where the rate is not below its limit.
    package func checkStable() throws(SimulationError) {
        let limit = Self.limit(curvature: curvature, momentum: momentum)
        guard rate < limit else {
            throw .unstable(rate: rate, limit: limit, curvature: curvature, momentum: momentum)
        }
    }

    /// The variance of theta at which it settles, where the noise of an update's gradient has the variance `noise`:
    ///
    ///     rate noise (1 + m) / (h (1 - m) (2 (1 + m) - rate h))
    ///
    /// theta is an autoregressive process of order 2, theta' = (1 + m - rate h) theta - m theta_before - rate noise,
    /// and this is its variance. Without momentum it is rate noise / (h (2 - rate h)) [Mandt 2017].
    package func variance(noise: Double) -> Double {
        rate * noise * (1 + momentum) / (curvature * (1 - momentum) * (2 * (1 + momentum) - rate * curvature))
    }

    /// The variance of the stochastic differential equation with the same noise: rate noise / (2 h (1 - m)).
    package func continuousVariance(noise: Double) -> Double { rate * noise / (2 * curvature * (1 - momentum)) }

    /// The larger modulus of the eigenvalues of an update: the factor by which it comes closer to the minimum.
    package var radius: Double {
        let trace = 1 + momentum - rate * curvature
        let discriminant = trace * trace - 4 * momentum
        return discriminant < 0 ? momentum.squareRoot() : (abs(trace) + discriminant.squareRoot()) / 2
    }

    /// An update: moves theta and v.
    package func step(_ theta: inout Double, _ velocity: inout Double, noise: Double) {
        velocity = momentum * velocity + curvature * theta + noise
        theta -= rate * velocity
    }
}
