/// |g| over all parameters that are trained: the norm of the batch's mean gradient, before clipping and decay.
///
/// Reported without being asked for where the recipe needs the whole gradient (clipping, LARS, LAMB, Muon, an optimizer
/// of the program's own), for there it costs nothing. Infinite or NaN where the gradient overflows and nothing else
/// needs it.
public struct GradientNorm: Quantity, Hashable {
    /// The gradient norm of every update.
    public init() {}

    /// The name of the values among measurements: `gradient_norm`.
    public var name: String { "gradient_norm" }
    /// Squared norms of the batch's mean gradient.
    public var needs: UpdateNeeds { .gradientNorms }

    /// |g|, from the squared norm over all trained parameters.
    public func value(of update: borrowing MeasuredUpdate) throws -> Double? {
        try update.squaredNorm(.gradient).squareRoot()
    }
}
