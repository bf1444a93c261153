/// The product of a Hessian H and a direction d, parameter by parameter as a ``MeasuredUpdate`` counts them.
public struct HessianProduct: Hashable, Sendable {
    /// The direction d: the numbers of each parameter, in the order of its shape.
    public let direction: [[Float]]
    /// The product H d: the numbers of each parameter, in the order of its shape.
    public let values: [[Float]]

    /// The curvature d'Hd / d'd: the second derivative of the loss along the unit vector of d; nil where d is 0.
    public var curvature: Double? {
        let length = Self.dot(direction, direction)
        return length > 0 ? Self.dot(direction, values) / length : nil
    }

    /// The squared norm of the product, |H d|^2.
    public var squaredNorm: Double { Self.dot(values, values) }

    /// The dot product of two lists of parameters, summed in Double from the first number to the last.
    private static func dot(_ a: [[Float]], _ b: [[Float]]) -> Double {
        var sum = 0.0
        for (a, b) in zip(a, b) { for (x, y) in zip(a, b) { sum += Double(x) * Double(y) } }
        return sum
    }
}
