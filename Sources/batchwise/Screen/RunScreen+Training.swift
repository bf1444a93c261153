import Batchwise
import BatchwiseData
import Foundation

// The part of the screen about training: the model, the batch, the rate and the epochs.

extension RunScreen {
    func model() throws -> ScreenList {
        guard case .list(let layers) = try LayerList(of: recipe.model).notation() else {
            return ScreenList([counted(plan.parameters, "parameter")])
        }
        return ScreenList(
            layers.map { $0.words(classes: outputs) }, after: "; \(counted(plan.parameters, "parameter"))")
    }

    // MARK: Updates

    var batch: ScreenList {
        var parts = ["\(counted(plan.batch, "example"))"]
        if processes > 1 { parts[0] += " over \(counted(processes, "process", "processes"))" }
        if let replicas = recipe.replicas { parts.append("replicas \(replicas.notation.words())") }
        if let growth = growth { parts.append(growth) }
        if let sampling = recipe.batch.sampling { parts.append("drawn by \(sampling.basis.rawValue)") }
        parts.append("\(counted(plan.updatesPerEpoch, "update")) an epoch")
        return ScreenList(parts)
    }

    /// The larger batches and where they begin.
    private var growth: String? {
        guard plan.phases.count > 1 else { return plan.growth }
        return plan.phases.dropFirst().map {
            "\(grouped(Double($0.batch))) from update \(grouped(Double($0.update))) on"
        }
        .joined(separator: ", ")
    }

    var rateText: ScreenList {
        let rate = recipe.learningRate
        var parts: [String] = []
        if self.rate.warmup > 0 {
            let share = self.rate.warmup / Double(max(1, examples.ofEpoch))
            parts.append(
                "from \(significant(self.rate.start)) up to \(significant(plan.learningRate)) in "
                    + "\(significant(share)) \(share == 1 ? "epoch" : "epochs")")
        } else {
            parts.append(significant(plan.learningRate))
        }
        switch rate.decay.notation {
        case .string("constant"): parts.append("constant")
        case let decay: parts.append("then \(decay.words())")
        }
        if rate.scaling == .adaScale { parts.append("times AdaScale's gain of each update") }
        return ScreenList(parts)
    }

    func optimizer() throws -> ScreenList {
        var parts = [try recipe.optimizer.notation.words()]
        if let sam = recipe.sam { parts.append("sam \(sam.notation.words())") }
        if let clip = recipe.clip { parts.append("gradients clipped: \(clip.notation.words())") }
        if let average = recipe.average { parts.append("average \(average.notation.words())") }
        if let late = recipe.asynchronous { parts.append("asynchronous \(late.notation.words())") }
        return ScreenList(parts, separator: ";")
    }

    // MARK: Length

    var epochText: ScreenList {
        let isAtMost = recipe.earlyStopping != nil || recipe.learningRate.scaling == .adaScale
        var parts = [
            "\(isAtMost ? "at most " : "")\(grouped(Double(epochs)))", counted(updates.all, "update"),
        ]
        if let seconds = secondsLeft { parts.append("about \(roundTime(seconds))") }
        if updates.done > 0 { parts.append("going on after update \(grouped(Double(updates.done)))") }
        if let stopping = recipe.earlyStopping {
            parts.append(
                "ends after \(counted(stopping.patience, "epoch")) without a better \(stopping.metric.rawValue)")
        }
        if recipe.earlyStopping == nil, let metric = recipe.keptMetric {
            parts.append("keeps the epoch of the best \(metric.rawValue)")
        }
        return ScreenList(parts)
    }

    /// The time of the updates that are left, at the measured speed.
    private var secondsLeft: Double? {
        guard let speed, speed.examplesPerSecond > 0 else { return nil }
        return max(0, Double(epochs) * Double(examples.ofEpoch) - Double(examples.done)) / speed.examplesPerSecond
    }
}

/// A time in one or two digits, as an estimate is: 40 ms, 0.3 s, 12 s, 3 minutes, 2 hours.
func roundTime(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.01: "\(max(1, Int((seconds * 1e3).rounded()))) ms"
    case ..<0.1: "\(10 * Int((seconds * 100).rounded())) ms"
    case ..<0.95: String(format: "%.1f s", seconds)
    case ..<100: String(format: "%.0f s", seconds)
    case ..<5400: counted(Int((seconds / 60).rounded()), "minute")
    case ..<1e15: counted(Int((seconds / 3600).rounded()), "hour")
    default: "for ever"
    }
}

extension RecipeValue {
    /// The value as words of a screen: `dense 128`, `sgd (momentum 0.9, nesterov)`.
    ///
    /// - Parameter classes: the number that takes the place of the word classes.
    func words(classes: Int? = nil) -> String {
        switch self {
        case .null: return "none"
        case .bool(let flag): return flag ? "yes" : "no"
        case .int(let number): return grouped(Double(number))
        case .double(let number): return significant(number)
        case .string("classes"): return classes.map { grouped(Double($0)) } ?? "classes"
        case .string(let text): return text
        case .list(let items): return "[" + items.map { $0.words(classes: classes) }.joined(separator: ", ") + "]"
        case .map(let entries):
            return entries.map { entry in
                switch entry.value {
                case .map(let settings):
                    let words = settings.map { "\($0.key) \($0.value.words(classes: classes))" }
                    return words.isEmpty ? entry.key : "\(entry.key) (\(words.joined(separator: ", ")))"
                case let value: return "\(entry.key) \(value.words(classes: classes))"
                }
            }.joined(separator: ", ")
        }
    }
}
