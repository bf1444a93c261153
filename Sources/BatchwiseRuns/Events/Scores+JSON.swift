import Batchwise
import Foundations

// The scores of an evaluation as JSON. Scores that are not known are null.

extension Evaluation {
    /// The scores; nil where none were computed.
    ///
    /// - Parameter names: the names of the classes or amounts, to stand with each; empty for none.
    package func scores(names: [String] = []) -> JSON? {
        classification.map { .object($0.entries(names)) } ?? regression.map { .object($0.entries(names)) }
    }
}

extension ClassificationScores {
    fileprivate func entries(_ names: [String]) -> [(key: String, value: JSON)] {
        var entries: [(key: String, value: JSON)] = []
        let numbers: [(String, Double?)] = [
            ("commonest_share", commonestShare), ("balanced_accuracy", balancedAccuracy), ("f1", f1),
            ("macro_f1", macroF1), ("log_loss", logLoss), ("roc_auc", rocAUC), ("average_precision", averagePrecision),
        ]
        for (key, value) in numbers { entries.append((key, JSON(value))) }
        entries.append(
            (
                "classes",
                classes.map { classes in
                    .array(
                        classes.enumerated().map { place, score in
                            .object(
                                name(place, names) + [
                                    ("precision", JSON(score.precision)), ("recall", JSON(score.recall)),
                                    ("f1", JSON(score.f1)), ("examples", .int(score.examples)),
                                ])
                        })
                } ?? .null
            ))
        entries.append(
            ("confusion", confusion.map { .array($0.map { .array($0.map { .int($0) }) }) } ?? .null))
        entries.append(
            (
                "mistakes",
                mistakes.map { mistakes in
                    .array(
                        mistakes.map {
                            .object([
                                ("label", .int($0.label)), ("predicted", .int($0.predicted)),
                                ("examples", .int($0.examples)),
                            ])
                        })
                } ?? .null
            ))
        return entries
    }
}

extension RegressionScores {
    fileprivate func entries(_ names: [String]) -> [(key: String, value: JSON)] {
        all.entries + [
            ("targets", .array(targets.enumerated().map { .object(name($0, names) + $1.entries) }))
        ]
    }
}

extension RegressionScores.Scores {
    fileprivate var entries: [(key: String, value: JSON)] {
        [("r2", JSON(r2)), ("mae", JSON(mae)), ("rmse", JSON(rmse)), ("median_error", JSON(medianError))]
    }
}

private func name(_ place: Int, _ names: [String]) -> [(key: String, value: JSON)] {
    place < names.count ? [("name", .string(names[place]))] : []
}
