import Foundation

/// The noisy quadratic [Zhang 2019]: the loss 0.5 sum h_i theta_i^2, begun at theta_i = 1, with noise of the variance
/// c_i / B in direction i of a batch's gradient. Its expected loss follows from second moments, so nothing is drawn.
package struct NoisyQuadratic: Sendable, Hashable {
    package let curvatures: [Double]
    package let noises: [Double]
    package let momentum: Double

    /// h_i = i^-exponent and c_i = i^-noiseExponent for i from 1 to `dimensions`.
    package init(
        dimensions: Int, exponent: Double = 1, noiseExponent: Double? = nil, momentum: Double = 0
    ) throws(SimulationError) {
        try Double(dimensions).checked("the number of dimensions", { (1...1e5).contains($0) }, "1 to 100000")
        try exponent.checked("the exponent", { (0...4).contains($0) }, "a number from 0 to 4")
        let noiseExponent = noiseExponent ?? exponent
        try noiseExponent.checked("the noise's exponent", { (0...4).contains($0) }, "a number from 0 to 4")
        try momentum.checkedMomentum()
        self.momentum = momentum
        curvatures = (1...dimensions).map { pow(Double($0), -exponent) }
        noises = (1...dimensions).map { pow(Double($0), -noiseExponent) }
    }

    /// The loss at the start.
    package var startingLoss: Double { curvatures.reduce(0, +) / 2 }
    /// The rate from which on it diverges.
    package var limit: Double { HeavyBall.limit(curvature: curvatures.max() ?? 1, momentum: momentum) }

    /// The first update, up to `last`, after which the expected loss is at most `goal`; nil where there is none. An
    /// infinite batch has no noise.
    package func updates(to goal: Double, batch: Double, rate: Double, upTo last: Int = 1 << 50) -> Int? {
        ExpectedLoss(self, batch: batch, rate: rate).firstUpdate(atMost: goal, upTo: last)
    }
}

/// The expected loss of a noisy quadratic at one rate and batch.
struct ExpectedLoss {
    private let directions: [(half: Double, moment: SecondMoment)]

    init(_ quadratic: NoisyQuadratic, batch: Double, rate: Double) {
        directions = zip(quadratic.curvatures, quadratic.noises).map { curvature, noise in
            let ball = HeavyBall(curvature: curvature, rate: rate, momentum: quadratic.momentum)
            return (curvature / 2, SecondMoment(ball, noise: noise / batch))
        }
    }

    /// The expected loss after `update` updates, at least 1.
    func value(after update: Int) -> Double { sum { $0.value(after: Double(update)) } }

    /// The first update, up to `end`, after which the loss is at most `goal`; nil where the noise keeps it from there.
    func firstUpdate(atMost goal: Double, upTo end: Int) -> Int? {
        var (first, last) = (1, 1)
        while first <= end {
            if let update = firstUpdate(atMost: goal, in: first, min(last, end)) { return update }
            guard sum({ $0.noise(after: Double(last)) }) <= goal else { return nil }
            (first, last) = (last + 1, 2 * last + 1)
        }
        return nil
    }

    /// Halves an interval until a bound of the loss excludes it, earlier halves first. The loss may rise and fall, so a
    /// search that looks at single updates could miss the first one.
    private func firstUpdate(atMost goal: Double, in first: Int, _ last: Int) -> Int? {
        let least = sum { $0.least(from: Double(first), to: Double(last)) }
        guard least <= goal else { return nil }
        if first == last { return first }
        let middle = first + (last - first) / 2
        return firstUpdate(atMost: goal, in: first, middle) ?? firstUpdate(atMost: goal, in: middle + 1, last)
    }

    private func sum(_ moment: (SecondMoment) -> Double) -> Double {
        var total = 0.0
        for direction in directions { total += direction.half * moment(direction.moment) }
        return total
    }
}
