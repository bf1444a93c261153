import Foundation

/// Gradient descent on 0.5 h theta^2 with gradients of parameters that are `delay` updates old, as asynchronous workers
/// compute them: theta' = theta - rate h theta_delayed.
package struct DelayedGradients: Sendable, Hashable {
    package let delay: Int
    package let curvature: Double

    package init(delay: Int, curvature: Double) throws(SimulationError) {
        try Double(delay).checked("a delay", { (0...1000).contains($0) }, "a whole number from 0 to 1000")
        try curvature.checkedPositive("the curvature")
        (self.delay, self.curvature) = (delay, curvature)
    }

    /// The rate from which on it diverges, 2 sin(pi / (2 (2 delay + 1))) / h: there the characteristic equation
    /// z^(delay + 1) - z^delay + rate h = 0 has roots on the unit circle.
    package var limit: Double { 2 * sin(Double.pi / Double(2 * (2 * delay + 1))) / curvature }

    /// The largest rate at which simulated descent comes closer to the minimum, by bisection.
    package func largestStableRate() -> Double {
        var (low, high) = (0.0, 4 / curvature)
        for _ in 0..<40 {
            let middle = (low + high) / 2
            if shrinks(at: middle) { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Whether theta is smaller at the end of a long descent than in its middle, over a window of whole swings each.
    func shrinks(at rate: Double) -> Bool {
        let swing = 4 * delay + 2
        let (window, half) = (8 * swing, 500 * swing)
        var past = [Double](repeating: 1, count: delay + 1)
        var (theta, place, middle, end) = (1.0, 0, 0.0, 0.0)
        for update in 1...2 * half {
            past[place] = theta
            place = place == delay ? 0 : place + 1
            theta -= rate * curvature * past[place]
            if abs(theta) > 1e100 { return false }
            if update > half - window, update <= half { middle += theta * theta }
            if update > 2 * half - window { end += theta * theta }
        }
        return end < middle || end == 0
    }
}
