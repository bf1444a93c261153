import Foundation

/// Points and a curve on two logarithmic axes, drawn with characters.
///
/// ```
/// 100 ┤●·
///     │  ····
///     │      ·●·
///     │         ····
///   1 ┤             ·●
///     └───────────────
///      1     100 batch
/// ```
struct LogChart {
    /// At least two points, with coordinates above 0.
    let points: [(x: Double, y: Double)]
    let curve: (Double) -> Double
    /// The name of the horizontal axis.
    let across: String

    /// Lines of at most `width` characters: `height` for the points, and two for the axis.
    func lines(width: Int, height: Int) -> [String] {
        let (xs, ys) = (points.map { log($0.x) }, points.map { log($0.y) })
        let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
        let (bottom, top) = (ys.min() ?? 0, ys.max() ?? 0)
        let labels = [short(exp(top)), short(exp(bottom))]
        let margin = labels.map(\.count).max() ?? 0
        let columns = max(width - margin - 2, 10)
        var grid = Array(repeating: [Character](repeating: " ", count: columns), count: height)
        func row(_ y: Double) -> Int {
            let share = top > bottom ? (y - bottom) / (top - bottom) : 0
            return Int(((1 - share) * Double(height - 1)).rounded())
        }
        for column in 0..<columns {
            let x = left + (right - left) * Double(column) / Double(columns - 1)
            let row = row(log(curve(exp(x))))
            if grid.indices.contains(row) { grid[row][column] = "·" }
        }
        for (x, y) in zip(xs, ys) {
            let share = right > left ? (x - left) / (right - left) : 0
            grid[row(y)][Int((share * Double(columns - 1)).rounded())] = "●"
        }
        var lines = grid.enumerated().map { place, cells in
            let label = place == 0 ? labels[0] : place == height - 1 ? labels[1] : ""
            let padding = String(repeating: " ", count: margin - label.count)
            var line = padding + label + (label.isEmpty ? " │" : " ┤") + String(cells)
            while line.last == " " { line.removeLast() }
            return line
        }
        let (first, last) = (short(exp(left)), "\(short(exp(right))) \(across)")
        lines.append(String(repeating: " ", count: margin) + " └" + String(repeating: "─", count: columns))
        lines.append(
            String(repeating: " ", count: margin + 2) + first
                + String(repeating: " ", count: max(columns - first.count - last.count, 1)) + last)
        return lines
    }
}
