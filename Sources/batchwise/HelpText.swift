/// The text of `--help` for a terminal of 80 columns.
///
/// The argument parser wraps everything but the line of usage. It wraps a line that is too long by itself, not together
/// with the next: the discussions of commands are written in lines of at most 79 columns.
enum HelpText {
    private static let columns = 80

    /// The text with its lines of usage wrapped between options.
    static func wrapped(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("USAGE: ") && $0.count > columns ? wrapped(usage: $0) : String($0) }
            .joined(separator: "\n")
    }

    private static func wrapped(usage: Substring) -> String {
        var lines = [""]
        for option in options(usage) {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = option
            } else if line.count + 1 + option.count <= columns {
                lines[lines.count - 1] += " " + option
            } else {
                lines.append("         " + option)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The words of a usage; what stands in brackets is one of them.
    private static func options(_ usage: Substring) -> [String] {
        var options: [String] = []
        var depth = 0
        for word in usage.split(separator: " ") {
            if depth > 0 { options[options.count - 1] += " " + word } else { options.append(String(word)) }
            depth += word.count { $0 == "[" } - word.count { $0 == "]" }
        }
        return options
    }
}
