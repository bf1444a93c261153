import Batchwise

/// What a run came to, so far.
public struct RunSummary: Sendable {
    public var updates: Int
    public var examples: Int
    public var epochs: Int
    /// Of the whole run.
    public var totalUpdates: Int
    /// Training time, without evaluations and writing.
    public var seconds: Double
    /// The mean over the last epoch.
    public var trainLoss: Double?
    public var trainAccuracy: Double?
    public var validation: Evaluation?
    public var test: Evaluation?
    /// The part of the training time in which updates waited for examples.
    public var stall: Double
    public var isClassification: Bool
    /// Of the model that the recipe asks for.
    public var parametersSHA256: String
    public var stoppedEarly: Bool
    /// The best epoch, where the recipe asks for one.
    public var best: BestEpoch?
    public var recipe: Recipe
    /// What a person should know beside the results.
    public var notices: [String]
    /// The directory.
    public var directory: String
}
