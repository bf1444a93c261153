import Batchwise
import BatchwiseData

extension LearningRate {
    /// The metric that a rate with cuts on plateaus follows in a run on this data, in words; nil for other rates.
    ///
    /// Throws where the rate needs validation examples and there are none: test examples never steer a run.
    package func plateauNotice(_ data: LoadedData) throws(RecipeError) -> String? {
        guard case .plateau(let plateau) = decay else { return nil }
        switch plateau.metric {
        case .trainLoss: return "the learning rate falls when the training loss of epochs stops falling"
        case nil where data.validation == nil:
            return
                "the learning rate falls when the training loss of epochs stops falling, for there are no validation "
                + "examples: data.split.validation: 0.1 keeps some"
        case let metric:
            guard data.validation != nil else {
                throw .value(
                    at: "learning-rate.decay.plateau.metric",
                    expected: "train-loss, or data.split.validation: 0.1, as there are no validation examples",
                    found: plateau.metric?.rawValue ?? "")
            }
            let name = (metric ?? .validationLoss).rawValue.replacing("-", with: " ")
            return
                "the learning rate falls when the \(name) stops \(metric?.isBetterLarger == true ? "rising" : "falling")"
        }
    }
}
