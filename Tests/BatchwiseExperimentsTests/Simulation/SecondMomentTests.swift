import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

/// The closed form of E[theta^2] against the recursion that moves it one update at a time.
@Suite struct SecondMomentTests {
    /// Momenta and rates (as shares of the limit) with real eigenvalues, positive and negative, complex ones, and equal
    /// ones: (1 - sqrt(m))^2 = rate h at m = 0.25 is the share 0.1 of the limit 2.5.
    private static let kinds: [(momentum: Double, share: Double)] = [
        (0, 0.1), (0, 0.5), (0, 0.77), (0, 0.9999), (0.25, 0.05), (0.25, 0.1), (0.25, 0.1 + 1e-13), (0.25, 0.5),
        (0.25, 0.95), (0.25, 0.9), (0.9, 0.0001), (0.9, 0.01), (0.9, 0.5), (0.9, 0.999), (0.99, 0.3), (0.99, 1e-6),
    ]

    @Test(arguments: kinds)
    func theClosedFormIsTheRecursion(momentum: Double, share: Double) {
        let curvature = 0.7
        let rate = share * HeavyBall.limit(curvature: curvature, momentum: momentum)
        let ball = HeavyBall(curvature: curvature, rate: rate, momentum: momentum)
        for noise in [0, 0.3] {
            let moment = SecondMoment(ball, noise: noise)
            var slow = Covariance(ball, noise: noise, square: 1)
            var risen = Covariance(ball, noise: noise)
            for update in 1...400 {
                slow.update()
                risen.update()
                let t = Double(update)
                #expect(abs(moment.value(after: t) - slow.square) < 1e-9 * (slow.square + moment.floor) + 1e-11)
                #expect(abs(moment.noise(after: t) - risen.square) <= 1e-9 * moment.floor)
            }
        }
    }

    /// The bound over an interval is never above a value within, and is the value itself over one update.
    @Test(arguments: kinds)
    func theBoundIsBelowEveryValue(momentum: Double, share: Double) {
        let rate = share * HeavyBall.limit(curvature: 1, momentum: momentum)
        let moment = SecondMoment(HeavyBall(curvature: 1, rate: rate, momentum: momentum), noise: 0.01)
        let values = (0...200).map { $0 == 0 ? 1 : moment.value(after: Double($0)) }
        for first in 1...30 {
            #expect(moment.least(from: Double(first), to: Double(first)) == values[first])
            for last in first...200 {
                let least = moment.least(from: Double(first), to: Double(last))
                #expect(least <= values[first...last].min()! * (1 + 1e-9), "\(first) to \(last)")
            }
        }
    }
}
