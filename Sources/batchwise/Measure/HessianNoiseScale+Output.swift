import BatchwiseExperiments
import Foundations

extension HessianNoiseScale {
    var json: JSON {
        .object(
            estimate.entries + [
                ("examples_per_sample", .int(examplesPerSample)), ("batch", .int(batch)),
                (
                    "layers",
                    .array(layers.map { name, estimate in .object([("name", .string(name))] + estimate.entries) })
                ),
            ])
    }

    /// The result in lines of at most 80 columns.
    var lines: [String] {
        wrapped("with the curvature of the loss, tr(HS) / G'HG: \(estimate.shown)", width: 80) + [
            "  tr(HS) \(significant(estimate.alongNoise.mean)), G'HG \(significant(estimate.alongGradient.mean)); "
                + "\(counted(estimate.samples, "sample")) of \(counted(examplesPerSample, "example"))"
        ] + wrapped(estimate.meaning, width: 78).map { "  \($0)" }
    }
}

extension HessianNoiseScale.Estimate {
    /// 14.2 (95%: 11.8 to 17.9), or the reason why it is not known.
    var shown: String {
        switch verdict {
        case .measured: interval(noiseScale, low, high)
        case .gradientUnclear, .noiseUnclear: "not enough evidence"
        case .gradientNegative, .noiseNegative: "negative curvature"
        case .noNoise: "0"
        case .noCurvature: "no curvature"
        }
    }

    fileprivate var meaning: String {
        switch verdict {
        case .measured:
            "With steps as long as the curvature allows, batches of B take 1 + \(significant(noiseScale ?? 0)) / B times "
                + "the fewest updates. Where the curvature is the same in all directions this is the noise scale above."
        case .gradientUnclear:
            "The curvature along the gradient cannot be told from 0: no step is the best one here."
        case .gradientNegative:
            "The curvature along the gradient is below 0: longer steps are better for any batch, up to where the loss "
                + "bends."
        case .noiseUnclear: "The curvature along the noise cannot be told from 0."
        case .noiseNegative:
            "The curvature along the noise is below 0: the noise costs nothing, and a batch of 1 is as good as any other."
        case .noNoise: "The gradients of all batches are equal: a batch of 1 is as good as any other."
        case .noCurvature: "The loss has no curvature along the gradients, or they are 0."
        }
    }
}

/// 14.2 (95%: 11.8 to 17.9)
func interval(_ value: Double?, _ low: Double?, _ high: Double?) -> String {
    func shown(_ number: Double?) -> String { number.map(significant) ?? "?" }
    return "\(shown(value)) (95%: \(shown(low)) to \(shown(high)))"
}
