/// The reason why something cannot be measured: a sentence for a person.
package enum MeasurementError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The data set is too small for the measurement.
    case tooFewExamples(found: Int, needed: Int)

    /// A batch is larger than the data set.
    case batchBeyondData(batch: Int, examples: Int)

    /// A run at the recipe's own batch and rate diverged.
    case branchDiverged(batch: Int, rate: Double)

    package var description: String {
        switch self {
        case .tooFewExamples(let found, let needed):
            "the training set has \(found == 1 ? "1 example" : "\(found) examples"), and this measurement compares at least \(needed)"
        case .batchBeyondData(let batch, let examples):
            "a batch of \(batch) is more than the \(examples) training examples: measure smaller ones"
        case .branchDiverged(let batch, let rate):
            "a run with the recipe's batch of \(batch) at the rate \(Float(rate)) diverged: branches are compared with it, so lower the rate (--set learning-rate)"
        }
    }
}
