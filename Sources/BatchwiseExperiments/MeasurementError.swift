/// The reason why something cannot be measured: a sentence for a person.
package enum MeasurementError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The data set is too small for the measurement.
    case tooFewExamples(found: Int, needed: Int)

    package var description: String {
        switch self {
        case .tooFewExamples(let found, let needed):
            "the training set has \(found) examples, and this measurement compares at least \(needed)"
        }
    }
}
