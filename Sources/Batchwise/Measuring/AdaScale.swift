/// AdaScale's gain: the updates of one base batch that an update of a batch S times as large is worth [Johnson 2020].
///
///     r = (s^2 + m^2) / (s^2 / S + m^2)
///
/// s^2 is the variance of a base batch's gradient and m^2 the squared norm of the mean gradient. Training multiplies its
/// rate by r, and its schedule goes on by r updates. The gain is 1 where there is no noise, and S where there is nothing
/// else.
package struct AdaScale: Sendable, Hashable {
    /// s^2.
    package let variance: Double
    /// m^2.
    package let squaredNorm: Double

    /// Estimates may come out below 0, and count as 0 then.
    package init(variance: Double, squaredNorm: Double) {
        self.variance = max(variance, 0)
        self.squaredNorm = max(squaredNorm, 0)
    }

    /// r, from 1 to `scale`; 1 where noise and gradient are 0.
    package func gain(scale: Double) -> Double {
        let small = variance / scale + squaredNorm
        return small > 0 ? (variance + squaredNorm) / small : 1
    }
}
