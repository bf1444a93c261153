import Batchwise
import Foundation

extension NoiseScale.Estimate {
    /// 14.2 (95%: 11.8 to 17.9), or what is known of it.
    var shown: String {
        switch verdict {
        case .measured:
            "\(noiseScale.map(significant) ?? "?") (95%: \(low.map(significant) ?? "?") to \(high.map(significant) ?? "?"))"
        case .atLeast: "at least \(low.map(significant) ?? "?") (95%)"
        case .notEnoughEvidence: "not enough evidence"
        case .noNoise: "0"
        case .noGradient: "no gradient"
        }
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
