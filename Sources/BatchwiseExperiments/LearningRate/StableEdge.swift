import Batchwise
import Foundation

/// The largest stable rate of one batch and seed.
///
/// It is the rate at which a range test diverges, unless a run at that rate from the same state diverges too: a range
/// test of a loss without noise passes the edge, for a component of the parameters that has shrunk for many updates must
/// grow again before the loss shows it. Then runs at lower rates find the edge. A run has diverged where its loss in the
/// end is not finite, or above four times that of the range test's first updates.
package struct StableEdge: Sendable {
    /// The range test.
    package let test: RangeTest
    /// The largest stable rate.
    package let rate: Double

    /// The factor from a rate that is found to be stable to one that is not.
    static let resolution = pow(2, 1.0 / 16)

    /// Looks below the rate at which the range test diverged by factors of 2 and then by four bisections, with runs of so
    /// many updates.
    init(
        _ subject: Subject, batch: Int, seed: UInt64, test: RangeTest, diverging: Double, updates: Int,
        tick: () throws -> Void
    ) throws {
        func isStable(_ rate: Double) throws -> Bool {
            try subject.finalLoss(
                batch: batch, rate: rate, falls: false, updates: updates, seed: seed, tick: tick) <= test.limitOfRuns
        }
        self.test = test
        var (stable, unstable) = (diverging, Double.infinity)
        while try !isStable(stable) {
            (stable, unstable) = (stable / 2, stable)
            guard stable > 1e-30 else { throw MeasurementError.noStableRate(batch: batch, rate: stable) }
        }
        while unstable < .infinity, unstable / stable > 1.0001 * Self.resolution {
            let middle = (stable * unstable).squareRoot()
            if try isStable(middle) { stable = middle } else { unstable = middle }
        }
        rate = stable
    }
}
