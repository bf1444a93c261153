import Batchwise
import Foundations

// An event as a line: one JSON object, its kind first. Numbers that are not finite or not known are null.

extension RunEvent {
    package var json: JSON { .object(entries) }

    private var entries: [(key: String, value: JSON)] {
        switch self {
        case .start(let event):
            [
                ("event", .string("start")), ("time", .string(event.time)), ("version", .int(event.version)),
            ] + event.host.entries + [
                ("recipe_sha256", .string(event.recipe)),
                ("classes", event.classes.map { .array($0.map { .string($0) }) } ?? .null),
                ("notices", .array(event.notices.map { .string($0) })),
            ]
        case .resume(let event):
            [("event", .string("resume")), ("time", .string(event.time)), ("update", .int(event.update))]
                + event.host.entries + [("notices", .array(event.notices.map { .string($0) }))]
        case .update(let event): event.entries
        case .growth(let event): event.entries
        case .epoch(let event): event.entries
        case .evaluation(let event): event.entries
        case .checkpoint(let event):
            [
                ("event", .string("checkpoint")), ("time", .string(event.time)), ("update", .int(event.update)),
                ("file", .string(event.file)),
            ]
        case .notice(let event):
            [
                ("event", .string("notice")), ("time", .string(event.time)), ("update", .int(event.update)),
                ("text", .string(event.text)),
            ]
        case .end(let event):
            [
                ("event", .string("end")), ("time", .string(event.time)), ("update", .int(event.update)),
                ("status", .string(event.status.rawValue)), ("reason", JSON(event.reason)),
            ]
        }
    }
}

extension RunEvent.Host {
    fileprivate var entries: [(key: String, value: JSON)] {
        [
            ("batchwise", .string(batchwise)), ("build", .string(build)), ("instruction_set", .string(instructionSet)),
            ("processor", .string(processor)), ("cores", .int(cores)), ("threads", .int(threads)),
            ("plan", JSON(plan)),
        ]
    }
}

extension RunEvent.Update {
    fileprivate var entries: [(key: String, value: JSON)] {
        var entries: [(key: String, value: JSON)] = [
            ("event", .string("update")), ("time", .string(time)), ("update", .int(update)), ("epoch", .int(epoch)),
            ("batch", .int(batch)), ("examples", .int(examples)), ("loss", JSON(loss)),
        ]
        if let accuracy { entries.append(("accuracy", .number(accuracy))) }
        entries.append(("learning_rate", .number(learningRate)))
        if let gradientNorm { entries.append(("gradient_norm", .number(gradientNorm))) }
        if let updateRatio { entries.append(("update_ratio", .number(updateRatio))) }
        if let gain { entries.append(("gain", .number(gain))) }
        if let baseUpdates { entries.append(("base_updates", .number(baseUpdates))) }
        entries.append(("seconds", .number(seconds)))
        return entries
    }
}

extension RunEvent.Growth {
    fileprivate var entries: [(key: String, value: JSON)] {
        [
            ("event", .string("growth")), ("time", .string(time)), ("update", .int(decision.update)),
            ("epoch", .int(decision.epoch)), ("examples", .int(decision.examples)), ("by", .string(decision.by)),
            ("sample", .int(decision.sample)), ("variance", .number(decision.variance)),
            ("gradient_norm_squared", .number(decision.gradientNormSquared)),
            ("noise_scale", JSON(decision.noiseScale)), ("theta", JSON(decision.theta)),
            ("loss", .number(decision.loss)), ("learning_rate", .number(decision.learningRate)),
            ("asked", JSON(decision.asked)), ("before", .int(decision.before)), ("batch", .int(decision.batch)),
            ("reason", .string(decision.reason.rawValue)),
        ]
    }
}

extension RunEvent.Evaluated {
    fileprivate var entries: [(key: String, value: JSON)] {
        var entries: [(key: String, value: JSON)] = [
            ("event", .string("evaluation")), ("time", .string(time)), ("update", .int(update)), ("epoch", .int(epoch)),
            ("part", .string(part.rawValue)), ("examples", .int(result.examples)), ("loss", .number(result.loss)),
            ("accuracy", JSON(result.accuracy)), ("rmse", JSON(result.rmse)),
            ("class_counts", result.classCounts.map { .array($0.map(\.json)) } ?? .null),
        ]
        if let scores = result.scores() { entries.append(("metrics", scores)) }
        if let trained { entries.append(("trained_examples", .int(trained))) }
        if let seconds { entries.append(("seconds", .number(seconds))) }
        return entries
    }
}

extension RunEvent.Epoch {
    fileprivate var entries: [(key: String, value: JSON)] {
        var entries: [(key: String, value: JSON)] = [
            ("event", .string("epoch")), ("time", .string(time)), ("epoch", .int(epoch)), ("updates", .int(updates)),
            ("examples", .int(examples)), ("train_loss", JSON(trainLoss)),
        ]
        if isClassification { entries.append(("train_accuracy", JSON(trainAccuracy))) }
        entries += Evaluation.json(validation, prefix: "validation", isClassification: isClassification)
        entries += Evaluation.json(test, prefix: "test", isClassification: isClassification)
        entries += [
            ("learning_rate", .number(learningRate)), ("batch", .int(batch)), ("seconds", .number(seconds)),
            ("stall", JSON(stall)), ("examples_per_second", JSON(examplesPerSecond)),
        ]
        if let gradientNorm { entries.append(("gradient_norm", .number(gradientNorm))) }
        if let updateRatio { entries.append(("update_ratio", .number(updateRatio))) }
        if let noise { entries.append(("noise", .object(noise.entries))) }
        if let gain { entries.append(("gain", .number(gain))) }
        if let baseUpdates { entries.append(("base_updates", .number(baseUpdates))) }
        return entries
    }
}

extension Evaluation.ClassCount {
    fileprivate var json: JSON {
        .object([("right", .int(right)), ("total", .int(total)), ("predicted", .int(predicted))])
    }
}

extension Evaluation {
    /// The loss and the accuracy or error, null where there is no evaluation.
    package static func json(
        _ evaluation: Evaluation?, prefix: String, isClassification: Bool
    ) -> [(key: String, value: JSON)] {
        [
            ("\(prefix)_loss", JSON(evaluation?.loss)),
            isClassification
                ? ("\(prefix)_accuracy", JSON(evaluation?.accuracy)) : ("\(prefix)_rmse", JSON(evaluation?.rmse)),
        ]
    }
}

extension JSON {
    /// A tree of plain values.
    package init(_ value: RecipeValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let value): .bool(value)
            case .int(let value): .int(value)
            case .double(let value): .number(value)
            case .string(let value): .string(value)
            case .list(let items): .array(items.map { JSON($0) })
            case .map(let entries): .object(entries.map { ($0.key, JSON($0.value)) })
            }
    }
}

extension RecipeValue {
    /// The same tree.
    init(_ json: JSON) {
        self =
            switch json {
            case .null: .null
            case .bool(let value): .bool(value)
            case .int(let value): .int(value)
            case .number(let value): value.isFinite ? .double(value) : .null
            case .string(let value): .string(value)
            case .array(let items): .list(items.map { RecipeValue($0) })
            case .object(let entries): .map(entries.map { .init($0.key, RecipeValue($0.value)) })
            }
    }
}
