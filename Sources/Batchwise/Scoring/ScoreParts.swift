/// The groups of scores that an evaluation computes beside loss and accuracy.
public struct ScoreParts: OptionSet, Sendable, Hashable {
    /// The bits of the groups.
    public let rawValue: Int

    /// Groups from their bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Right and wrong by class: precision, recall, F1, balanced accuracy and the confusion matrix.
    public static let confusion = ScoreParts(rawValue: 1)
    /// The mean of -log of the probability of the right class.
    public static let logLoss = ScoreParts(rawValue: 2)
    /// ROC AUC and average precision, for which the probabilities of all examples are sorted.
    public static let ranking = ScoreParts(rawValue: 4)
    /// R2, the mean and the median absolute error of amounts.
    public static let amounts = ScoreParts(rawValue: 8)
    /// All scores that the targets have.
    public static let all: ScoreParts = [.confusion, .logLoss, .ranking, .amounts]
}
