/// The scores of predicted classes. Each example counts by its weight; a score that has no value is nil, such as the
/// precision of a class that was never predicted, or one that was not asked for.
///
/// With two classes F1, ROC AUC and average precision are those of the second one, as scikit-learn has them; with more
/// they are means over the classes, each against the others. Classes without an example do not count in these.
public struct ClassificationScores: Sendable, Hashable, Codable {
    /// The share of the examples that are of the commonest class: the accuracy of always answering it.
    public var commonestShare: Double?
    /// The mean of the classes' recalls.
    public var balancedAccuracy: Double?
    /// 2 precision recall / (precision + recall) of the second class of two; of more, the same as ``macroF1``.
    public var f1: Double?
    /// The mean of the classes' F1.
    public var macroF1: Double?
    /// The mean of -log of the probability that the model gives to the right class.
    public var logLoss: Double?
    /// The probability that an example of the class gets a higher score than one of the others, ties counting half.
    public var rocAUC: Double?
    /// The sum over thresholds of precision times the growth of recall.
    public var averagePrecision: Double?
    /// The scores of each class, in the order of the data's class names.
    public var classes: [ClassScore]?
    /// The rows of each class by the class that was predicted for them; nil beyond 100 classes.
    public var confusion: [[Int]]?
    /// The commonest mistakes, the most frequent first, at most ten.
    public var mistakes: [Mistake]?

    /// Scores that are not known.
    public init() {}

    /// The scores of one class.
    public struct ClassScore: Sendable, Hashable, Codable {
        /// The share of the examples predicted as the class that are of it.
        public var precision: Double?
        /// The share of the examples of the class that were predicted as it.
        public var recall: Double?
        /// The harmonic mean of both.
        public var f1: Double?
        /// The number of examples of the class, each counting once.
        public var examples: Int
    }

    /// Examples of one class that were predicted as another.
    public struct Mistake: Sendable, Hashable, Codable {
        /// The place of their class among the data's class names.
        public var label: Int
        /// The place of the class that was predicted.
        public var predicted: Int
        /// The number of these examples.
        public var examples: Int
    }

    enum CodingKeys: String, CodingKey {
        case commonestShare = "commonest_share"
        case balancedAccuracy = "balanced_accuracy"
        case f1
        case macroF1 = "macro_f1"
        case logLoss = "log_loss"
        case rocAUC = "roc_auc"
        case averagePrecision = "average_precision"
        case classes, confusion, mistakes
    }
}
