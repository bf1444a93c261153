import Batchwise
import BatchwiseExperiments
import Foundation
import Foundations

extension Advice {
    /// A sentence for each key that was chosen.
    var reasons: [String] {
        let estimate = noise.noise.estimate
        var reasons = [
            "batch.size \(setting.batch): an update takes \(shortTime(secondsPerUpdate)), and the noise scale is "
                + "\(estimate.shown) after \(counted(noiseAfter, "update"))",
            "learning-rate \(significant(setting.rate)): "
                + rates.map {
                    "the largest stable rate of batches of \($0.reference.batch) is \(significant($0.reference.median))"
                }
                .joined(separator: ", "),
        ]
        if setting.hasWarmup { reasons.append("warmup: the first twentieth of the updates") }
        reasons.append(
            compared.chosen == nil
                ? "epochs \(setting.epochs): as much progress as the recipe's epochs with its own batch, by 1 + B / noise scale"
                : "all of them: \(comparison)")
        return reasons
    }

    /// A sentence about the trainings that decided.
    private var comparison: String {
        let trials = compared.trials.count
        let judges =
            goal.map { "by the seconds to \($0.text)" }
            ?? (compared.keptBack > 0
                ? "by \(counted(compared.keptBack, "training example")) that were kept back"
                : "by the validation examples")
        var text = "\(counted(trials, "setting")) were trained and compared \(judges)"
        if compared.share < 1 { text += ", over \(percent(compared.share)) of their epochs" }
        if compared.stableSeeds > 0 { text += "; none of \(compared.stableSeeds) seeds diverged at this one" }
        return text
    }

    /// Whether batches from half to four times the advised one cost little.
    private var batchHardlyMatters: Bool { ifWrong.count == 3 && ifWrong.allSatisfy { abs($0.cost) < 0.15 } }

    func text(of source: String, written: String?) -> String {
        var lines = [
            "advice for \(source), after \(shownTime(seconds)) of measurements", "",
            "  batch.size     \(setting.batch)", "  learning-rate  \(significant(setting.rate))",
            "  warmup         \(warmupUpdates > 0 ? counted(warmupUpdates, "update") : "none")",
            "  epochs         \(setting.epochs), about \(predictedSeconds < 1 ? shortTime(predictedSeconds) : shownTime(predictedSeconds))",
            "  micro-batch    \(plan.microBatch) on \(counted(plan.workers, "worker"))", "",
        ]
        lines += reasons.flatMap { wrapped($0, width: 78).enumerated().map { ($0 == 0 ? "" : "  ") + $1 } }
        if !compared.trials.isEmpty { lines += [""] + table }
        if setting.batch == measured.batch, !ifWrong.isEmpty {
            lines += ["", "time to the same loss with another batch, by T(B) and the noise scale:"]
            lines.append("  " + ifWrong.map { "\($0.batch): +\(percent(max($0.cost, 0)))" }.joined(separator: ", "))
        } else if !ifWrong.isEmpty {
            let text =
                "By T(B) and the noise scale alone, batches of \(measured.batch) take the least time to the same loss."
            lines += [""] + wrapped(text, width: 78)
        }
        if setting.batch == measured.batch, batchHardlyMatters { lines.append("The batch hardly matters here.") }
        lines += precision.flatMap { wrapped($0, width: 78) }
        lines += warnings.flatMap { wrapped($0, width: 78) }
        lines.append("")
        if let written {
            lines.append("\(written) is written; train it with: batchwise train \(shellQuoted(written))")
        } else {
            lines.append("--write recipe.yaml writes the recipe.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A sentence where bfloat16 would be faster: it is not advised, for not every machine has it.
    private var precision: [String] {
        guard let other = compared.otherPrecision, let loss = other.trial?.loss, let chosen = compared.chosen?.loss
        else { return [] }
        return [
            String(
                format:
                    "precision bfloat16 would be %.2g times as fast here, with a loss of %.4g in place of %.4g; not "
                    + "every processor has it.", other.speed, loss.mean, chosen.mean)
        ]
    }

    private var warnings: [String] {
        var lines: [String] = []
        if let needed = compared.neededBudget {
            let budget = "--budget \(Int((needed / 60).rounded(.up)))min"
            lines.append(
                compared.trials.isEmpty
                    ? "Not enough evidence: there was no time to compare settings by training. Give \(budget)."
                    : "Settings were compared over a part of their length. \(budget) compares whole trainings.")
        } else if compared.chosen == nil {
            lines.append("No training of any setting succeeded: this is by the measurements alone.")
        } else if !compared.isSettled {
            lines.append("The search was not over: a longer --budget may find a better setting.")
        }
        if noise.noise.estimate.verdict == .atLeast {
            lines.append("The noise scale has no upper end yet: its lower end stands for it.")
        }
        if throughput.rows.contains(where: \.speed.isRough) {
            lines.append("The machine was busy: the times are rough.")
        }
        return lines
    }

    /// The best settings, that of the recipe, and the advised one.
    private var shownTrials: [Trial] {
        let marked = [compared.own, compared.chosen].compactMap { $0?.setting }
        return compared.trials.enumerated().filter { $0 < 5 || marked.contains($1.setting) }.map(\.1)
    }

    private var table: [String] {
        let isClassification = compared.trials.contains { $0.results.contains { $0.evaluation?.accuracy != nil } }
        let metric = isClassification ? "accuracy" : "rmse"
        let header = ["batch", "rate", "epochs", "training", metric, goal == nil ? "loss" : "to goal", ""]
        let rows = shownTrials.map { trial -> [String] in
            let setting = trial.setting
            let error = trial.error.map { isClassification ? percent(1 - $0.mean) : significant($0.mean) }
            let loss = trial.loss.map { loss in
                String(format: "%.4g +- %.1g", loss.mean, (loss.variance / Double(loss.count)).squareRoot())
            }
            let toGoal = trial.secondsToGoal.map { shortTime($0.mean) } ?? "longer"
            var marks: [String] = []
            if setting.hasWarmup { marks.append("warmup") }
            if setting == compared.own?.setting { marks.append("recipe") }
            if setting == compared.chosen?.setting { marks.append("advised") }
            return [
                "\(setting.batch)", String(format: "%.3g", setting.rate), "\(setting.epochs)", shortTime(trial.seconds),
                error ?? (trial.isDiverged ? "diverged" : "-"), goal == nil ? loss ?? "-" : toGoal,
                marks.joined(separator: ", "),
            ]
        }
        return Columns(header: header, rows: rows).lines
    }
}
