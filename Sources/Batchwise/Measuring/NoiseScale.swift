import Foundations

/// The gradient noise scale, tr(S) / |G|^2, from samples of updates: the batch size at which the noise of the gradient
/// is as large as the gradient [McCandlish 2018].
///
/// The samples of |G|^2 and of tr(S) are averaged over updates, and the averages are divided. The interval is Fieller's,
/// with the update as the independent unit.
public struct NoiseScale: Sendable, Hashable, Codable {
    private var model = PairedMeans()
    private var layers: [Layer] = []
    private var smallBatches = 0
    private var examples = 0

    private struct Layer: Sendable, Hashable, Codable {
        var name: String
        var means = PairedMeans()
    }

    /// A noise scale without samples.
    public init() {}

    /// Adds the sample of an update.
    public mutating func add(_ sample: NoiseSample) {
        model.add(sample.model.squaredNorm, sample.model.variance)
        if layers.isEmpty { layers = sample.layers.map { Layer(name: $0.layer) } }
        for (place, part) in sample.layers.enumerated() where place < layers.count {
            layers[place].means.add(part.squaredNorm, part.variance)
        }
        smallBatches += sample.smallBatches
        examples += sample.examples
    }

    /// Adds the samples of another noise scale of the same model.
    package mutating func add(_ other: NoiseScale) {
        model.add(other.model)
        if layers.isEmpty {
            layers = other.layers
        } else {
            for (place, layer) in other.layers.enumerated() where place < layers.count {
                layers[place].means.add(layer.means)
            }
        }
        smallBatches += other.smallBatches
        examples += other.examples
    }

    /// The number of samples.
    public var updates: Int { model.count }
    /// The mean number of small batches of an update.
    public var meanSmallBatches: Double { updates > 0 ? Double(smallBatches) / Double(updates) : 0 }
    /// The mean number of examples of a small batch.
    public var meanSmallBatch: Double { smallBatches > 0 ? Double(examples) / Double(smallBatches) : 0 }
    /// The noise scale of the model.
    public var estimate: Estimate { Estimate(model) }
    /// The noise scale of each layer, in the model's order.
    public var layerEstimates: [(layer: String, estimate: Estimate)] {
        layers.map { ($0.name, Estimate($0.means)) }
    }

    /// A noise scale with its interval of 95%.
    public struct Estimate: Sendable, Hashable, Codable {
        /// tr(S) / |G|^2; nil where the estimate of |G|^2 is not above 0.
        public var noiseScale: Double?
        /// The lower end of the interval; nil where it is not known.
        public var low: Double?
        /// The upper end of the interval; nil where the samples do not bound it.
        public var high: Double?
        /// The estimate of |G|^2.
        public var gradientNormSquared: Double
        /// The estimate of tr(S).
        public var variance: Double
        /// The number of samples.
        public var updates: Int
        /// The verdict of the samples.
        public var verdict: Verdict

        private enum CodingKeys: String, CodingKey {
            case low, high, variance, updates, verdict
            case noiseScale = "noise_scale"
            case gradientNormSquared = "gradient_norm_squared"
        }

        /// The JSON object of the estimate.
        package var entries: [(key: String, value: JSON)] {
            [
                ("noise_scale", JSON(noiseScale)), ("low", JSON(low)), ("high", JSON(high)),
                ("gradient_norm_squared", .number(gradientNormSquared)), ("variance", .number(variance)),
                ("updates", .int(updates)), ("verdict", .string(verdict.rawValue)),
            ]
        }

        init(_ means: PairedMeans) {
            (gradientNormSquared, variance, updates) = (means.x, means.y, means.count)
            noiseScale = means.x > 0 && means.y >= 0 ? means.y / means.x : nil
            guard means.count > 0, means.y != 0 || means.varianceOfY > 0 else {
                verdict = means.count == 0 ? .notEnoughEvidence : means.x > 0 ? .noNoise : .noGradient
                if verdict == .noNoise { (low, high) = (0, 0) }
                return
            }
            // norms of float32 gradients do not tell less from rounding
            let rounding = 1e-6 * means.x
            if abs(means.y) <= rounding, means.varianceOfY.squareRoot() <= rounding {
                (noiseScale, low, high, verdict) = (0, 0, 0, .noNoise)
                return
            }
            // the interval of 1 / B
            guard let range = means.ratio(), range.upperBound > 0 else {
                verdict = .notEnoughEvidence
                return
            }
            low = 1 / range.upperBound
            high = range.lowerBound > 0 ? 1 / range.lowerBound : nil
            verdict = high == nil ? .atLeast : .measured
        }
    }

    /// The verdict of samples about a noise scale.
    public enum Verdict: String, Sendable, Hashable, Codable {
        /// The interval has two ends.
        case measured
        /// The noise scale is at least the lower end; the samples do not bound it above.
        case atLeast = "at least"
        /// Neither end is known.
        case notEnoughEvidence = "not enough evidence"
        /// The gradients of all small batches are equal.
        case noNoise = "no noise"
        /// All gradients are 0.
        case noGradient = "no gradient"
    }

    // MARK: Evidence

    /// The standard error of |G|^2 relative to |G|^2, which is what a noise scale is uncertain by: tr(S) is known much
    /// better. Below 0.3 it counts as settled. nil where |G|^2 is not above 0.
    public var uncertainty: Double? {
        guard model.count > 1, model.x > 0 else { return nil }
        return (model.varianceOfX / Double(model.count)).squareRoot() / model.x
    }

    /// How many updates more would settle it; 0 where it is settled, nil where that cannot be told.
    public var updatesToSettle: Int? {
        guard let uncertainty, uncertainty.isFinite else { return nil }
        let needed = (uncertainty / 0.3) * (uncertainty / 0.3) * Double(updates)
        return needed < 1e15 ? max(Int(needed.rounded(.up)) - updates, 0) : nil
    }
}
