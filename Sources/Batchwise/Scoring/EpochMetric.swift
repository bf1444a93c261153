/// A metric that epochs are judged by. None of them uses test examples, because examples that steer a run can no longer
/// test its result.
///
/// A recipe may leave out `validation-`: `f1` is `validation-f1`.
public enum EpochMetric: String, Sendable, Hashable, Codable, CaseIterable {
    /// The mean loss over the validation examples, at the end of the epoch.
    case validationLoss = "validation-loss"
    /// The weighted share of right predictions over the validation examples, at the end of the epoch.
    case validationAccuracy = "validation-accuracy"
    /// The mean loss over the epoch's updates, each loss taken before its update.
    case trainLoss = "train-loss"
    /// The mean of the classes' recalls.
    case validationBalancedAccuracy = "validation-balanced-accuracy"
    /// F1 of the second class of two, or the mean over more classes.
    case validationF1 = "validation-f1"
    /// The mean of the classes' F1.
    case validationMacroF1 = "validation-macro-f1"
    /// The mean of -log of the probability of the right class.
    case validationLogLoss = "validation-log-loss"
    /// The area under the ROC curve: of the second class of two, or the mean over more classes.
    case validationROCAUC = "validation-roc-auc"
    /// The average precision of the second class of two, or the mean over more classes.
    case validationAveragePrecision = "validation-average-precision"
    /// The root of the mean squared error of amounts.
    case validationRMSE = "validation-rmse"
    /// The mean absolute error of amounts.
    case validationMAE = "validation-mae"
    /// The median absolute error of amounts.
    case validationMedianError = "validation-median-error"
    /// The part of the variance of amounts that the model explains.
    case validationR2 = "validation-r2"

    private static let prefix = "validation-"

    /// The targets that a metric is for: classes, amounts, or both where it is nil.
    var isForClasses: Bool? {
        switch self {
        case .validationLoss, .trainLoss: nil
        case .validationAccuracy, .validationBalancedAccuracy, .validationF1, .validationMacroF1, .validationLogLoss,
            .validationROCAUC, .validationAveragePrecision:
            true
        case .validationRMSE, .validationMAE, .validationMedianError, .validationR2: false
        }
    }

    /// Whether a larger value is the better one.
    package var isBetterLarger: Bool {
        switch self {
        case .validationLoss, .trainLoss, .validationLogLoss, .validationRMSE, .validationMAE, .validationMedianError:
            false
        case .validationAccuracy, .validationBalancedAccuracy, .validationF1, .validationMacroF1, .validationROCAUC,
            .validationAveragePrecision, .validationR2:
            true
        }
    }

    /// Whether `value` is better than `other`, by more than `delta`.
    func isBetter(_ value: Double, than other: Double, by delta: Double = 0) -> Bool {
        isBetterLarger ? value - delta > other : value + delta < other
    }

    /// The scores that an evaluation computes for the metric.
    var parts: ScoreParts {
        switch self {
        case .validationLoss, .trainLoss, .validationAccuracy, .validationRMSE: []
        case .validationBalancedAccuracy, .validationF1, .validationMacroF1: .confusion
        case .validationLogLoss: .logLoss
        case .validationROCAUC, .validationAveragePrecision: .ranking
        case .validationMAE, .validationMedianError, .validationR2: .amounts
        }
    }

    /// The names of the metrics for classes, or of those for amounts.
    static func names(forClasses: Bool) -> String {
        allCases.filter { $0.isForClasses != !forClasses }.map(\.rawValue).joined(separator: ", ")
    }

    /// A metric by its name, or by its name without `validation-`.
    init?(name: String) {
        guard let metric = Self(rawValue: name) ?? Self(rawValue: Self.prefix + name) else { return nil }
        self = metric
    }
}

extension Evaluation {
    /// The value of a metric of validation examples; nil where it was not computed or has none.
    func value(of metric: EpochMetric) -> Double? {
        switch metric {
        case .validationLoss: loss
        case .trainLoss: nil
        case .validationAccuracy: accuracy
        case .validationBalancedAccuracy: classification?.balancedAccuracy
        case .validationF1: classification?.f1
        case .validationMacroF1: classification?.macroF1
        case .validationLogLoss: classification?.logLoss
        case .validationROCAUC: classification?.rocAUC
        case .validationAveragePrecision: classification?.averagePrecision
        case .validationRMSE: rmse
        case .validationMAE: regression?.all.mae
        case .validationMedianError: regression?.all.medianError
        case .validationR2: regression?.all.r2
        }
    }
}

extension RecipeReader {
    /// A metric, with or without `validation-`.
    mutating func metric(_ key: String) throws(RecipeError) -> EpochMetric? {
        if case .string(let text)? = value(key), let metric = EpochMetric(name: text) { return metric }
        return try choice(key, EpochMetric.self)
    }
}
