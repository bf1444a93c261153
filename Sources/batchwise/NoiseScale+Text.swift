import Batchwise
import Foundation

extension NoiseScale.Estimate {
    /// 14.2 (95%: 11.8 to 17.9), or what is known of it.
    var shown: String {
        switch verdict {
        case .measured:
            interval(noiseScale, low, high)
        case .atLeast: "at least \(low.map(significant) ?? "?") (95%)"
        case .notEnoughEvidence: "not enough evidence"
        case .noNoise: "0"
        case .noGradient: "no gradient"
        }
    }

    /// A sentence about the batch, from the noise scale at the end of a training.
    func sentence(about batch: Int) -> String {
        let start =
            switch verdict {
            case .measured: "noise scale \(brief(noiseScale)) (\(brief(low)) to \(brief(high)))"
            case .atLeast: "noise scale at least \(brief(low))"
            case .notEnoughEvidence: "noise scale unknown"
            case .noNoise: "noise scale 0"
            case .noGradient: "noise scale unknown"
            }
        let size = "the batch of \(grouped(Double(batch)))"
        switch verdict {
        case .notEnoughEvidence: return "\(start): the mean gradient cannot be told from 0 any more"
        case .noGradient: return "\(start): all gradients are 0"
        case .noNoise:
            return "\(start): the gradients of all examples are equal, and a batch of 1 is as good as \(size)"
        case .measured, .atLeast:
            if let low, Double(batch) < low {
                return "\(start): \(size) is below it, and a larger one would save updates"
            }
            if let high, Double(batch) > high {
                return "\(start): \(size) is above it, and a smaller one would save examples"
            }
            return "\(start): \(size) is about as large as it, as far as can be told"
        }
    }

    private func brief(_ value: Double?) -> String {
        value.map { abs($0) >= 1000 ? grouped($0) : String(format: "%.3g", $0) } ?? "?"
    }

    /// 14.2, >120 or ?: for a line of progress.
    var short: String {
        switch verdict {
        case .measured: noiseScale.map { String(format: "%.3g", $0) } ?? "?"
        case .atLeast: low.map { String(format: ">%.3g", $0) } ?? "?"
        case .notEnoughEvidence, .noGradient: "?"
        case .noNoise: "0"
        }
    }
}
