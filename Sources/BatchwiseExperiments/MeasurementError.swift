import Foundations

/// The reason why something cannot be measured: a sentence for a person.
package enum MeasurementError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The data set is too small for the measurement.
    case tooFewExamples(found: Int, needed: Int)
    /// A batch is larger than an epoch.
    case batchBeyondData(batch: Int, examples: Int)
    /// The loss is 0 at every rate.
    case noLoss(batch: Int)
    /// The loss did not diverge at any rate up to this one.
    case noDivergence(batch: Int, rate: Double)
    /// The loss diverged at every rate down to this one.
    case noStableRate(batch: Int, rate: Double)
    /// The data set has not as many examples as the measurement was asked to look at.
    case tooManyExamples(asked: Int, found: Int)
    /// No parameter of the model is trained.
    case nothingTrains
    /// The loss or its gradient is not finite at the parameters; the layer is where it begins.
    case notFinite(layer: String)
    /// A product of the Hessian is not finite.
    case hessianNotFinite
    /// The measurement keeps more vectors of all parameters than the memory holds.
    case tooLarge(bytes: Int, setting: String)
    /// A run at the recipe's own batch and rate diverged.
    case branchDiverged(batch: Int, rate: Double)

    /// The budget is too short for the shortest measurements.
    case budgetTooShort(seconds: Double, needed: Double)
    /// The mean gradient cannot be told from 0.
    case noGradientSeen(updates: Int)
    /// The gradients of all examples are equal.
    case equalGradients
    /// The gradients of all examples are 0.
    case noGradients

    package var description: String {
        switch self {
        case .budgetTooShort(let seconds, let needed):
            "\(Int(seconds)) seconds are not enough for this model: give a budget of "
                + "\(counted(Int(min(needed / 60, 1e9).rounded(.up)), "minute")), or a smaller batch.size"
        case .noGradientSeen(let updates):
            "the mean gradient cannot be told from 0 in \(updates) batches, so that no batch is better than another: give a "
                + "longer budget, or look whether the model can learn these targets"
        case .equalGradients:
            "the gradients of all examples are equal, so that a batch of 1 is as good as any other: look whether the "
                + "examples differ"
        case .noGradients:
            "the gradients of all examples are 0, so that there is nothing to learn: look whether the targets differ, and "
                + "whether the model is trained already"
        case .tooFewExamples(let found, let needed):
            "the training set has \(counted(found, "example")), and this measurement compares at least \(needed)"
        case .batchBeyondData(let batch, let examples):
            "a batch of \(batch) is more than the \(counted(examples, "training example")): measure smaller ones"
        case .branchDiverged(let batch, let rate):
            "a run with the recipe's batch of \(batch) at the rate \(Float(rate)) diverged: branches are compared with it, so lower the rate (--set learning-rate)"
        case .noLoss(let batch):
            "batches of \(batch): the loss is 0 at every rate, so that there is nothing to learn: look whether the targets "
                + "differ"
        case .noDivergence(let batch, let rate):
            "batches of \(batch): the loss diverged at no rate up to \(Float(rate)), so no largest stable rate is known. "
                + "Parameters that no update changes show this, where all are frozen or the loss is 0"
        case .noStableRate(let batch, let rate) where rate < 1e-12:
            "batches of \(batch): losses jump from batch to batch even at rates that change nothing, so no largest stable "
                + "rate is seen. Look for extreme values in the data, or measure larger batches"
        case .noStableRate(let batch, let rate):
            "batches of \(batch): the loss diverged at every rate down to \(Float(rate)). "
                + "Look for extreme values in the data, or standardise the features"
        case .tooManyExamples(let asked, let found):
            "\(counted(asked, "example")) \(asked == 1 ? "is" : "are") asked for, and the training set has \(found): ask for "
                + "at most as many"
        case .nothingTrains:
            "no parameter of the model is trained: leave out groups with freeze, or frozen: true of some layers"
        case .notFinite(let layer):
            "the loss or its gradient is not finite at these parameters, from layer \(layer) on: look for extreme values "
                + "in the data, or measure after a training that does not diverge"
        case .hessianNotFinite:
            "the Hessian of the loss is not finite at these parameters: measure others"
        case .tooLarge(let bytes, let setting):
            "the measurement needs \(byteText(bytes)) for vectors of all parameters: use a smaller \(setting)"
        }
    }
}

/// "1 example", "2 examples".
private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
