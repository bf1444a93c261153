import Foundation

/// Numbers over a plane, drawn with characters: a darker one for a larger number, on a logarithmic scale where all are
/// above 0 and far apart.
struct ShadeMap {
    /// Rows from the top; nil is drawn as `?`.
    let rows: [[Double?]]

    private static let shades: [Character] = [" ", "·", ":", "-", "=", "+", "*", "#", "%", "@"]

    /// A line for each row, two characters for each number, and a line that says what the shades mean.
    var lines: [String] {
        let numbers = rows.joined().compactMap { $0 }.filter(\.isFinite)
        guard let low = numbers.min(), let high = numbers.max() else { return [] }
        let isLogarithmic = low > 0 && high > 30 * low
        func scale(_ number: Double) -> Double { isLogarithmic ? log(number) : number }
        let most = Self.shades.count - 1
        func shade(_ number: Double?) -> Character {
            guard let number, number.isFinite else { return "?" }
            guard high > low else { return Self.shades[0] }
            let share = (scale(number) - scale(low)) / (scale(high) - scale(low))
            return Self.shades[Int((share * Double(most)).rounded())]
        }
        var lines = rows.map { row in "│" + String(row.flatMap { [shade($0), shade($0)] }) + "│" }
        lines.append(
            "from ' ' for \(significant(low)) to '\(Self.shades[most])' for \(significant(high))"
                + (isLogarithmic ? ", logarithmic" : ""))
        return lines
    }
}
