import Batchwise
import BatchwiseData
import BatchwiseRuns

/// A value of a metric at which the cells of a sweep stop: `test_accuracy=0.97`.
package struct SweepGoal: Sendable, Hashable {
    /// A number of an evaluation; an accuracy is to rise, the others to fall.
    package enum Measure: String, Sendable, Hashable, CaseIterable { case loss, accuracy, rmse }

    package let part: RunEvent.Evaluated.Part
    package let measure: Measure
    package let value: Double

    package init(_ part: RunEvent.Evaluated.Part, _ measure: Measure, _ value: Double) {
        self.part = part
        self.measure = measure
        self.value = value
    }

    /// Reads `test_accuracy=0.97`.
    package init(_ text: String) throws(SweepError) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let words = halves[0].split(separator: "_", maxSplits: 1).map(String.init)
        guard halves.count == 2, words.count == 2, let part = RunEvent.Evaluated.Part(rawValue: words[0]),
            let measure = Measure(rawValue: words[1]), let value = Double(halves[1]), value.isFinite
        else {
            throw .notation(
                "--goal \(text.prefix(60)): expected train, validation or test, _, loss, accuracy or rmse, = and a "
                    + "number, for example test_accuracy=0.97")
        }
        guard measure == .accuracy ? (0...1).contains(value) : value >= 0 else {
            throw .notation(
                "--goal \(text.prefix(60)): expected a number "
                    + (measure == .accuracy ? "from 0 to 1 (0.97 is 97%)" : "of at least 0"))
        }
        self.init(part, measure, value)
    }

    /// The metric as results name it: `test_accuracy`.
    package var metric: String { "\(part.rawValue)_\(measure.rawValue)" }
    /// The goal as it is written: `test_accuracy=0.97`.
    package var text: String { "\(metric)=\(value)" }

    package func isReached(by evaluation: Evaluation) -> Bool {
        guard let found = measure.value(of: evaluation) else { return false }
        return measure == .accuracy ? found >= value : found <= value
    }

    /// Throws where the data have no such examples, or no such metric.
    package func require(in data: LoadedData) throws(SweepError) {
        let examples =
            switch part {
            case .train: data.train as Dataset?
            case .validation: data.validation
            case .test: data.test
            }
        guard let examples else {
            throw .goal(
                "--goal \(metric): there are no \(part.rawValue) examples; data.split.\(part.rawValue): 0.2 keeps some")
        }
        let isClassification = examples.classCount != nil
        guard measure == .loss || (measure == .accuracy) == isClassification else {
            throw .goal(
                "--goal \(metric): the targets are \(isClassification ? "classes, which have an accuracy" : "numbers, which have an rmse")"
            )
        }
    }
}

extension SweepGoal.Measure {
    func value(of evaluation: Evaluation) -> Double? {
        switch self {
        case .loss: evaluation.loss
        case .accuracy: evaluation.accuracy
        case .rmse: evaluation.rmse
        }
    }
}
