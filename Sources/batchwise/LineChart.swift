import Foundation

/// Numbers above 0 over a logarithmic axis, drawn with characters.
///
/// ```
/// 2.31 ┤▇▇▇▇▆▆▅                ▅
///      │████████▆▅            ▂█
/// 1.15 ┤███████████▅▃        ▂██
///      │██████████████▆▄▃▃▃▃▄███
///    0 └────────────────────────
///       0.001    0.01     0.1
/// ```
/// Each column is the mean of its points. The axis ends a quarter above the highest of the first columns; what is
/// above it is cut off.
struct LineChart {
    /// The points, in ascending order of x, which is above 0.
    let points: [(x: Double, y: Double)]

    private static let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Lines of at most `width` characters: `height` for the numbers, and two for the axis.
    func lines(width: Int, height: Int) -> [String] {
        guard let first = points.first?.x, let last = points.last?.x, last > first, first > 0 else { return [] }
        // as long as the longest label, but for numbers that are far from 1
        let margin = points.contains { $0.y.isFinite && $0.y > 0 && !(1e-2...1e5).contains($0.y) } ? 9 : 7
        let count = max(width - margin - 2, 10)
        let values = columns(count, first, last)
        let highest = values.prefix(max(count / 10, 1)).compactMap(\.self).max() ?? 0
        let top = highest > 0 ? min(1.25 * highest, .greatestFiniteMagnitude) : 1
        let levels = values.map { value in
            value.map { Int((min(max($0 / top, 0), 1) * Double(8 * height)).rounded()) } ?? 0
        }
        var lines = (0..<height).map { row in
            let cells = levels.map { Self.blocks[min(max($0 - 8 * (height - 1 - row), 0), 8)] }
            let label = row == 0 ? top : row == height / 2 ? top * (Double(height - row) / Double(height)) : nil
            return aligned(label.map(short) ?? "", margin) + (label == nil ? " │" : " ┤") + trimmed(String(cells))
        }
        lines.append(aligned("0", margin) + " └" + String(repeating: "─", count: count))
        lines.append(String(repeating: " ", count: margin + 2) + ticks(count, first, last))
        return lines
    }

    /// The mean of the points of each column; a column without any has that of the one before.
    private func columns(_ count: Int, _ first: Double, _ last: Double) -> [Double?] {
        var sums = [Double](repeating: 0, count: count)
        var counts = [Int](repeating: 0, count: count)
        for point in points where point.y.isFinite {
            let column = place(point.x, count, first, last)
            sums[column] += point.y
            counts[column] += 1
        }
        var before: Double?
        return zip(sums, counts).map { sum, count in
            if count > 0 { before = sum / Double(count) }
            return before
        }
    }

    private func place(_ x: Double, _ count: Int, _ first: Double, _ last: Double) -> Int {
        min(Int(log(x / first) / log(last / first) * Double(count)), count - 1)
    }

    /// 1, 2 and 5 times powers of ten at their places, or powers of ten alone over more than three decades.
    private func ticks(_ count: Int, _ first: Double, _ last: Double) -> String {
        let factors: [Double] = last / first > 1000 ? [1] : [1, 2, 5]
        var line = ""
        var power = log10(first).rounded(.down)
        while pow(10, power) <= last {
            for tick in factors.map({ $0 * pow(10, power) }) where tick >= first && tick <= last {
                let label = short(tick)
                let column = place(tick, count, first, last)
                guard line.isEmpty || column > line.count, column + label.count <= count else { continue }
                line += String(repeating: " ", count: column - line.count) + label
            }
            power += 1
        }
        return line
    }

    private func short(_ value: Double) -> String { String(format: "%.3g", value) }

    private func aligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }

    private func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
