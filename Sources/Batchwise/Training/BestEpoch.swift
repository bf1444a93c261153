/// The best epoch of a run so far by one metric; the first of equals.
public struct BestEpoch: Sendable, Hashable, Codable {
    /// The number of the epoch, counted from 1.
    public var epoch: Int
    /// The number of updates made until the end of the epoch.
    public var updates: Int
    /// The value of the metric after the epoch.
    public var value: Double
}
