/// The place in a run where it first reached its goal.
package struct GoalPlace: Sendable, Hashable, Codable {
    package var updates: Int
    package var examples: Int
    /// Seconds of training, without evaluations and writing.
    package var seconds: Double
}
