import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseExperiments
import BatchwiseRuns
import Foundation
import Foundations

/// `batchwise advise`
struct Advise: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Advise a batch, a learning rate and a length, from measurements.",
        discussion: """
            The speed over the batch, a range test of the rate and the noise of the gradient are measured on the training
            examples, and the batch that reaches the same loss soonest on this machine is advised, with what another one would
            cost. Nothing is written without --write.

            Examples:
              batchwise advise digits
              batchwise advise houses.csv --target price --budget 2min --write recipe.yaml
              batchwise advise recipe.yaml --budget 30s --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "The time that measurements may take, for example 30s, 2min or 1h.")
    var budget = TimeSpan(seconds: 60)

    @Option(help: ArgumentHelp("Write the advised recipe to this file, with the reasons.", valueName: "file"))
    var write: String?

    @OptionGroup var force: ForceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let named = try Source(options.source).recipe(settings: try options.setting.settings(), target: options.target)
        let file = try write.map {
            try OutputFile($0, force: force, inputs: InputFiles(named, in: options.source))
        }
        let (subject, _) = try options.subject()
        let interruption = Interruption.catchingSignals()
        let display = TextDisplay()
        defer { display.clear() }
        let advice = try Advice(subject, budget: budget.seconds) { text in
            if interruption.isRequested {
                throw Failure(.interrupted, "interrupted: nothing was advised, and nothing was written")
            }
            display.draw(text)
        }
        display.clear()
        if let write, let file {
            let text = try StartingRecipe(
                recipe: advice.recipe, data: subject.data, path: write, reasons: advice.reasons
            ).text()
            try file.write(Array(text.utf8))
        }
        if output.json { return try Output.write(try advice.json) }
        try Output.write(advice.text(of: options.source, written: write))
    }
}

/// A time as people write it: 30s, 2min, 1h.
struct TimeSpan: ExpressibleByArgument {
    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let units: [String: Double] = ["": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600]
        guard let number = Double(digits),
            let unit = units[argument.dropFirst(digits.count).trimming(" ").lowercased()],
            (1...1e6).contains(number * unit)
        else { return nil }
        seconds = number * unit
    }

    var defaultValueDescription: String { "\(Int(seconds))s" }
}

extension Advice {
    /// A sentence for each key that was chosen.
    fileprivate var reasons: [String] {
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

    fileprivate var secondsPerUpdate: Double {
        throughput.rows.first { $0.batch == batch }?.speed.secondsPerUpdate ?? 0
    }

    /// Whether batches from half to four times the advised one cost little.
    private var batchHardlyMatters: Bool { ifWrong.count == 3 && ifWrong.allSatisfy { $0.cost < 0.15 } }

    fileprivate var json: JSON {
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

    fileprivate func text(of source: String, written: String?) -> String {
        var lines = [
            "advice for \(source) on this machine, after \(shownTime(seconds)) of measurements", "",
            "  batch.size     \(batch)", "  learning-rate  \(significant(learningRate))",
            "  warmup         \(warmupUpdates > 0 ? counted(warmupUpdates, "update") : "none")",
            "  epochs         \(epochs), about \(shownTime(predictedSeconds))",
            "  micro-batch    \(plan.microBatch) on \(counted(plan.workers, "worker"))", "",
        ]
        lines += reasons.flatMap { wrapped($0, width: 78).enumerated().map { ($0 == 0 ? "" : "  ") + $1 } }
        if !ifWrong.isEmpty {
            lines += ["", "time to the same loss with another batch:"]
            lines.append("  " + ifWrong.map { "\($0.batch): +\(percent(max($0.cost, 0)))" }.joined(separator: ", "))
        }
        if batchHardlyMatters { lines.append("The batch hardly matters here.") }
        if noise.noise.estimate.verdict == .atLeast {
            lines.append("The noise scale has no upper end yet: a longer --budget may advise a larger batch.")
        }
        if throughput.rows.contains(where: \.speed.isRough) {
            lines.append("The machine was busy: the times are rough.")
        }
        lines.append("")
        if let written {
            lines.append("\(written) is written; train it with: batchwise train \(shellQuoted(written))")
        } else {
            lines.append(
                "Train it: --set batch.size=\(batch) --set learning-rate=\(significant(learningRate)) --set epochs=\(epochs)"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The words of a text in lines of at most so many characters.
func wrapped(_ text: String, width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
        let line = lines[lines.count - 1]
        if line.isEmpty {
            lines[lines.count - 1] = String(word)
        } else if line.count + 1 + word.count <= width {
            lines[lines.count - 1] += " \(word)"
        } else {
            lines.append(String(word))
        }
    }
    return lines
}
