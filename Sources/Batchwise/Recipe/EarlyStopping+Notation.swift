extension EarlyStopping {
    /// Reads `{patience: 5 epochs, metric: validation-loss, min-delta: 0.001}`, or the patience alone.
    init(notation: RecipeValue) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: "early-stopping", shorthand: "patience")
        self.init()
        if let value = reader.value("patience") { patience = try Self.epochs(value, at: reader.at("patience")) }
        metric = try reader.metric("metric") ?? metric
        minDelta = try reader.double("min-delta", "a number of at least 0", where: { $0 >= 0 }) ?? minDelta
        try reader.finish()
    }

    /// Epochs, as a number or with their name.
    private static func epochs(_ value: RecipeValue, at path: String) throws(RecipeError) -> Int {
        var number: Int?
        switch value {
        case .int(let count): number = count
        case .string(let text):
            let words = text.split(separator: " ")
            if words.count == 2, words[1] == "epochs" || words[1] == "epoch" { number = Int(words[0]) }
        default: break
        }
        guard let number, (1...1_000_000).contains(number) else {
            throw .value(at: path, expected: "a whole number of epochs from 1, such as 5 epochs", found: value.text)
        }
        return number
    }

    var notation: RecipeValue {
        .map([
            .init("patience", .string("\(patience) epochs")), .init("metric", .string(metric.rawValue)),
            .init("min-delta", .double(minDelta)),
        ])
    }
}

extension KeptModel {
    /// Reads `last`, `best` or `{best: validation-accuracy}`.
    init(notation: RecipeValue) throws(RecipeError) {
        switch notation {
        case .string("last"): self = .last
        case .string("best"): self = .best(nil)
        case .string("best-if-stopped"): self = .bestIfStopped
        case .map:
            var reader = try RecipeReader(notation, at: "keep")
            guard let metric = try reader.metric("best") else {
                throw reader.missing("best", EpochMetric.allCases.map(\.rawValue).joined(separator: " or "))
            }
            self = .best(metric)
            try reader.finish()
        default:
            throw .value(at: "keep", expected: "last, best, best-if-stopped or {best: METRIC}", found: notation.text)
        }
    }

    var notation: RecipeValue {
        switch self {
        case .last: .string("last")
        case .best(nil): .string("best")
        case .bestIfStopped: .string("best-if-stopped")
        case .best(let metric?): .map([.init("best", .string(metric.rawValue))])
        }
    }
}

extension Recipe {
    /// The metric that the kept model is the best by; nil where it is the last.
    package var keptMetric: EpochMetric? {
        switch keptModel {
        case .last: nil
        case .best(let metric): metric ?? earlyStopping?.metric ?? .validationLoss
        case .bestIfStopped: earlyStopping?.metric
        }
    }

    /// Refuses a metric that this data cannot give.
    func checkMetrics(isClassification: Bool, hasValidation: Bool) throws(RecipeError) {
        for (path, metric) in [("early-stopping.metric", earlyStopping?.metric), ("keep", keptMetric)] {
            guard let metric, metric != .trainLoss else { continue }
            guard hasValidation else {
                throw .missing(
                    at: "data.split.validation",
                    expected: "a part of the training examples such as 0.1, for \(path) asks for \(metric.rawValue)")
            }
            guard metric.isForClasses == nil || metric.isForClasses == isClassification else {
                throw .value(
                    at: path,
                    expected: EpochMetric.names(forClasses: isClassification)
                        + (isClassification ? ", as classes are predicted" : ", as numbers are predicted"),
                    found: metric.rawValue)
            }
        }
    }
}
