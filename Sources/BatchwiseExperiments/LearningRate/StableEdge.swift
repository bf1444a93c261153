import Batchwise
import Foundation

/// The edge of stability of one batch and seed.
///
/// A range test passes the edge before its loss shows it: a component of the parameters that has shrunk for many updates
/// must grow again. So runs at one rate, each from the same state, decide: they have diverged where their loss in the
/// end is not finite, or above that of the range test's first updates.
package struct StableEdge: Sendable {
    /// The range test that shows where to look.
    package let test: RangeTest
    /// The largest rate at which a run was stable.
    package private(set) var stable: Double
    /// The lowest rate at which a run diverged.
    package private(set) var unstable: Double

    /// The factor between the two.
    static let resolution = pow(2, 1.0 / 16)

    /// Looks from the rate at which the range test diverged, by factors of 2 and then by four bisections, with runs of
    /// so many updates.
    init(
        _ subject: Subject, batch: Int, seed: UInt64, test: RangeTest, updates: Int, tick: () throws -> Void
    ) throws {
        func isStable(_ rate: Double) throws -> Bool {
            try subject.finalLoss(
                batch: batch, rate: rate, falls: false, updates: updates, seed: seed, tick: tick) <= test.limitOfRuns
        }
        self.test = test
        var rate = test.diverging ?? 1
        if try isStable(rate) {
            repeat {
                guard rate < RangeTest.highest else {
                    throw MeasurementError.noDivergence(batch: batch, rate: rate)
                }
                rate *= 2
            } while try isStable(rate)
            (stable, unstable) = (rate / 2, rate)
        } else {
            repeat {
                guard rate > 1e-30 else { throw MeasurementError.noStableRate(batch: batch, rate: rate) }
                rate /= 2
            } while try !isStable(rate)
            (stable, unstable) = (rate, 2 * rate)
        }
        for _ in 0..<4 {
            let middle = (stable * unstable).squareRoot()
            if try isStable(middle) { stable = middle } else { unstable = middle }
        }
    }
}
