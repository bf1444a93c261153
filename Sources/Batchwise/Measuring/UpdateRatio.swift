/// |change of w| / |w| over all parameters that are trained, w as before the update; none where |w| is 0.
public struct UpdateRatio: Quantity, Hashable {
    /// The update ratio of every update.
    public init() {}

    /// The name of the values among measurements: `update_ratio`.
    public var name: String { "update_ratio" }
    /// Squared norms of the parameters before the update and of their change.
    public var needs: UpdateNeeds { .changeNorms }

    /// |change of w| / |w| over all trained parameters; nil where |w| is 0.
    public func value(of update: borrowing MeasuredUpdate) throws -> Double? {
        let length = try update.squaredNorm(.parameters).squareRoot()
        guard length > 0 else { return nil }
        return try update.squaredNorm(.change).squareRoot() / length
    }
}
