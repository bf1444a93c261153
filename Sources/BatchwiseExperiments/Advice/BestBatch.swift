/// The batch that reaches a goal soonest, and the cost of another one.
///
/// An update takes T(B) = a + b B seconds, and U(B) = U_min (1 + B_c / B) updates reach the goal, where B_c is the critical
/// batch [McCandlish 2018]. The time U(B) T(B) is least at B = sqrt(B_c a / b). A batch r times that takes
///
///     (r + 1/r - 2) sqrt(B_c h) / (sqrt(h) + sqrt(B_c))^2,  h = a / b
///
/// of the least time more.
package struct BestBatch: Sendable, Hashable {
    /// B_c, in examples.
    package let criticalBatch: Double
    /// a: the seconds of an update that do not depend on the batch.
    package let seconds: Double
    /// b: the seconds of an update that each example adds.
    package let secondsPerExample: Double

    /// nil unless all three are finite and above 0: the best batch would be the smallest or the largest.
    package init?(criticalBatch: Double, seconds: Double, secondsPerExample: Double) {
        guard [criticalBatch, seconds, secondsPerExample].allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        self.criticalBatch = criticalBatch
        self.seconds = seconds
        self.secondsPerExample = secondsPerExample
    }

    /// h = a / b: the batch at which half of an update's time goes to its examples.
    package var half: Double { seconds / secondsPerExample }

    /// The best batch, which need not be a whole number.
    package var batch: Double { criticalBatch.squareRoot() * half.squareRoot() }

    /// The best whole batch within a range.
    package func batch(in range: ClosedRange<Int>) -> Int {
        let below = Int(min(max(batch, Double(range.lowerBound)), Double(range.upperBound)))
        let above = min(below + 1, range.upperBound)
        return relativeTime(Double(below)) <= relativeTime(Double(above)) ? below : above
    }

    /// The time to the goal with batches of a size, U(B) T(B) / U_min, in seconds.
    package func relativeTime(_ batch: Double) -> Double {
        (1 + criticalBatch / batch) * (seconds + secondsPerExample * batch)
    }

    /// The share of the least time that a batch `factor` times the best takes more.
    package func cost(ofFactor factor: Double) -> Double {
        let sum = half.squareRoot() + criticalBatch.squareRoot()
        return (factor + 1 / factor - 2) * batch / (sum * sum)
    }

    /// The best batch from 1 to `last` by trying all of them.
    package func searched(upTo last: Int) -> Int {
        var (best, least) = (1, Double.infinity)
        for batch in 1...max(last, 1) {
            let time = relativeTime(Double(batch))
            if time < least { (best, least) = (batch, time) }
        }
        return best
    }
}
