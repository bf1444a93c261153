extension LearningRate {
    /// Lowers the rate when epochs stop making a metric better: times `factor` after more than `patience` of them.
    ///
    /// An epoch is better whose loss is below (1 - threshold) times the best, or whose accuracy (or another metric whose
    /// larger values are better) is above (1 + threshold) times the best. After a cut, `cooldown` epochs are not held against the rate. The counting is that of
    /// PyTorch's ReduceLROnPlateau. Test examples never steer a run.
    public struct Plateau: Hashable, Sendable {
        /// The number from 0 to 1 by which a cut multiplies the rate.
        public var factor: Double
        /// The number of epochs in a row without improvement that are allowed; the next one causes a cut.
        public var patience: Int
        /// The number of epochs after a cut that do not count as epochs without improvement.
        public var cooldown: Int
        /// The relative improvement, at least 0, that an epoch must exceed to count as better.
        public var threshold: Double
        /// The lowest rate: no cut goes below it.
        public var minimum: Double
        /// The metric that epochs are judged by; nil: the validation loss where there is one, else the training loss.
        public var metric: EpochMetric?

        /// A rule with PyTorch's default numbers, or with others.
        public init(
            factor: Double = 0.1, patience: Int = 10, cooldown: Int = 0, threshold: Double = 1e-4,
            minimum: Double = 0, metric: EpochMetric? = nil
        ) {
            self.factor = factor
            self.patience = patience
            self.cooldown = cooldown
            self.threshold = threshold
            self.minimum = minimum
            self.metric = metric
        }
    }
}

extension LearningRate.Plateau {
    /// Reads `{factor: 0.1, patience: 10, cooldown: 0, threshold: 0.0001, minimum: 0, metric: validation-loss}`.
    init(_ reader: inout RecipeReader) throws(RecipeError) {
        self.init()
        factor = try reader.double("factor") ?? factor
        patience = try reader.int("patience", in: 0...1_000_000) ?? patience
        cooldown = try reader.int("cooldown", in: 0...1_000_000) ?? cooldown
        threshold = try reader.double("threshold") ?? threshold
        minimum = try reader.double("minimum") ?? minimum
        metric = try reader.metric("metric")
    }

    var entries: [RecipeValue.Entry] {
        let usual = Self()
        var entries: [RecipeValue.Entry] = []
        if factor != usual.factor { entries.append(.init("factor", .double(factor))) }
        if patience != usual.patience { entries.append(.init("patience", .int(patience))) }
        if cooldown != usual.cooldown { entries.append(.init("cooldown", .int(cooldown))) }
        if threshold != usual.threshold { entries.append(.init("threshold", .double(threshold))) }
        if minimum != usual.minimum { entries.append(.init("minimum", .double(minimum))) }
        if let metric { entries.append(.init("metric", .string(metric.rawValue))) }
        return entries
    }
}
