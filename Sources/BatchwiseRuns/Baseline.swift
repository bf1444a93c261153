import Batchwise
import Foundation

/// The answer that needs no features: the mean of the training targets, or their commonest class.
struct Baseline {
    private enum Answer {
        /// The probability of each class, and the commonest one.
        case classes([Double], commonest: Int, name: String)
        /// The mean of each value, in units of the standardised targets.
        case values([Double])
    }

    private let answer: Answer

    /// Fits the answer to training examples, by their weights; nil where they have no targets.
    init?(_ train: Dataset) {
        let weights = train.weights?.map { Double($0) } ?? [Double](repeating: 1, count: train.count)
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        switch train.targets {
        case .none: return nil
        case .classes(let classes, let names):
            var shares = [Double](repeating: 0, count: names.count)
            for (row, place) in classes.enumerated() { shares[Int(place)] += weights[row] / total }
            let commonest = shares.indices.max { (shares[$0], $1) < (shares[$1], $0) } ?? 0
            answer = .classes(shares, commonest: commonest, name: names[commonest])
        case .values(let values, let width, _, _):
            var means = [Double](repeating: 0, count: width)
            for (at, value) in values.enumerated() { means[at % width] += weights[at / width] * Double(value) / total }
            answer = .values(means)
        }
    }

    /// Says that a model is no better than the answer without features on these examples; nil where it is better.
    func notice(on examples: Dataset, _ found: Evaluation, isCrossEntropy: Bool, part: String) -> String? {
        let weights = examples.weights?.map { Double($0) } ?? [Double](repeating: 1, count: examples.count)
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        let advice =
            ": look for columns that say more about the target, extreme values (clip, data.columns: log), and try more "
            + "epochs or another learning-rate"
        switch (answer, examples.targets) {
        case (.classes(let shares, let commonest, let name), .classes(let classes, _)):
            var (loss, right) = (0.0, 0.0)
            for (row, place) in classes.enumerated() {
                loss -= weights[row] * log(max(shares[Int(place)], 1e-12)) / total
                if Int(place) == commonest { right += weights[row] / total }
            }
            guard let accuracy = found.accuracy, accuracy <= right + 1e-12, !isCrossEntropy || found.loss >= 0.99 * loss
            else { return nil }
            return "the model is no better than always answering \"\(name)\" (\(part) accuracy "
                + "\(percent(accuracy)), and \(percent(right)) without any features)" + advice
        case (.values(let means), .values(let values, 1, _, let deviations)):
            guard let rmse = found.rmse else { return nil }
            var square = 0.0
            for (at, value) in values.enumerated() {
                let distance = (Double(value) - means[0]) * Double(deviations[0])
                square += weights[at] * distance * distance / total
            }
            let without = square.squareRoot()
            guard rmse >= 0.99 * without else { return nil }
            return "the model is no better than always answering the mean (\(part) rmse \(number(rmse)), and "
                + "\(number(without)) without any features)" + advice
        default: return nil
        }
    }

    private func percent(_ share: Double) -> String { String(format: "%.1f%%", 100 * share) }
    private func number(_ value: Double) -> String { String(format: "%.4g", value) }
}
