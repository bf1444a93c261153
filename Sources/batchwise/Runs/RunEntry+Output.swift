import BatchwiseRuns
import Foundation
import Foundations

extension RunEntry {
    var json: JSON {
        .object([
            ("run", .string(path)), ("name", .string(name)),
            ("began", .string(began > 0 ? when("yyyy-MM-dd'T'HH:mm:ss'Z'") : "")),
            ("status", .string(status.rawValue)), ("source", .string(source)), ("target", JSON(target)),
            ("epochs", .int(epochs)), ("all_epochs", allEpochs.map { .int($0) } ?? .null), ("updates", .int(updates)),
            ("metric", JSON(metric?.name)), ("value", JSON(metric?.value)),
            ("parameters", parameters.map { .int($0) } ?? .null), ("bytes", .int(bytes)),
        ])
    }

    /// Two lines for people, of at most 80 columns.
    var text: String {
        let first = [when("yyyy-MM-dd HH:mm"), status.rawValue, shownName(limit: 50)].joined(separator: "  ")
        var parts = [clipped(source + (target.map { ": \($0)" } ?? ""), limit: 28)]
        parts.append("\(epochs)/\(allEpochs.map(String.init) ?? "?") epochs")
        if let metricText { parts.append(metricText) }
        if let parameters { parts.append("\(short(Double(parameters))) par.") }
        parts.append(sizeText(bytes))
        return first + "\n    " + clipped(parts.joined(separator: "  "), limit: 76) + "\n"
    }

    /// The metric with its name in words.
    var metricText: String? {
        metric.map { name, value in
            let words = name.split(separator: "_").joined(separator: " ")
            return "\(words) \(name.hasSuffix("accuracy") ? percent(value) : significant(value))"
        }
    }

    func shownName(limit: Int) -> String { clipped(name, limit: limit) }

    /// When the run began, in UTC.
    func when(_ form: String) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = form
        return formatter.string(from: Date(timeIntervalSince1970: began))
    }
}

/// The text without control characters, and with dots in place of what is too long.
func clipped(_ text: String, limit: Int) -> String {
    let text = escaped(text, limit: 1000)
    return text.count <= limit ? text : text.prefix(limit - 3) + "..."
}

/// 812 B, 34.5 kB, 1.2 MB.
func sizeText(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var (size, unit) = (Double(bytes), 0)
    while size >= 1000, unit < units.count - 1 { (size, unit) = (size / 1000, unit + 1) }
    return unit == 0 ? "\(bytes) B" : String(format: "%.1f ", size) + units[unit]
}
