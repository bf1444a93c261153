import BatchwiseRuns
import Foundations

/// Runs side by side: the keys of their recipes that differ, and their results. Up to four runs fit into 80 columns.
struct RunTable {
    private let runs: [RunEntry]
    private let comparison: RunComparison

    init(_ runs: [RunEntry], _ comparison: RunComparison) {
        self.runs = runs
        self.comparison = comparison
    }

    var text: String {
        let labels = 22
        let width = runs.count <= 4 ? (80 - labels) / runs.count - 2 : 12
        func row(_ label: String, _ cells: [String]) -> [String] {
            let padded = clipped(label, limit: labels - 1)
            let parts = cells.map { wrappedCell($0, width: width) }
            return (0..<(parts.map(\.count).max() ?? 0)).map { line in
                let head = line == 0 ? padded : ""
                var text = head + String(repeating: " ", count: labels - head.count)
                for part in parts {
                    let cell = line < part.count ? part[line] : ""
                    text += "  " + cell + String(repeating: " ", count: width - cell.count)
                }
                while text.last == " " { text.removeLast() }
                return text
            }
        }
        var lines = row("", runs.map { $0.name })
        for (key, values) in comparison.keys { lines += row(key, values.map { $0 ?? "-" }) }
        if comparison.keys.isEmpty { lines.append("the recipes are the same") }
        lines += row("status", runs.map { $0.status.rawValue })
        lines += row("epochs", runs.map { "\($0.epochs)/\($0.allEpochs.map(String.init) ?? "?")" })
        lines += row("updates", runs.map { grouped(Double($0.updates)) })
        let names = runs.compactMap { $0.metric?.name }.reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        for name in names {
            let cells = runs.map { run in
                guard let metric = run.metric, metric.name == name else { return "-" }
                return name.hasSuffix("accuracy") ? percent(metric.value) : significant(metric.value)
            }
            lines += row(name.split(separator: "_").joined(separator: " "), cells)
        }
        lines += row("parameters", runs.map { $0.parameters.map { grouped(Double($0)) } ?? "-" })
        return lines.joined(separator: "\n") + "\n"
    }

    /// A text in lines of at most so many characters, of which the fourth is the last.
    private func wrappedCell(_ text: String, width: Int) -> [String] {
        var rest = Substring(escaped(text, limit: 1000))
        var lines: [String] = []
        while !rest.isEmpty, lines.count < 4 {
            let part = rest.prefix(width)
            rest = rest.dropFirst(part.count)
            lines.append(lines.count == 3 && !rest.isEmpty ? part.dropLast(3) + "..." : String(part))
        }
        return lines.isEmpty ? [""] : lines
    }
}
