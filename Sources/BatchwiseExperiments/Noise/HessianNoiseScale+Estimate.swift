import Batchwise
import Foundations

extension HessianNoiseScale {
    /// The mean of a curvature over the samples, and the half width of Student's interval of 95%.
    package struct Curvature: Sendable, Hashable {
        package let mean, halfWidth: Double
    }

    /// B_noise with its interval of 95%, as far as the samples tell it.
    package struct Estimate: Sendable, Hashable {
        /// tr(HS) / (G'HG) and the ends of its interval; nil where the curvature along the gradient or along the noise is
        /// not told to be above 0.
        package private(set) var noiseScale, low, high: Double?
        /// G'HG.
        package let alongGradient: Curvature
        /// tr(HS).
        package let alongNoise: Curvature
        /// The number of samples.
        package let samples: Int
        package private(set) var verdict: Verdict

        /// The part of tr(HS) below which G'HG is rounding, and the other way round: a mean gradient that is smaller than
        /// a hundred thousandth of the gradients is not known from sums of float32 numbers.
        private static let rounding = 1e-10

        /// The estimate from pairs of G'HG and tr(HS).
        init(_ means: PairedMeans) {
            let t = means.count > 1 ? StudentT(degrees: Double(means.count - 1)).quantile(0.975) : 0
            func halfWidth(_ variance: Double) -> Double { t * (variance / Double(max(means.count, 1))).squareRoot() }
            let (x, y) = (means.x, means.y)
            let (widthX, widthY) = (halfWidth(means.varianceOfX), halfWidth(means.varianceOfY))
            alongGradient = Curvature(mean: x, halfWidth: widthX)
            alongNoise = Curvature(mean: y, halfWidth: widthY)
            samples = means.count
            if x == 0, y == 0 {
                verdict = .noCurvature
            } else if abs(x) <= max(widthX, Self.rounding * abs(y)) {
                verdict = .gradientUnclear
            } else if x < 0 {
                verdict = .gradientNegative
            } else if abs(y) + widthY <= Self.rounding * x {
                (noiseScale, low, high, verdict) = (0, 0, 0, .noNoise)
            } else if abs(y) <= widthY {
                verdict = .noiseUnclear
            } else if y < 0 {
                verdict = .noiseNegative
            } else if let inverse = means.ratio(), inverse.lowerBound > 0 {
                noiseScale = y / x
                (low, high) = (1 / inverse.upperBound, 1 / inverse.lowerBound)
                verdict = .measured
            } else {
                verdict = .gradientUnclear
            }
        }

        /// The entries of a JSON object.
        package var entries: [(key: String, value: JSON)] {
            [
                ("noise_scale", JSON(noiseScale)), ("low", JSON(low)), ("high", JSON(high)),
                ("along_gradient", .number(alongGradient.mean)),
                ("along_gradient_half_width", .number(alongGradient.halfWidth)),
                ("along_noise", .number(alongNoise.mean)), ("along_noise_half_width", .number(alongNoise.halfWidth)),
                ("samples", .int(samples)), ("verdict", .string(verdict.rawValue)),
            ]
        }
    }

    /// The verdict of the samples.
    package enum Verdict: String, Sendable, Hashable {
        /// Both curvatures are above 0, and the interval has two ends.
        case measured
        /// The curvature along the gradient cannot be told from 0.
        case gradientUnclear = "gradient unclear"
        /// The curvature along the gradient is below 0.
        case gradientNegative = "gradient negative"
        /// The curvature along the noise cannot be told from 0.
        case noiseUnclear = "noise unclear"
        /// The curvature along the noise is below 0.
        case noiseNegative = "noise negative"
        /// The gradients of all batches are equal.
        case noNoise = "no noise"
        /// The loss has no curvature along the gradients, or these are 0.
        case noCurvature = "no curvature"
    }
}
