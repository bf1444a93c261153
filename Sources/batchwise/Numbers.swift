import Foundation

// Numbers as people read them.

/// Four digits that matter, or all before the point.
func significant(_ value: Double) -> String {
    if value == 0 { return "0" }
    return abs(value) >= 1000 && abs(value) < 1e15 ? grouped(value) : String(format: "%.4g", value)
}

/// 0.9789 as 97.9%.
func percent(_ share: Double) -> String { String(format: "%.1f%%", 100 * share) }

/// 1234567.8 as 1,234,568.
func grouped(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var digits = String(Int(abs(value).rounded()))
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (value < 0 && digits != "0" ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// 123456 as 123k, 1234567 as 1.23M.
func short(_ value: Double) -> String {
    switch value {
    case 1e6...: String(format: "%.3gM", value / 1e6)
    case 1e4...: String(format: "%.0fk", value / 1e3)
    default: grouped(value)
    }
}

/// "1 epoch", "2 epochs"; or "2 batches", with a plural of its own.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(grouped(Double(count))) \(count == 1 ? noun : plural ?? noun + "s")"
}

/// 0.42 s, 12.3 s, 3:07, 2:05:00.
func shownTime(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    if seconds < 60 { return String(format: seconds < 10 ? "%.2f s" : "%.1f s", seconds) }
    return clockTime(seconds)
}

/// 0:07, 3:07, 2:05:00.
func clockTime(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
}

/// The words of a text in lines of at most so many characters.
func wrapped(_ text: String, width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
        let line = lines[lines.count - 1]
        if line.isEmpty {
            lines[lines.count - 1] = String(word)
        } else if line.count + 1 + word.count <= width {
            lines[lines.count - 1] += " \(word)"
        } else {
            lines.append(String(word))
        }
    }
    return lines
}
