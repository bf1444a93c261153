/// What a run knows of its epochs so far: which was best, and whether it is time to stop.
public struct EpochSelection: Sendable, Hashable, Codable {
    /// The best epoch by the metric of the early stopping.
    public private(set) var stopping: BestEpoch?
    /// The best epoch by the metric of the kept model.
    public private(set) var kept: BestEpoch?
    /// Whether the early stopping has ended the run.
    public private(set) var hasStopped = false
    /// The last value that was an improvement, and the epochs since.
    private var reference: Double?
    private var waited = 0
    /// Sums over the updates of the epoch that is going on.
    private var lossSum = 0.0
    private var weight = 0.0

    /// The best epoch so far; the first of equals.
    public struct BestEpoch: Sendable, Hashable, Codable {
        /// Counts from 1.
        public var epoch: Int
        /// Updates until its end.
        public var updates: Int
        /// The metric.
        public var value: Double
    }

    init() {}

    mutating func add(_ result: UpdateResult) {
        lossSum += result.lossSum
        weight += result.weight
    }

    /// Judges an epoch that is over, and says whether its parameters are those to keep.
    ///
    /// A metric that is not a finite number is no improvement.
    mutating func finish(epoch: Int, updates: Int, validation: Evaluation?, _ recipe: Recipe) -> Bool {
        let trainLoss = weight > 0 ? lossSum / weight : nil
        (lossSum, weight) = (0, 0)
        func found(_ metric: EpochMetric) -> Double? {
            let value =
                switch metric {
                case .validationLoss: validation?.loss
                case .validationAccuracy: validation?.accuracy
                case .trainLoss: trainLoss
                }
            return value?.isFinite == true ? value : nil
        }
        func better(_ metric: EpochMetric, than best: BestEpoch?) -> BestEpoch? {
            guard let value = found(metric) else { return nil }
            if let best, !metric.isBetter(value, than: best.value) { return nil }
            return BestEpoch(epoch: epoch, updates: updates, value: value)
        }
        if let rule = recipe.earlyStopping {
            stopping = better(rule.metric, than: stopping) ?? stopping
            let value = found(rule.metric)
            if let value, reference.map({ rule.metric.isBetter(value, than: $0, by: rule.minDelta) }) ?? true {
                (reference, waited) = (value, 0)
            } else {
                waited += 1
            }
            hasStopped = waited >= rule.patience
        }
        guard let metric = recipe.keptMetric, let best = better(metric, than: kept) else { return false }
        kept = best
        return true
    }
}
