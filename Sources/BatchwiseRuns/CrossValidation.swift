/// The results of a cross-validation: one run for each fold of a data set.
public struct CrossValidation: Sendable {
    /// The summaries of the runs, in the order of the folds.
    public var folds: [RunSummary] = []

    /// A cross-validation without results.
    public init() {}

    /// The mean of the folds' results, and their standard deviation: the root of the sum of squares over n - 1.
    public struct Spread: Sendable, Hashable {
        /// The mean of the results, in their unit.
        public let mean: Double
        /// The standard deviation of the results, in their unit.
        public let deviation: Double

        /// Computes mean and deviation of the values that are not nil; nil where fewer than two are left.
        public init?(_ values: [Double?]) {
            let values = values.compactMap { $0 }
            guard values.count > 1 else { return nil }
            mean = values.reduce(0, +) / Double(values.count)
            let center = mean
            let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
            deviation = (squares / Double(values.count - 1)).squareRoot()
        }
    }

    /// Whether the targets are classes; false before the first fold.
    public var isClassification: Bool { folds.first?.isClassification ?? false }
    /// The mean and deviation of the test losses; nil for fewer than two.
    public var testLoss: Spread? { Spread(folds.map(\.test?.loss)) }
    /// The mean and deviation of the test accuracies, from 0 to 1; nil for regression, and for fewer than two.
    public var testAccuracy: Spread? { Spread(folds.map(\.test?.accuracy)) }
    /// The mean and deviation of the roots of the mean squared error, in the unit of the targets; nil for
    /// classification, and for fewer than two.
    public var testRMSE: Spread? { Spread(folds.map(\.test?.rmse)) }
}
