@testable import BatchwiseExperiments

/// The second moments of (theta, v) under SGD with momentum, moved one update at a time: the slow way.
struct Covariance {
    let ball: HeavyBall
    let noise: Double
    /// E[theta^2], E[theta v], E[v^2].
    var square: Double
    var product = 0.0
    var velocity = 0.0

    init(_ ball: HeavyBall, noise: Double, square: Double = 0) {
        (self.ball, self.noise, self.square) = (ball, noise, square)
    }

    mutating func update() {
        let (h, m, rate) = (ball.curvature, ball.momentum, ball.rate)
        // v' = m v + h theta + noise, theta' = theta - rate v'
        let newVelocity = m * m * velocity + 2 * m * h * product + h * h * square + noise
        let withTheta = m * product + h * square
        let newSquare = square - 2 * rate * withTheta + rate * rate * newVelocity
        product = withTheta - rate * newVelocity
        (square, velocity) = (newSquare, newVelocity)
    }
}
