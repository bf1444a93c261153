/// A quantity of an update: the numbers that it needs, the updates at which it is computed, and the computation.
///
/// ```swift
/// /// |g|^2 of the batch's mean gradient, at every hundredth update.
/// struct GradientSquare: Quantity {
///     var name: String { "gradient_square" }
///     var needs: UpdateNeeds { .gradientNorms }
///     func isDue(at update: Int) -> Bool { update % 100 == 0 }
///     func value(of update: borrowing MeasuredUpdate) throws -> Double? { try update.squaredNorm(.gradient) }
/// }
/// var trainer = try Trainer(recipe, data: data, quantities: [GradientSquare()])
/// let report = try trainer.update()
/// if let square = report.measurements[GradientSquare()] { print(square) }
/// ```
/// Workers gather raw numbers, in an order that is a function of the recipe alone, and no bit of a trained parameter
/// changes. The quantity computes its value from them on the caller's thread, between this update and the next. Memory
/// is taken for what the needs ask for, and time at the updates where it is due.
///
/// A quantity keeps nothing between updates: sums over updates belong to the program that reads the reports.
public protocol Quantity: Sendable {
    /// The type of the quantity's values.
    associatedtype Value: Codable, Hashable, Sendable

    /// The name of the quantity's values among measurements. No two quantities of a run have the same name.
    var name: String { get }
    /// The numbers of an update that the quantity is computed from.
    var needs: UpdateNeeds { get }
    /// Whether the quantity is computed for this update, counted from 1: a pure function, true for every update by
    /// default.
    func isDue(at update: Int) -> Bool
    /// Computes the value; nil where the update has none. An error stops the run after the update.
    func value(of update: borrowing MeasuredUpdate) throws -> Value?
}

extension Quantity {
    /// True by default: the quantity is computed for every update.
    public func isDue(at update: Int) -> Bool { true }
}
