/// What runs of the folds of one data set came to.
public struct CrossValidation: Sendable {
    public var folds: [RunSummary] = []

    public init() {}

    /// The mean of the folds' results, and their standard deviation: the root of the sum of squares over n - 1.
    public struct Spread: Sendable, Hashable {
        public let mean: Double
        public let deviation: Double

        /// nil for fewer than two results; those that are nil do not count.
        public init?(_ values: [Double?]) {
            let values = values.compactMap { $0 }
            guard values.count > 1 else { return nil }
            mean = values.reduce(0, +) / Double(values.count)
            let center = mean
            let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
            deviation = (squares / Double(values.count - 1)).squareRoot()
        }
    }

    public var isClassification: Bool { folds.first?.isClassification ?? false }
    public var testLoss: Spread? { Spread(folds.map(\.test?.loss)) }
    /// nil for regression.
    public var testAccuracy: Spread? { Spread(folds.map(\.test?.accuracy)) }
    /// nil for classification.
    public var testRMSE: Spread? { Spread(folds.map(\.test?.rmse)) }
}
