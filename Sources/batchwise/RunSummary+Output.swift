import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

// The summary at the end of `batchwise train`.

extension RunSummary {
    var json: JSON {
        var entries: [(key: String, value: JSON)] = [
            ("updates", .int(updates)), ("examples", .int(examples)), ("epochs", .int(epochs)),
            ("seconds", .number(seconds)), ("examples_per_second", .number(Double(examples) / seconds)),
            ("stall", .number(stall)), ("updates_per_second", .number(Double(updates) / seconds)),
            ("train_loss", JSON(trainLoss)),
        ]
        entries += Evaluation.json(validation, prefix: "validation", isClassification: isClassification)
        entries += Evaluation.json(test, prefix: "test", isClassification: isClassification)
        entries += [
            ("validation_metrics", validation?.scores(names: targetNames) ?? .null),
            ("test_metrics", test?.scores(names: targetNames) ?? .null),
        ]
        entries += [
            ("stopped_early", .bool(stoppedEarly)), ("best_epoch", best.map { .int($0.epoch) } ?? .null),
            ("staleness", staleness?.json ?? .null),
            ("backup", backup?.json ?? .null),
            ("noise", noise.map { .object($0.entries) } ?? .null),
            ("parameters_sha256", .string(parametersSHA256)), ("run", .string(directory)),
            ("warning", warning.map { .string($0) } ?? .null), ("notices", .array(notices.map { .string($0) })),
        ]
        return .object(entries)
    }

    /// The summary for people.
    var text: String {
        let rate = seconds > 0 ? ", \(grouped(Double(examples) / seconds)) examples/s" : ""
        // the loss of regression is in standardised units, and the rmse in the unit of the targets
        var results = ["train loss \(trainLoss.map(significant) ?? "-")\(isClassification ? "" : " (standardised)")"]
        if let validation { results.append(validation.text(prefix: "validation ")) }
        if let test {
            results.append(test.text(prefix: "test "))
        } else if isClassification, let trainAccuracy {
            results.append("train accuracy \(percent(trainAccuracy)), and no test data (data.split.test keeps some)")
        }
        let waiting = stall >= 0.005 ? "\nupdates waited for examples \(percent(stall)) of the time\(advice)" : ""
        let length = "\(counted(epochs, "epoch")), \(counted(updates, "update")) in \(shownTime(seconds))"
        return """
            trained \(length)\(rate)\(waiting)\(selection)
            \(results.joined(separator: ", "))\(scores)\(noiseText)\(staleness.map { "\n\($0.text)" } ?? "")\(backup.map { "\n\($0.sentence)" } ?? "")
            model: \(directory)/model.safetensors\(warning.map { "\nWARNING: \($0)" } ?? "")

            """
    }

    /// The scores on examples that the model was not trained with.
    private var scores: String {
        let part = test == nil ? "validation" : "test"
        let lines = (test ?? validation)?.scoreLines(names: targetNames) ?? []
        return lines.isEmpty ? "" : "\n\(part): " + lines.joined(separator: "\n")
    }

    /// Says which epoch was best, and why the run ended before its last one.
    private var selection: String {
        guard let best else { return "" }
        let isKept = recipe.keptModel == .bestIfStopped ? stoppedEarly : recipe.keptModel != .last
        let metric = (isKept ? recipe.keptMetric : recipe.earlyStopping?.metric)?.rawValue ?? ""
        let text =
            "best epoch \(best.epoch): \(metric) \(significant(best.value))\(isKept ? ", kept as the model" : "")"
        guard stoppedEarly, let rule = recipe.earlyStopping else { return "\n\(text)" }
        return "\nstopped early: \(rule.metric.rawValue) was no better for \(counted(rule.patience, "epoch")); \(text)"
    }

    /// Says what the noise scale at the end means for the recipe's batch.
    private var noiseText: String {
        guard let noise else { return "" }
        return "\n" + wrapped(noise.sentence(about: batch), width: 80).joined(separator: "\n")
    }

    private var advice: String {
        stall > 0.05
            ? ": more --loading-threads may help, and files that need decoding are faster converted (data convert)" : ""
    }
}

extension Evaluation {
    func text(prefix: String = "") -> String {
        var results = ["\(prefix)loss \(significant(loss))"]
        if let accuracy { results.append("\(prefix)accuracy \(percent(accuracy))") }
        if let rmse { results.append("\(prefix)rmse \(significant(rmse))") }
        return results.joined(separator: ", ")
    }
}
