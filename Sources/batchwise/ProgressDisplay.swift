import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// Shows the progress of a run on standard error: a bar where that is a terminal, else a line now and then.
struct ProgressDisplay {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let hasColor: Bool
    /// Whether lines are written. Without them only the bar is shown, because other output is meant for programs.
    private let hasLines: Bool
    private let epochs: Int
    private let examplesPerEpoch: Int
    private var lastBar = 0.0
    private var lastLine = now()
    private var isDrawn = false
    /// The examples and the time of this process, from which the rate is computed.
    private var first: (examples: Int, time: Double)?
    /// The batch of the last epoch that was shown.
    private var batch: Int?

    init(epochs: Int, examplesPerEpoch: Int, hasLines: Bool) {
        self.epochs = epochs
        self.examplesPerEpoch = examplesPerEpoch
        self.hasLines = hasLines
        let environment = ProcessInfo.processInfo.environment
        hasColor = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// Draws the bar, at most ten times a second.
    mutating func draw(_ report: UpdateReport, _ totals: EpochTotals) {
        guard isTerminal else { return }
        let time = now()
        if first == nil { first = (report.examples, time) }
        guard time - lastBar >= 0.1, let first, time > first.time else { return }
        lastBar = time
        let perSecond = Double(report.examples - first.examples) / (time - first.time)
        // epochs that drop their last batch differ a little, once the batch has grown
        let left = max(0, Double(epochs * examplesPerEpoch - report.examples)) / perSecond
        let share = min(1, Double(totals.examples) / Double(examplesPerEpoch))
        var text = " loss \(totals.loss.map { String(format: "%.3g", $0) } ?? "-")"
        if report.accuracy != nil, let accuracy = totals.accuracy { text += " acc \(percent(accuracy))" }
        if let noise = totals.noise?.estimate { text += " noise \(noise.short)" }
        text += " [\(short(Double(totals.examples) / totals.seconds)) examples/s, \(clockTime(left)) left]"
        show("epoch \(report.epoch)/\(epochs) \(String(format: "%3.0f%%", 100 * share)) ", share, text)
    }

    /// Puts the bar between two texts, as wide as the terminal lets it.
    private mutating func show(_ before: String, _ share: Double, _ after: String) {
        var size = winsize()
        let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let columns = known ? Int(size.ws_col) : 80
        let room = min(columns - before.count - after.count - 1, 40)
        var line = before
        if room >= 5 {
            let full = Int(share * Double(room))
            let bar = String(repeating: "█", count: full)
            line += hasColor ? "\u{1B}[32m\(bar)\u{1B}[0m" : bar
            line += String(repeating: "░", count: room - full) + after
        } else {
            line = String((before + after).prefix(max(columns - 1, 1)))
        }
        Output.draw("\r\(line)\u{1B}[K")
        isDrawn = true
    }

    /// Removes the bar.
    mutating func clear() {
        guard isDrawn else { return }
        Output.draw("\r\u{1B}[K")
        isDrawn = false
    }

    /// Writes a line for a decision about the size of the batch.
    mutating func show(_ decision: GrowthDecision) {
        guard hasLines else { return }
        clear()
        Output.log(decision.text)
    }

    /// Writes a line for the first epoch, the last one, and others when the line before is a second old.
    mutating func finish(_ record: RunEvent.Epoch) {
        guard hasLines, now() - lastLine >= 1 || record.epoch == 1 || record.epoch == epochs else { return }
        clear()
        lastLine = now()
        var parts = ["epoch \(record.epoch)/\(epochs): loss \(record.trainLoss.map(significant) ?? "-")"]
        if record.isClassification { parts.append("accuracy \(record.trainAccuracy.map(percent) ?? "-")") }
        if let validation = record.validation { parts.append(validation.text(prefix: "validation ")) }
        if let test = record.test { parts.append(test.text(prefix: "test ")) }
        if let noise = record.noise { parts.append("noise \(noise.short)") }
        if let batch, batch != record.batch { parts.append("batch \(record.batch)") }
        batch = record.batch
        if let gain = record.gain { parts.append("gain \(significant(gain))") }
        parts.append("\(record.examplesPerSecond.map(grouped) ?? "-") examples/s")
        Output.log(parts.joined(separator: ", "))
    }
}
