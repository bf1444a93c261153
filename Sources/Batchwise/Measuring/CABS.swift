/// The coupled adaptive batch size [Balles 2017]: B = rate tr(S) / loss.
///
/// The rule supposes that the loss at the minimum is near 0.
package enum CABS {
    /// The batch for a learning rate, the variance tr(S) of an example's gradient, and the loss, in examples: 0 where
    /// there is no noise, infinite where there is some and the loss is not above 0.
    package static func batch(rate: Double, variance: Double, loss: Double) -> Double {
        guard rate * variance > 0 else { return 0 }
        return loss > 0 ? rate * variance / loss : .infinity
    }
}
