import Batchwise
import Foundation
import Foundations

// The scores of an evaluation for people, in lines of at most 80 columns.

extension Evaluation {
    /// The most telling scores, the first line beginning in the middle of a line; none where there are no scores.
    func scoreLines(names: [String]) -> [String] {
        if let classification { return classification.lines(names) }
        return regression?.lines(names) ?? []
    }

    /// The confusion matrix of a few classes, or the commonest mistakes.
    func mistakeLines(names: [String]) -> [String] { classification?.mistakeLines(names) ?? [] }
}

extension ClassificationScores {
    /// More classes than this are not shown one by one.
    private static let mostShown = 10
    private static let widest = 16

    fileprivate func lines(_ names: [String]) -> [String] {
        var lines: [String] = []
        var first: [String] = []
        if let commonestShare { first.append("commonest class \(percent(commonestShare))") }
        if let balancedAccuracy { first.append("balanced accuracy \(percent(balancedAccuracy))") }
        if let macroF1 { first.append("macro F1 \(share(macroF1))") }
        var second: [String] = []
        if let logLoss { second.append("log loss \(significant(logLoss))") }
        if let rocAUC { second.append("ROC AUC \(share(rocAUC))") }
        if let averagePrecision { second.append("average precision \(share(averagePrecision))") }
        for part in [first, second] where !part.isEmpty { lines.append(part.joined(separator: ", ")) }
        return lines + classLines(names)
    }

    /// The scores of each class, or of the ones that are predicted worst.
    private func classLines(_ names: [String]) -> [String] {
        guard let classes else { return [] }
        let present = classes.indices.filter { classes[$0].f1 != nil }
        var shown = present
        if present.count > Self.mostShown {
            shown = Array(present.sorted { (classes[$0].f1 ?? 0, $0) < (classes[$1].f1 ?? 0, $1) }.prefix(5))
        }
        let rows = shown.map { place in
            [
                name(place, names), grouped(Double(classes[place].examples)),
                classes[place].precision.map(percent) ?? "-", classes[place].recall.map(percent) ?? "-",
                classes[place].f1.map(share) ?? "-",
            ]
        }
        let first = shown.count < present.count ? "worst classes" : "class"
        return Columns(header: [first, "examples", "precision", "recall", "F1"], rows: rows).lines
    }

    fileprivate func mistakeLines(_ names: [String]) -> [String] {
        if let confusion, confusion.count <= Self.mostShown {
            let shown = confusion.indices.map { name($0, names) }
            let rows = confusion.enumerated().map { place, row in
                [shown[place]] + row.map { grouped(Double($0)) }
            }
            let lines = Columns(header: ["class \\ predicted"] + shown, rows: rows).lines
            if lines.allSatisfy({ $0.count <= 80 }) { return lines }
        }
        guard let mistakes, !mistakes.isEmpty else { return [] }
        return Columns(
            header: ["commonest mistakes", "predicted as", "examples"],
            rows: mistakes.map { [name($0.label, names), name($0.predicted, names), grouped(Double($0.examples))] }
        ).lines
    }

    private func name(_ place: Int, _ names: [String]) -> String {
        escaped(place < names.count ? names[place] : "\(place)", limit: Self.widest)
    }
}

extension RegressionScores {
    fileprivate func lines(_ names: [String]) -> [String] {
        let line = [
            "R2 \(all.r2.map(share) ?? "-")", "MAE \(significant(all.mae))", "rmse \(significant(all.rmse))",
            "median error \(significant(all.medianError))",
        ].joined(separator: ", ")
        guard targets.count > 1 else { return [line] }
        let rows = targets.enumerated().map { place, scores in
            [
                escaped(place < names.count ? names[place] : "\(place)", limit: 24), scores.r2.map(share) ?? "-",
                significant(scores.mae), significant(scores.rmse), significant(scores.medianError),
            ]
        }
        return [line] + Columns(header: ["target", "R2", "MAE", "rmse", "median error"], rows: rows).lines
    }
}

/// 0.91234 as 0.912.
private func share(_ value: Double) -> String { String(format: "%.3f", value) }
