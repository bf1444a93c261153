import Batchwise
import BatchwiseExperiments
import Foundation
import Foundations

// The end of `batchwise sweep` for people: a table, and sentences.

extension SweepResult {
    var text: String {
        var lines = table
        lines += ["", goalText].compactMap { $0 }
        lines += troubles.prefix(Self.mostTroubles).flatMap { wrapped($0) }
        if troubles.count > Self.mostTroubles {
            lines.append(
                "And \(counted(troubles.count - Self.mostTroubles, "cell")) more: see \(directory)/sweep.json.")
        }
        lines += edges.flatMap { wrapped($0) }
        lines += criticalText.flatMap { wrapped($0) }
        lines += wrapped(bestText)
        return lines.joined(separator: "\n") + "\n"
    }

    private static let mostTroubles = 20

    // MARK: The table

    private var table: [String] {
        let isGoal = sweep.goal != nil
        var header = ["settings", "status", "updates", "examples", "time"]
        let hasTest = settings.contains { $0.metric(\.test) != nil }
        let hasValidation = settings.contains { $0.metric(\.validation) != nil }
        let isClassification = cells.contains { $0.outcome.isClassification }
        let kind = isClassification ? "acc." : "rmse"
        header.append("train loss")
        if hasTest { header.append("test \(kind)") } else if hasValidation { header.append("valid. \(kind)") }
        if hasTest { header.append("gap") }
        var rows = settings.map { setting in
            func shown(_ number: Double?) -> String { number.map(short) ?? "-" }
            let isReached = isGoal && !setting.reached.isEmpty
            var row = [
                setting.label, setting.statusText,
                shown(isReached ? setting.updatesToGoal : setting.mean { Double($0.updates) }),
                shown(isReached ? setting.examplesToGoal : setting.examples),
                (isReached ? setting.secondsToGoal : setting.mean(\.seconds)).map(shownTime) ?? "-",
                setting.mean(\.trainLoss).map(brief) ?? "-",
            ]
            if hasTest || hasValidation {
                let metric = setting.metric(hasTest ? \.test : \.validation)
                row.append(metric.map { isClassification ? percent($0) : brief($0) } ?? "-")
            }
            if hasTest { row.append(setting.gap.map(brief) ?? "-") }
            return row
        }
        // the settings take what the numbers leave of 80 columns
        let others = (1..<header.count).reduce(0) { sum, column in
            sum + 2 + ([header] + rows).reduce(0) { max($0, $1[column].count) }
        }
        let width = max(10, 80 - others)
        for place in rows.indices where rows[place][0].count > width {
            rows[place][0] = rows[place][0].prefix(width - 3) + "..."
        }
        return Columns(header: header, rows: rows).lines
    }

    private var goalText: String? {
        guard let goal = sweep.goal else { return nil }
        return "Updates, examples and time are those to \(goal.text), where it was reached."
    }

    // MARK: Sentences

    /// A sentence for each cell that was not trained to its end or its goal.
    private var troubles: [String] {
        cells.compactMap { cell in
            guard let reason = cell.outcome.reason else { return nil }
            return "\(cell.label), seed \(cell.cell.seed): \(cell.outcome.status.rawValue): \(reason)"
        }
    }

    private var edges: [String] {
        rates.compactMap { rate in
            let cell = cells.first { $0.cell.number == rate.number && $0.cell.rateStep == rate.step }
            guard let cell else { return "No rate that was tried trains the settings of cell \(rate.number)." }
            return rate.isAtEdge
                ? "\(cell.label): the best rate is at the edge of those that were tried: a better one may lie beyond."
                : nil
        }
    }

    private var criticalText: [String] {
        guard let found = criticalBatch, let value = found.value, let low = found.low, let high = found.high else {
            return criticalBatchNote.map { [$0] } ?? []
        }
        return [
            "The critical batch is \(significant(value.rounded())) (95%: \(significant(low.rounded())) to "
                + "\(significant(high.rounded()))): U(B) = \(brief(found.leastUpdates)) (1 + (\(brief(value)) / B)^a)^(1 / a), "
                + "a = \(brief(found.exponent))."
        ]
    }

    private var bestText: String {
        guard let best else { return "No setting was trained with all its seeds." }
        let run = best.cells[0].cell.folder
        let reason =
            if let seconds = best.secondsToGoal {
                "it reaches the goal in \(shownTime(seconds))"
                    + (best.reached.count < sweep.seeds ? " with \(best.reached.count) of \(sweep.seeds) seeds" : "")
            } else if sweep.goal != nil {
                "no run reached the goal"
            } else {
                "by \(best.metric(\.validation) != nil ? "validation" : best.metric(\.test) != nil ? "test" : "train") examples"
            }
        return "Best: \(best.label), \(reason). Its recipe: \(shellQuoted("\(directory)/\(run)/recipe.yaml"))"
    }
}

extension TrainedCell {
    /// The settings in few words: size 8, base 0.1.
    fileprivate var label: String {
        let parts = settings.map { "\($0.key.split(separator: ".").last ?? "") \(shown($0.value))" }
        return parts.isEmpty ? "as it is" : parts.joined(separator: ", ")
    }

    private func shown(_ value: RecipeValue) -> String {
        if case .double(let number) = value { brief(number) } else { value.shown }
    }
}

extension SettingResult {
    fileprivate var label: String { cells[0].label }

    /// The status of all seeds, or how many have each.
    fileprivate var statusText: String {
        let counts = Dictionary(grouping: cells, by: \.outcome.status).mapValues(\.count)
        let sorted = counts.sorted { $0.key.rawValue < $1.key.rawValue }
        return sorted.map { counts.count == 1 ? $0.key.rawValue : "\($0.value) \($0.key.rawValue)" }
            .joined(separator: ", ")
    }

    /// The mean accuracy, or error of regression, on a part of the data.
    fileprivate func metric(_ part: KeyPath<CellOutcome, Evaluation?>) -> Double? {
        mean { $0[keyPath: part].flatMap { $0.accuracy ?? $0.rmse } }
    }
}

/// Three digits that matter.
private func brief(_ value: Double) -> String { String(format: "%.3g", value) }

/// The words of a text on lines of at most 80 columns; those after the first are indented.
private func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if line.count + word.count + 1 > 80, !line.trimming(" ").isEmpty {
            lines.append(line)
            line = "  "
        }
        line += line.isEmpty || line == "  " ? word : " " + word
    }
    return lines + [line]
}
