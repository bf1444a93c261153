import BatchwiseRuns
import Foundations

// The end of `batchwise train --folds`.

extension CrossValidation {
    func json(run: String) -> JSON {
        func json(_ spread: Spread?) -> JSON {
            spread.map { .object([("mean", .number($0.mean)), ("deviation", .number($0.deviation))]) } ?? .null
        }
        return .object([
            ("folds", .array(folds.map(\.json))), ("test_loss", json(testLoss)),
            isClassification
                ? ("test_accuracy", json(testAccuracy))
                : ("test_rmse", json(testRMSE)),
            ("run", .string(run)),
        ])
    }

    /// The result for people: a line for each fold, and one for all.
    func text(run: String) -> String {
        var lines = folds.enumerated().map { "fold \($0 + 1): \($1.test?.text(prefix: "test ") ?? "not tested")" }
        var results: [String] = []
        func add(_ name: String, _ spread: Spread?, _ shown: (Double) -> String) {
            guard let spread else { return }
            results.append("\(name) \(shown(spread.mean)) +- \(shown(spread.deviation))")
        }
        add("test loss", testLoss, significant)
        if isClassification {
            add("test accuracy", testAccuracy, percent)
        } else {
            add("test rmse", testRMSE, significant)
        }
        lines.append("\(folds.count) folds: " + results.joined(separator: ", "))
        lines.append("models: \(run)/fold-1 to fold-\(folds.count)")
        return lines.joined(separator: "\n") + "\n"
    }
}
