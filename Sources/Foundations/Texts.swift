import Foundation

// Numbers and names as messages show them.

/// 1,234,567 bytes as "1.2 MiB".
package func byteText(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1024 && unit < units.count - 1 {
        value /= 1024
        unit += 1
    }
    if unit == 0 { return "\(bytes) bytes" }
    let tenths = (value * 10).rounded() / 10
    return "\(tenths) \(units[unit])"
}

/// The nearest number that has so many significant digits.
package func rounded(_ value: Double, digits: Int) -> Double {
    Double(String(format: "%.\(digits - 1)e", value)) ?? value
}

/// A text from a file, made safe to print: controls and characters that reorder text are spelled out, and no more than
/// `limit` characters are shown.
package func escaped(_ text: String, limit: Int) -> String {
    var result = ""
    var length = 0
    for scalar in text.unicodeScalars {
        if length == limit { return result + "..." }
        // Controls move the cursor or hide text; format characters reorder it.
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            result += scalar == "\n" ? "\\n" : "\\u{" + String(scalar.value, radix: 16) + "}"
        default: result.unicodeScalars.append(scalar)
        }
        length += 1
    }
    return result
}

/// A text as one word of a shell.
package func shellQuoted(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "/-_.+:@%".contains($0) }
    return isPlain && !text.isEmpty
        ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
