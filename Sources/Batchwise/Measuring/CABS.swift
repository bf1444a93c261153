/// The coupled adaptive batch size [Balles 2017]: B = rate tr(S) / loss, within limits.
///
/// The rule supposes that the loss at the minimum is near 0.
package struct CABS: Sendable, Hashable {
    /// The sizes that a batch may have.
    package let range: ClosedRange<Int>

    package init(_ range: ClosedRange<Int>) { self.range = range }

    /// The batch for a learning rate, the variance tr(S) of an example's gradient, and the loss: the nearest whole
    /// number. The smallest batch where there is no noise, the largest where the loss is not above 0.
    package func batch(rate: Double, variance: Double, loss: Double) -> Int {
        guard rate * variance > 0 else { return range.lowerBound }
        guard loss > 0 else { return range.upperBound }
        let asked = (rate * variance / loss).rounded()
        if asked >= Double(range.upperBound) { return range.upperBound }
        return max(Int(asked), range.lowerBound)
    }
}
