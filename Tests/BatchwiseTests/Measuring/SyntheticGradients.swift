import Batchwise
import Foundation

/// Updates whose gradients are drawn about a mean that is known, in 100 dimensions of variance 1.
struct SyntheticGradients: Sendable {
    /// The distribution of an example's gradient in each dimension, always of variance 1.
    enum Tails: Sendable {
        case normal
        /// Student's t with 3 degrees of freedom, of which moments beyond the second are infinite.
        case heavy
    }

    static let dimensions = 100
    /// tr(S) / |G|^2.
    var noiseScale: Double
    /// m, the small batches of an update.
    var smallBatches: Int
    var examplesPerBatch = 16
    var updates = 50
    /// |G|^2 falls by e^drift from the first update to the last.
    var drift = 0.0
    var tails = Tails.normal

    /// The noise scale over all updates, tr(S) / mean |G|^2.
    var truth: Double {
        noiseScale * Double(updates) / (0..<updates).reduce(0) { $0 + exp(-drift * progress($1)) }
    }

    private func progress(_ update: Int) -> Double { updates > 1 ? Double(update) / Double(updates - 1) : 0 }

    /// The samples of one repeat of the experiment.
    func samples(repeat number: Int) -> [NoiseSample.Part] {
        let random = CounterRandom(seed: 7, purpose: .simulation, example: number)
        var counter: UInt64 = 0
        let (batches, examples) = (Double(smallBatches), Double(examplesPerBatch))
        var sum = [Double](repeating: 0, count: Self.dimensions)
        return (0..<updates).map { update in
            let component = (exp(-drift * progress(update)) / noiseScale).squareRoot()
            for place in sum.indices { sum[place] = 0 }
            var squares = 0.0
            for _ in 0..<smallBatches {
                for place in sum.indices {
                    var value = component
                    switch tails {
                    case .normal:
                        // the mean of normal gradients is normal
                        value += random.normal(at: counter) / examples.squareRoot()
                        counter += 1
                    case .heavy:
                        var noise = 0.0
                        for _ in 0..<examplesPerBatch / 4 {
                            noise += HeavyTails.sumOfFour(random.bits(at: counter))
                            counter += 1
                        }
                        value += noise / examples
                    }
                    sum[place] += value
                    squares += value * value
                }
            }
            return NoiseSample.Part(
                layer: "", mean: sum.reduce(0) { $0 + ($1 / batches) * ($1 / batches) }, ofBatches: squares / batches,
                batches: smallBatches, examples: smallBatches * examplesPerBatch, population: nil)
        }
    }
}

/// Numbers of Student's t distribution with 3 degrees of freedom and variance 1: one of 65,536 quantiles for 16 random
/// bits.
private enum HeavyTails {
    private static let quantiles: [Double] = {
        let t = StudentT(degrees: 3)
        let values = (0..<65_536).map { t.quantile((Double($0) + 0.5) / 65_536) }
        let deviation = (values.reduce(0) { $0 + $1 * $1 } / 65_536).squareRoot()
        return values.map { $0 / deviation }
    }()

    static func sumOfFour(_ bits: UInt64) -> Double {
        let values = quantiles
        return values[Int(bits & 65_535)] + values[Int((bits >> 16) & 65_535)] + values[Int((bits >> 32) & 65_535)]
            + values[Int(bits >> 48)]
    }
}
