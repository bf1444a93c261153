/// A number that says how well a model does, computed from its predictions one example after the other.
///
/// ```swift
/// /// How often the class is among the two largest predictions.
/// struct TopTwoAccuracy: Metric {
///     var name: String { "top-2-accuracy" }
///     var noTotals: WeightedMean { WeightedMean() }
///
///     func add(
///         _ predictions: Span<Float>, _ target: ExampleTarget, weight: Double, to totals: inout WeightedMean
///     ) {
///         guard case .class(let label) = target else { return }
///         let larger = predictions.indices.count { predictions[$0] > predictions[label] }
///         totals.add(larger < 2 ? 1 : 0, weight: weight)
///     }
///
///     func value(of totals: WeightedMean) -> Double? { totals.value }
/// }
/// let found = try model.evaluate(test, metrics: [TopTwoAccuracy()])
/// print(found.metrics?["top-2-accuracy"] ?? 0)
/// ```
/// Totals are added up over all examples in the data's order and become a number at the end, so a metric is never a
/// mean of means, and no micro-batch or thread can change it.
public protocol Metric: Sendable {
    /// The type of the totals that are added up over examples: a ``WeightedMean``, counts of right and wrong, or
    /// anything else that the value is computed from.
    associatedtype Totals

    /// The key of its value in ``Evaluation/metrics``.
    var name: String { get }
    /// The totals of no examples.
    var noTotals: Totals { get }

    /// Adds one example.
    ///
    /// Predictions are the model's outputs: one number a class, whose softmax is the probability, or standardised
    /// values.
    func add(_ predictions: Span<Float>, _ target: ExampleTarget, weight: Double, to totals: inout Totals)
    /// The metric; nil where it has none, such as the mean of nothing.
    func value(of totals: Totals) -> Double?
}

/// The target of one example, as a metric sees it.
public enum ExampleTarget: Hashable, Sendable {
    /// The class of the example, as its place among the data's names.
    case `class`(Int)
    /// The values of the example, standardised as the predictions are.
    case values(ArraySlice<Float>)
}

/// The totals of a metric that is a mean over examples: sum(w_i x_i) / sum(w_i).
public struct WeightedMean: Hashable, Sendable {
    /// The sum of weighted numbers.
    public private(set) var sum = 0.0
    /// The sum of weights.
    public private(set) var weight = 0.0

    /// The totals of no examples.
    public init() {}

    /// Adds the number of an example.
    public mutating func add(_ number: Double, weight: Double) {
        sum += weight * number
        self.weight += weight
    }

    /// The mean; nil where there is no weight.
    public var value: Double? { weight > 0 ? sum / weight : nil }
}

/// A metric with its totals.
struct MetricTotals<Value: Metric>: AnyMetricTotals {
    let metric: Value
    private var totals: Value.Totals

    init(_ metric: Value) {
        self.metric = metric
        totals = metric.noTotals
    }

    var name: String { metric.name }
    var value: Double? { metric.value(of: totals) }

    mutating func add(_ predictions: Span<Float>, _ target: ExampleTarget, weight: Double) {
        metric.add(predictions, target, weight: weight, to: &totals)
    }
}

/// The totals of any metric.
protocol AnyMetricTotals {
    var name: String { get }
    var value: Double? { get }
    mutating func add(_ predictions: Span<Float>, _ target: ExampleTarget, weight: Double)
}

extension Metric {
    var totals: any AnyMetricTotals { MetricTotals(self) }
}

extension Dataset {
    /// The target of an example; nil where the data has none.
    func target(of example: Int) -> ExampleTarget? {
        switch targets {
        case .classes(let classes, _): .class(Int(classes[example]))
        case .values(let values, let width, _, _): .values(values[example * width..<(example + 1) * width])
        case .none: nil
        }
    }
}
