import Batchwise
import BatchwiseExperiments
import Foundation
import Foundations

extension Advice {
    /// A sentence for each key that was chosen.
    var reasons: [String] {
        let estimate = noise.noise.estimate
        let rate = rates[rates.count - 1]
        let ratePart = String(format: "%.2g", learningRate / rate.reference.median)
        var reasons = [
            "batch.size \(batch): an update takes \(shortTime(secondsPerUpdate)), and the noise scale is "
                + "\(estimate.shown) after \(counted(noiseAfter, "update"))",
            "learning-rate \(significant(learningRate)): \(ratePart) of the largest stable rate "
                + "\(significant(rate.reference.median)) of batches of \(batch)",
        ]
        if warmupUpdates > 0 { reasons.append("warmup: a larger batch than the recipe's begins slowly") }
        reasons.append(
            "epochs \(epochs): as much progress as the recipe's epochs with its own batch, by 1 + B / noise scale")
        return reasons
    }

    private var secondsPerUpdate: Double {
        throughput.rows.first { $0.batch == batch }?.speed.secondsPerUpdate ?? 0
    }

    /// Whether batches from half to four times the advised one cost little.
    private var batchHardlyMatters: Bool { ifWrong.count == 3 && ifWrong.allSatisfy { $0.cost < 0.15 } }

    var json: JSON {
        get throws {
            let estimate = noise.noise.estimate
            let rate = rates[rates.count - 1]
            return .object([
                ("batch", .int(batch)), ("learning_rate", .number(learningRate)),
                ("warmup_updates", .int(warmupUpdates)), ("epochs", .int(epochs)),
                ("micro_batch", .int(plan.microBatch)), ("workers", .int(plan.workers)),
                ("predicted_seconds", .number(predictedSeconds)), ("critical_batch", .number(criticalBatch)),
                (
                    "evidence",
                    .array([
                        .object([
                            ("measure", .string("throughput")), ("seconds_per_update", .number(secondsPerUpdate)),
                            ("seconds", JSON(throughput.fit?.seconds)),
                            ("seconds_per_example", JSON(throughput.fit?.secondsPerExample)),
                        ]),
                        .object(
                            [("measure", .string("noise-scale")), ("after_updates", .int(noiseAfter))]
                                + estimate.entries),
                        .object([
                            ("measure", .string("learning-rate")), ("batch", .int(rate.reference.batch)),
                            ("largest_stable", .number(rate.reference.median)),
                            ("low", .number(rate.reference.low)), ("high", .number(rate.reference.high)),
                            ("suggested", .number(learningRate)),
                        ]),
                    ])
                ),
                (
                    "if_wrong",
                    .array(
                        ifWrong.map {
                            .object([
                                ("factor", .number($0.factor)), ("batch", .int($0.batch)), ("cost", .number($0.cost)),
                            ])
                        })
                ),
                ("seconds", .number(seconds)), ("recipe", .string(try recipe.yaml())),
            ])
        }
    }

    func text(of source: String, written: String?) -> String {
        var lines = [
            "advice for \(source) on this machine, after \(shownTime(seconds)) of measurements", "",
            "  batch.size     \(batch)", "  learning-rate  \(significant(learningRate))",
            "  warmup         \(warmupUpdates > 0 ? counted(warmupUpdates, "update") : "none")",
            "  epochs         \(epochs), about \(predictedSeconds < 1 ? shortTime(predictedSeconds) : shownTime(predictedSeconds))",
            "  micro-batch    \(plan.microBatch) on \(counted(plan.workers, "worker"))", "",
        ]
        lines += reasons.flatMap { wrapped($0, width: 78).enumerated().map { ($0 == 0 ? "" : "  ") + $1 } }
        if !ifWrong.isEmpty {
            lines += ["", "time to the same loss with another batch:"]
            lines.append("  " + ifWrong.map { "\($0.batch): +\(percent(max($0.cost, 0)))" }.joined(separator: ", "))
        }
        if batchHardlyMatters { lines.append("The batch hardly matters here.") }
        if noise.noise.estimate.verdict == .atLeast {
            lines.append("The noise scale has no upper end yet: a longer --budget may advise a larger one.")
        }
        if throughput.rows.contains(where: \.speed.isRough) {
            lines.append("The machine was busy: the times are rough.")
        }
        lines.append("")
        if let written {
            lines.append("\(written) is written; train it with: batchwise train \(shellQuoted(written))")
        } else {
            let settings =
                "--set batch.size=\(batch) --set learning-rate=\(significant(learningRate)) --set epochs=\(epochs)"
            lines += settings.count <= 70 ? ["Train it: \(settings)"] : ["Train it:", "  \(settings)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
