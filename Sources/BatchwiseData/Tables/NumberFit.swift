import Batchwise
import Foundation

/// Fits the encoding of a column of numbers.
struct NumberFit {
    let isLogarithmic: Bool
    private let name: String
    private let file: String
    private let rule: ColumnRule
    private let standardise: Bool
    private var rows = 0
    private var moments = RunningMoments()
    private var smallest = Double.infinity
    private var largest = -Double.infinity
    /// The number of rows with each number, counted where missing values become the most frequent number.
    private var counts: [Double: Int] = [:]
    /// The cycles of a column of dates, and the place in each of the first date.
    private var cycles: [DateCycle: Double] = [:]
    /// The cycles in which dates have different places.
    private var varied: Set<DateCycle> = []

    init(_ name: String, _ rule: ColumnRule, standardise: Bool, file: String) {
        self.name = name
        self.rule = rule
        self.file = file
        self.standardise = standardise
        isLogarithmic = rule.kind == .log
    }

    /// Adds these rows of a run in the first pass.
    mutating func add(_ numbers: [Double], _ wanted: [Int]) {
        rows += wanted.count
        for row in wanted where !numbers[row].isNaN {
            let number = isLogarithmic ? log1p(numbers[row]) : numbers[row]
            moments.add(number)
            smallest = min(smallest, numbers[row])
            largest = max(largest, numbers[row])
            if rule.kind == .date { addPlaces(of: number) }
            if rule.missing == .mostFrequent { counts[number, default: 0] += 1 }
        }
    }

    /// The numbers from the smallest to the largest, as the file has them; nil where there are none.
    var range: ClosedRange<Double>? { smallest <= largest ? smallest...largest : nil }

    private mutating func addPlaces(of date: Double) {
        for cycle in DateCycle.allCases where !varied.contains(cycle) {
            let phase = cycle.phase(date)
            if let first = cycles[cycle] {
                if first != phase { varied.insert(cycle) }
            } else {
                cycles[cycle] = phase
            }
        }
    }

    mutating func endFirstPass() throws(DataError) {
        moments.endFirstPass()
        guard moments.mean.isFinite else { throw notFinite }
    }

    /// Adds these rows of a run in the second pass, which has the same rows as the first.
    mutating func addDistances(_ numbers: [Double], _ wanted: [Int]) {
        for row in wanted where !numbers[row].isNaN {
            moments.addDistance(isLogarithmic ? log1p(numbers[row]) : numbers[row])
        }
    }

    func encoding() throws(DataError) -> ColumnEncoder.Encoding {
        // differences of 1e-200 have squares of 0
        let deviation = moments.deviation == 0 ? 1 : moments.deviation
        let (mean, count) = (moments.mean, moments.count)
        guard deviation.isFinite else { throw notFinite }
        let scale: (mean: Double, deviation: Double) =
            switch rule.kind {
            case .standardise: (mean, deviation)
            case .minMax: count == 0 ? (0, 1) : (smallest, largest > smallest ? largest - smallest : 1)
            case .asIs: (0, 1)
            default: standardise ? (mean, deviation) : (0, 1)
            }
        // the most frequent number, and the smallest of several
        let frequent = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
        let fill = rule.missing == .mostFrequent ? frequent : mean
        let hasMissing = count < rows
        if rule.kind == .date {
            // a part of a cycle is a trend, which the seconds have already
            let kept = DateCycle.allCases.filter { varied.contains($0) && largest - smallest >= $0.seconds }
            return .date(
                mean: mean, deviation: deviation, fill: fill, cycles: kept, indicator: hasMissing)
        }
        return isLogarithmic
            ? .logarithmic(mean: scale.mean, deviation: scale.deviation, fill: fill, indicator: hasMissing)
            : .numeric(mean: scale.mean, deviation: scale.deviation, fill: fill, indicator: hasMissing)
    }

    private var notFinite: DataError { .notFinite(file: file, line: 1, column: name, found: "the sum of the column") }
}
