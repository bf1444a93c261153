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
        lines += edges.flatMap { wrapped($0) } + shapeLines
        lines += (criticalText + [rateNote].compactMap { $0 }).flatMap { wrapped($0) } + predictionLines
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
        header.append(hasTest ? "test \(kind)" : hasValidation ? "valid. \(kind)" : "train loss")
        if hasTest { header.append("gap") }
        let rows = settings.map { setting in
            func shown(_ number: Double?) -> String { number.map(short) ?? "-" }
            let isReached = isGoal && !setting.reached.isEmpty
            var row = [
                setting.label, setting.statusText,
                shown(isReached ? setting.updatesToGoal : setting.mean { Double($0.updates) }),
                shown(isReached ? setting.examplesToGoal : setting.examples),
                (isReached ? setting.secondsToGoal : setting.mean(\.seconds)).map(shortTime) ?? "-",
            ]
            if hasTest || hasValidation {
                let metric = setting.metric(hasTest ? \.test : \.validation)
                row.append(metric.map { isClassification ? percent($0) : brief($0) } ?? "-")
            } else {
                row.append(setting.mean(\.trainLoss).map(brief) ?? "-")
            }
            if hasTest { row.append(setting.gap.map { String(format: "%.2g", $0) } ?? "-") }
            return row
        }
        return fitted(header, rows)
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
        let note = criticalBatchNote.map { [$0] } ?? []
        guard let found = criticalBatch, let value = found.value, let low = found.low, let high = found.high else {
            return note
        }
        return [
            "The critical batch is \(significant(value.rounded())) (95%: \(significant(low.rounded())) to "
                + "\(significant(high.rounded()))).",
            "Fitted updates: \(brief(found.leastUpdates)) (1 + (\(brief(value)) / B)^a)^(1 / a) with a = "
                + "\(brief(found.exponent)).",
        ] + note
    }

    private var bestText: String {
        guard let best else { return "No setting was trained with all its seeds." }
        let run = best.cells[0].cell.folder
        let reason =
            if let seconds = best.secondsToGoal {
                "it reaches the goal in \(shortTime(seconds))"
                    + (best.reached.count < sweep.seeds ? " with \(best.reached.count) of \(sweep.seeds) seeds" : "")
            } else if sweep.goal != nil {
                "no run reached the goal"
            } else {
                "by \(best.metric(\.validation) != nil ? "validation" : best.metric(\.test) != nil ? "test" : "train") examples"
            }
        return "Best: \(best.label), \(reason). Its recipe: \(shellQuoted("\(directory)/\(run)/recipe.yaml"))"
    }
}

/// The lines of a table of settings. Settings that are too long for 80 columns stand on lines of their own.
func fitted(_ header: [String], _ rows: [[String]]) -> [String] {
    let lines = Columns(header: header, rows: rows).lines
    guard lines.contains(where: { $0.count > 80 }) else { return lines }
    let numbers = Columns(header: [""] + header.dropFirst(), rows: rows.map { [""] + $0.dropFirst() }).lines
    return [numbers[0]] + zip(rows, numbers.dropFirst()).flatMap { wrapped($0[0]) + [$1] }
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
    var label: String { cells[0].label }

    /// The status of all seeds, or how many were trained to their goal or their end.
    fileprivate var statusText: String {
        let first = cells[0].outcome.status
        if cells.allSatisfy({ $0.outcome.status == first }) { return first.rawValue }
        let trained = cells.filter(\.isTrained).count
        let reached = reached.count
        return reached > 0 ? "goal \(reached) of \(cells.count)" : "\(trained) of \(cells.count)"
    }

    /// The mean accuracy, or error of regression, on a part of the data.
    fileprivate func metric(_ part: KeyPath<CellOutcome, Evaluation?>) -> Double? {
        mean { $0[keyPath: part].flatMap { $0.accuracy ?? $0.rmse } }
    }
}

/// Three digits that matter.
func brief(_ value: Double) -> String { String(format: "%.3g", value) }

/// The words of a text on lines of at most 80 columns; those after the first are indented.
func wrapped(_ text: String) -> [String] {
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
