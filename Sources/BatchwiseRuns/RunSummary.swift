import Batchwise

/// The results of a run so far.
public struct RunSummary: Sendable {
    /// The number of updates made.
    public var updates: Int
    /// The number of examples trained on, each counted as often as it was used.
    public var examples: Int
    /// The number of finished epochs.
    public var epochs: Int
    /// The number of updates of the whole run; where the gradient's noise grows the batch, as far
    /// as it has; with AdaScale, at most.
    public var totalUpdates: Int
    /// The training time in seconds, without evaluations and writing.
    public var seconds: Double
    /// The weighted mean training loss over the current epoch, or over the last one where the current one has no update
    /// yet; nil before the first update.
    public var trainLoss: Double?
    /// The weighted share of right predictions over the current epoch, from 0 to 1; 0 for regression, nil where this
    /// process knows no update of the epoch.
    public var trainAccuracy: Double?
    /// The evaluation on the validation examples after the last epoch, or of the kept model once the run is finished;
    /// nil without such examples, and within an epoch.
    public var validation: Evaluation?
    /// The evaluation on the test examples after the last epoch, or of the kept model once the run is finished; nil
    /// without such examples, within an epoch, and in an unfinished run that has validation examples.
    public var test: Evaluation?
    /// The part of the training time in which updates waited for examples, from 0 to 1.
    public var stall: Double
    /// The examples of a full batch at the last update.
    public var batch: Int
    /// The gradient noise scale over the last updates that measured it; nil where none did.
    public var noise: NoiseScale.Estimate?
    /// The staleness of gradients; nil where no process has trained beside another without waiting for it.
    public var staleness: Staleness?
    /// The gradients with backup workers, and those that were dropped; nil where processes train in another way.
    public var backup: BackupCounts?
    /// Whether the targets are classes.
    public var isClassification: Bool
    /// The names of the classes, or of the amounts where they are columns of a table.
    public var targetNames: [String]
    /// The SHA-256 of the parameters of the model that the recipe keeps, in hexadecimal digits.
    public var parametersSHA256: String
    /// The sentence that says that the model is no better than the mean of the targets or their commonest class; nil
    /// where it is better, and within a run.
    public var warning: String?
    /// Whether the recipe's early stopping ended the run.
    public var stoppedEarly: Bool
    /// The best epoch so far; nil where the recipe asks neither for the best model nor for early stopping.
    public var best: BestEpoch?
    /// The complete recipe, with the settings that the data decides and without the folders of data files.
    public var recipe: Recipe
    /// Notices for a person to read beside the results.
    public var notices: [String]
    /// The path of the run's directory.
    public var directory: String
}
