/// The scores of predicted amounts, in the unit of the targets. Each example counts by its weight.
public struct RegressionScores: Sendable, Hashable, Codable {
    /// The scores of one amount, or their means over several.
    public struct Scores: Sendable, Hashable, Codable {
        /// 1 - (squared errors) / (squared distances from the mean of these examples); nil where all are the same.
        public var r2: Double?
        /// The mean absolute error.
        public var mae: Double
        /// The root of the mean squared error; over several amounts, of the mean over all of them.
        public var rmse: Double
        /// The median absolute error.
        public var medianError: Double

        enum CodingKeys: String, CodingKey {
            case r2, mae, rmse
            case medianError = "median_error"
        }

        init(r2: Double?, mae: Double, rmse: Double, medianError: Double) {
            (self.r2, self.mae, self.rmse, self.medianError) = (r2, mae, rmse, medianError)
        }

        /// Reads null as a number that is not finite.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            r2 = try keys.decodeIfPresent(Double.self, forKey: .r2)
            mae = try keys.decodeIfPresent(Double.self, forKey: .mae) ?? .nan
            rmse = try keys.decodeIfPresent(Double.self, forKey: .rmse) ?? .nan
            medianError = try keys.decodeIfPresent(Double.self, forKey: .medianError) ?? .nan
        }
    }

    /// The means over the amounts.
    public var all: Scores
    /// The scores of each amount, in the order of the targets.
    public var targets: [Scores]

    /// The means stand beside the list of amounts.
    enum CodingKeys: String, CodingKey { case targets }

    /// Reads the means, and the list of amounts beside them.
    public init(from decoder: any Decoder) throws {
        all = try Scores(from: decoder)
        targets = try decoder.container(keyedBy: CodingKeys.self).decode([Scores].self, forKey: .targets)
    }

    /// Writes the means, and the list of amounts beside them.
    public func encode(to encoder: any Encoder) throws {
        try all.encode(to: encoder)
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(targets, forKey: .targets)
    }
}
