import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// The learning rate over a run, drawn with characters or listed as points.
///
/// ```
///  0.1 ┤      ▂▅▇██▇▆▅▄▂
///      │     ▅███████████▆▄▂
/// 0.05 ┤   ▃████████████████▇▅▃▁
///      │▁▃▆█████████████████████▇▅▃▂▁▁▁
///    0 └───────────────────────────────
///       0               10    20 epochs
/// ```
/// A rate that falls by factors, below a twentieth of its peak, is drawn on a logarithmic axis.
struct RateChart {
    let rate: LearningRate.Resolved
    let epochs: Int

    private static let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Lines of at most `width` characters: `height` for the rates, and two for the axis of epochs.
    func lines(width: Int, height: Int) -> [String] {
        let height = max(height, 2)
        let axis = Axis(low: lowestOfFactors, high: rate.peak)
        // labels stand at the top of their rows
        let labels = (0...height).map { row in
            row % max(height / 2, 1) == 0 && (row < height - 1 || row == height)
                ? axis.label(Double(height - row) / Double(height)) : ""
        }
        let margin = labels.map(\.count).max() ?? 0
        let columns = max(width - margin - 2, 10)
        let levels = rates(columns).map { rate in
            rate > 0 ? max(Int((axis.share(rate) * Double(8 * height)).rounded()), 1) : 0
        }
        var lines: [String] = []
        for row in 0..<height {
            let below = 8 * (height - 1 - row)
            let cells = levels.map { Self.blocks[min(max($0 - below, 0), 8)] }
            lines.append(aligned(labels[row], margin) + (labels[row].isEmpty ? " │" : " ┤") + trimmed(String(cells)))
        }
        lines.append(aligned(labels[height], margin) + " └" + String(repeating: "─", count: columns))
        lines.append(String(repeating: " ", count: margin + 2) + epochLabels(columns))
        return lines
    }

    /// So many points from the start of the run to its end: epoch, examples, rate, and the momentum where it is driven.
    func points(_ count: Int) -> JSON {
        let last = max(count - 1, 1)
        return .array(
            (0...last).map { index in
                let examples = Int((rate.total * Double(index) / Double(last)).rounded())
                var entries: [(key: String, value: JSON)] = [
                    ("epoch", .number(Double(examples) * Double(epochs) / rate.total)), ("examples", .int(examples)),
                    ("rate", .number(rate.rate(afterExamples: examples))),
                ]
                if let momentum = rate.momentum(afterExamples: examples) {
                    entries.append(("momentum", .number(Double("\(momentum)") ?? Double(momentum))))
                }
                return .object(entries)
            })
    }

    /// The rates in the middle of so many parts of the run.
    private func rates(_ count: Int) -> [Double] {
        (0..<count).map { part in
            rate.rate(afterExamples: Int(rate.total * (Double(part) + 0.5) / Double(count)))
        }
    }

    /// The lowest rate of one that falls by factors, if it is below a twentieth of the peak.
    private var lowestOfFactors: Double? {
        switch rate.decay {
        case .step, .multiStep, .exponential:
            let lowest = min(rate.rate(afterExamples: 0), rate.rate(afterExamples: Int(rate.total)))
            return lowest > 0 && lowest < rate.peak / 20 ? lowest : nil
        default: return nil
        }
    }

    /// Round numbers of epochs, at least eight characters apart, and all of them at the end.
    private func epochLabels(_ columns: Int) -> String {
        let last = "\(epochs) \(epochs == 1 ? "epoch" : "epochs")"
        let end = max(columns - last.count, 0)
        var line = ""
        for tick in 0... {
            let epoch = Double(tick) * epochStep(columns)
            let place = Int((epoch / Double(epochs) * Double(columns)).rounded())
            let label = String(format: "%.6g", epoch)
            guard place + label.count < end else { break }
            line = padded(line, to: place) + label
        }
        return padded(line, to: end) + last
    }

    /// 1, 2 or 5 times a power of ten.
    private func epochStep(_ columns: Int) -> Double {
        let least = 8 * Double(epochs) / Double(columns)
        let power = pow(10, log10(least).rounded(.down))
        return power * ([1, 2, 5].first { power * $0 >= least } ?? 10)
    }

    private func padded(_ line: String, to width: Int) -> String {
        line + String(repeating: " ", count: max(width - line.count, 0))
    }

    private func aligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }

    private func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}

/// The axis of rates: from 0 or, where there is a lowest one, logarithmic from there.
private struct Axis {
    let low: Double?
    let high: Double

    /// The height of a rate in the chart, from 0 to 1.
    func share(_ rate: Double) -> Double {
        guard let low else { return rate / high }
        // quotients of the rates themselves may be beyond a Double
        return max((log(rate) - log(low)) / (log(high) - log(low)), 0)
    }

    func label(_ share: Double) -> String {
        String(format: "%.3g", low.map { exp(log($0) + (log(high) - log($0)) * share) } ?? high * share)
    }
}
