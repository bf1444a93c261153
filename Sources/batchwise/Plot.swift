import Foundation

/// Points drawn with characters. Where all heights are above 0 and far apart, the axis is logarithmic.
///
/// ```
///  80 ┤                  · · · · ·
///     │          ● ● ● ● ● ● ● ● ●
///  40 ┤      ●
///     │  ●
///   0 └───────────────────────────
///     0                  20 epochs
/// ```
struct Plot {
    /// Points of one kind.
    struct Series {
        var mark: Character
        var points: [(x: Double, y: Double)]
    }

    /// The series; the later one is drawn over the earlier.
    let series: [Series]
    /// The texts below both ends of the horizontal axis.
    let (first, last): (String, String)

    private var points: [(x: Double, y: Double)] {
        series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    }

    /// Lines of at most `width` characters: `height` for the points, and two for the axis; none without points.
    func lines(width: Int, height: Int) -> [String] {
        let heights = points.map(\.y)
        guard var low = heights.min(), var high = heights.max(), let left = points.map(\.x).min(),
            let right = points.map(\.x).max()
        else { return [] }
        let isLogarithmic = low > 0 && high > 30 * low
        if !isLogarithmic, low >= 0, low < high / 2 { low = 0 }
        if low == high { (low, high) = (low - max(abs(low), 1) / 2, high + max(abs(high), 1) / 2) }
        func scale(_ y: Double) -> Double { isLogarithmic ? log(y) : y }
        let labels = (0..<height).map { row -> String in
            guard row == 0 || row == height - 1 || row == height / 2 else { return "" }
            let share = 1 - Double(row) / Double(max(height - 1, 1))
            let place = scale(low) + share * (scale(high) - scale(low))
            return String(format: "%.3g", isLogarithmic ? exp(place) : place)
        }
        let margin = labels.map(\.count).max() ?? 0
        let columns = max(width - margin - 2, 10)
        var cells = Array(repeating: Array(repeating: Character(" "), count: columns), count: height)
        for series in series {
            for point in series.points where point.x.isFinite && point.y.isFinite {
                let share = (scale(point.y) - scale(low)) / (scale(high) - scale(low))
                let row = Int(((1 - share) * Double(height - 1)).rounded())
                let along = right > left ? (point.x - left) / (right - left) : 0
                cells[row][Int((along * Double(columns - 1)).rounded())] = series.mark
            }
        }
        var lines: [String] = []
        for (label, row) in zip(labels, cells) {
            var line = String(repeating: " ", count: margin - label.count) + label + (label.isEmpty ? " │" : " ┤")
            line += String(row)
            while line.last == " " { line.removeLast() }
            lines.append(line)
        }
        let edge = String(repeating: " ", count: margin + 1)
        lines.append(edge + "└" + String(repeating: "─", count: columns))
        let gap = String(repeating: " ", count: max(columns - first.count - last.count, 1))
        lines.append(edge + " " + first + gap + last)
        return lines
    }
}
