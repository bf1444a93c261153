/// |change of w| / |w| over all parameters that are trained, w as before the update; none where |w| is 0.
public struct UpdateRatio: Quantity, Hashable {
    public init() {}

    public var name: String { "update_ratio" }
    public var needs: UpdateNeeds { .changeNorms }

    public func value(of update: borrowing MeasuredUpdate) throws -> Double? {
        let length = try update.squaredNorm(.parameters).squareRoot()
        guard length > 0 else { return nil }
        return try update.squaredNorm(.change).squareRoot() / length
    }
}
