/// The best epoch of a run so far by one metric; the first of equals.
public struct BestEpoch: Sendable, Hashable, Codable {
    /// Counts from 1.
    public var epoch: Int
    /// Updates until its end.
    public var updates: Int
    /// The metric.
    public var value: Double
}
