import Foundation

/// The result of comparing a model's predictions with the targets of a data set. Every example counts once, by its
/// weight.
public struct Evaluation: Sendable, Hashable, Codable {
    /// The number of examples.
    public var examples: Int
    /// The weighted mean loss.
    public var loss: Double
    /// The weighted share of right predictions; nil for regression.
    public var accuracy: Double?
    /// The root of the mean squared error in the unit of the targets, over all outputs together; nil for
    /// classification.
    public var rmse: Double?
    /// The counts of each class, in the order of the data's class names; nil where the targets are not classes.
    public var classCounts: [ClassCount]?
    /// The metrics that were asked for, by name; nil where none were. A metric without a value is left out.
    public var metrics: [String: Double]?
    /// The scores of predicted classes that were asked for; nil where none were, or amounts are predicted.
    public var classification: ClassificationScores?
    /// The scores of predicted amounts; nil where they were not asked for, or classes are predicted.
    public var regression: RegressionScores?

    /// A result from its numbers; the library makes one with `Model.evaluate(_:metrics:machine:)`.
    public init(
        examples: Int, loss: Double, accuracy: Double? = nil, rmse: Double? = nil, classCounts: [ClassCount]? = nil,
        metrics: [String: Double]? = nil, classification: ClassificationScores? = nil,
        regression: RegressionScores? = nil
    ) {
        self.examples = examples
        self.loss = loss
        self.accuracy = accuracy
        self.rmse = rmse
        self.classCounts = classCounts
        self.metrics = metrics
        self.classification = classification
        self.regression = regression
    }

    /// The counts of one class, in which every example counts once.
    public struct ClassCount: Sendable, Hashable, Codable {
        /// The number of examples of the class.
        public var total = 0
        /// The number of examples of the class that were predicted as it.
        public var right = 0
        /// The number of examples of any class that were predicted as this one.
        public var predicted = 0
    }
}

extension Model {
    /// Compares the model's predictions with the targets of `data`, by its loss and by metrics of the program's own.
    ///
    /// Numbers are compared in their own unit, whichever moments `data` was standardised by.
    ///
    /// - Parameter scores: the scores to compute beside loss and accuracy, such as `.all`.
    public func evaluate(
        _ data: Dataset, metrics: [any Metric] = [], scores parts: ScoreParts = [], machine: Machine = Machine()
    ) throws -> Evaluation {
        let data = data.standardised(by: targetMoments)
        let loss = try recipe.completed(for: data).loss ?? .meanSquaredError()
        let (outputs, targetWidth) = try BatchSource.widths(data, loss)
        guard outputs == self.outputs else {
            throw PlanError.mismatch("the model gives \(self.outputs) outputs and the data has targets for \(outputs)")
        }
        let inference = try Inference(
            ForwardModel(self), data: data, loss: (loss, targetWidth), workers: machine.threads ?? machine.cores)
        var result = Evaluation(examples: data.count, loss: 0)
        var weights = 0.0
        var right = 0.0
        var squares = 0.0
        var spread: Float = 1
        if case .values(_, _, _, let deviations) = data.targets { spread = deviations.first ?? 1 }
        var counts: [Evaluation.ClassCount] = []
        var labels: [Int32] = []
        if case .classes(let classes, let names) = data.targets {
            labels = classes
            counts = Array(repeating: Evaluation.ClassCount(), count: names.count)
        }
        var totals = metrics.map(\.totals)
        var predicted: [Int32] = []
        try inference.forEachExample { example, found in
            if !labels.isEmpty {
                let label = Int(labels[example])
                counts[label].total += 1
                if found.right > 0 { counts[label].right += 1 }
                counts[found.place].predicted += 1
                if parts.contains(.confusion) { predicted.append(Int32(found.place)) }
            }
            let weight = data.weights.map { Double($0[example]) } ?? 1
            weights += weight
            result.loss += weight * Double(found.loss)
            right += weight * Double(found.right)
            squares += weight * found.squaredError
            guard !totals.isEmpty, let target = data.target(of: example) else { return }
            for place in totals.indices {
                totals[place].add(inference.predictions(of: example).span, target, weight: weight)
            }
        }
        let examples = ScoredExamples(
            count: data.count, predictions: inference.predictions(of:),
            weight: { example in data.weights.map { Double($0[example]) } ?? 1 })
        if !labels.isEmpty {
            result.classification = examples.scores(
                parts, labels: labels, predicted: predicted, classes: counts.count, outputs: self.outputs,
                hasProbabilities: loss.hasProbabilities)
        } else if !loss.isClassification, case .values(let values, _, let means, let deviations) = data.targets {
            result.regression = examples.scores(parts, values: values, means: means, deviations: deviations)
        }
        if !totals.isEmpty {
            result.metrics = [:]
            for total in totals { result.metrics?[total.name] = total.value }
        }
        if !labels.isEmpty { result.classCounts = counts }
        result.loss = weights > 0 ? result.loss / weights : 0
        if loss.isClassification {
            result.accuracy = weights > 0 ? right / weights : 0
        } else {
            result.rmse = weights > 0 ? (squares / weights).squareRoot() * Double(spread) : 0
        }
        return result
    }

    /// The model's outputs for every example, row by row: logits for classes, numbers in the unit of the targets for
    /// regression.
    public func outputs(for data: Dataset, machine: Machine = Machine()) throws -> [Float] {
        let outputs = try Inference(
            ForwardModel(self), data: data, loss: nil, workers: machine.threads ?? machine.cores
        ).predictions()
        return targetMoments.map { $0.restored(outputs) } ?? outputs
    }

    /// The probability of every class for every example, row by row.
    ///
    /// - Throws: `PredictionError.noClasses` for a model that predicts numbers.
    public func probabilities(for data: Dataset, machine: Machine = Machine()) throws -> [Float] {
        try Predictor(self, machine: machine).probabilities(for: data)
    }
}
