extension LearningRate {
    /// The beginning of a run, in which the rate climbs to the peak update by update.
    ///
    /// It starts at `from`; without one at the base rate, where scaling raises the peak above it [Goyal 2017], and at a
    /// tenth of the peak elsewhere. With t from 0 to 1 the rate is
    ///
    /// | shape | rate |
    /// |---|---|
    /// | `linear` | from + (peak - from) t |
    /// | `exponential` | from (peak / from)^t |
    /// | `constant` | from, then the peak |
    ///
    /// The first update is made at `from`, the first one after `over` at the peak.
    public struct Warmup: Hashable, Sendable {
        /// The curve from the first rate to the peak.
        public enum Shape: String, Hashable, Sendable, CaseIterable {
            /// A straight line, a geometric curve, or a constant rate followed by the peak: see the table of `Warmup`.
            case linear, exponential, constant
        }

        /// The length of the warmup.
        public var over: TrainingLength
        /// The first rate: at least 0, and above 0 for the exponential shape. It does not grow with the batch.
        public var from: Double?
        /// The curve of the climb.
        public var shape: Shape

        /// A warmup of this length.
        public init(over: TrainingLength, from: Double? = nil, shape: Shape = .linear) {
            self.over = over
            self.from = from
            self.shape = shape
        }
    }
}

extension LearningRate.Warmup {
    /// Reads `5 epochs` or `{over: 5 epochs, from: 0.001, shape: linear}`.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "over")
        guard let over = try reader.length("over") else {
            throw reader.missing("over", TrainingLength.expected)
        }
        self.over = over
        from = try reader.double("from")
        shape = try reader.choice("shape", Shape.self) ?? .linear
        try reader.finish()
    }

    var notation: RecipeValue {
        if from == nil && shape == .linear { return over.notation }
        var entries = [RecipeValue.Entry("over", over.notation)]
        if let from { entries.append(.init("from", .double(from))) }
        if shape != .linear { entries.append(.init("shape", .string(shape.rawValue))) }
        return .map(entries)
    }
}
