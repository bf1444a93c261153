import Foundation

/// What the folds of `batchwise train --folds` came to.
struct CrossValidation {
    var folds: [TrainingSummary] = []

    /// The mean of the folds' results, and their standard deviation: the root of the sum of squares over n - 1.
    struct Spread {
        let mean: Double
        let deviation: Double

        init?(_ values: [Double?]) {
            let values = values.compactMap { $0 }
            guard values.count > 1 else { return nil }
            mean = values.reduce(0, +) / Double(values.count)
            let center = mean
            let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
            deviation = (squares / Double(values.count - 1)).squareRoot()
        }
    }

    private var isClassification: Bool { folds.first?.isClassification ?? false }

    func json(run: String) -> JSON {
        func json(_ spread: Spread?) -> JSON {
            spread.map { .object([("mean", .number($0.mean)), ("deviation", .number($0.deviation))]) } ?? .null
        }
        return .object([
            ("folds", .array(folds.map(\.json))), ("test_loss", json(Spread(folds.map(\.test?.loss)))),
            isClassification
                ? ("test_accuracy", json(Spread(folds.map(\.test?.accuracy))))
                : ("test_rmse", json(Spread(folds.map(\.test?.rmse)))),
            ("run", .string(run)),
        ])
    }

    /// For people: a line a fold, and one for all.
    func text(run: String) -> String {
        var lines = folds.enumerated().map { "fold \($0 + 1): \($1.test?.text(prefix: "test ") ?? "not tested")" }
        var results: [String] = []
        func add(_ name: String, _ values: [Double?], _ shown: (Double) -> String) {
            guard let spread = Spread(values) else { return }
            results.append("\(name) \(shown(spread.mean)) +- \(shown(spread.deviation))")
        }
        add("test loss", folds.map(\.test?.loss), significant)
        if isClassification {
            add("test accuracy", folds.map(\.test?.accuracy), percent)
        } else {
            add("test rmse", folds.map(\.test?.rmse), significant)
        }
        lines.append("\(folds.count) folds: " + results.joined(separator: ", "))
        lines.append("models: \(run)/fold-1 to fold-\(folds.count)")
        return lines.joined(separator: "\n") + "\n"
    }
}
