/// The different values of a target of whole numbers, and the number of rows of each.
///
/// Whole numbers can be the names of classes or amounts. They are taken as names where they look as if somebody had
/// numbered classes: two values, or values from 0 or 1 on with few gaps and several rows of each. An amount that is
/// counted (ratings, rings of a shell) has a peak that falls off to rare values; classes come in any order, or are even.
struct WholeNumbers: Equatable {
    /// The different values, ascending.
    let values: [Double]
    /// The number of rows of each value.
    let rows: [Int]

    /// More different values than this are amounts.
    static let mostClasses = 10_000

    /// The values of these numbers; nil where one has a fraction, or more than 10,000 are different.
    init?(_ numbers: some Sequence<Double>) {
        // most labels are small, so that a table counts them
        var small = [Int](repeating: 0, count: 4096)
        var others: [Double: Int] = [:]
        for number in numbers {
            if number >= 0, number < 4096 {
                let place = Int(number)
                guard Double(place) == number else { return nil }
                small[place] += 1
            } else {
                guard number == number.rounded() else { return nil }
                others[number, default: 0] += 1
                guard others.count <= Self.mostClasses else { return nil }
            }
        }
        var found: [(value: Double, rows: Int)] = others.map { ($0.key, $0.value) }
        for (place, count) in small.enumerated() where count > 0 { found.append((Double(place), count)) }
        guard found.count <= Self.mostClasses else { return nil }
        found.sort { $0.value < $1.value }
        values = found.map(\.value)
        rows = found.map(\.rows)
    }

    /// The mean number of rows of a value.
    private var mean: Double { Double(rows.reduce(0, +)) / Double(max(rows.count, 1)) }

    /// Whether the values lie close together from -1, 0 or 1 on, as numbers that were dealt out to classes.
    private var areNumbered: Bool {
        guard let first = values.first, let last = values.last, (-1...1).contains(first) else { return false }
        return last - first < Double(values.count + max(1, values.count / 4))
    }

    private var areFromZeroWithoutGap: Bool { values.first == 0 && values.last == Double(values.count - 1) }

    /// Whether the rarest value has at least this part of the mean number of rows.
    private func areEven(_ part: Double) -> Bool { Double(rows.min() ?? 0) >= part * mean }

    /// Whether these are the numbers of classes.
    var areClasses: Bool {
        let count = values.count
        if count <= 2 { return true }
        guard areNumbered else { return false }
        if count <= 5 { return mean >= 2 }
        if count <= 20 { return mean >= (count <= 10 ? 2 : 5) && (areEven(0.2) || !haveOnePeak) }
        return areFromZeroWithoutGap && mean >= 20 && areEven(0.5)
    }

    /// Whether a person who made the file may have meant the other.
    var areDoubtful: Bool {
        let count = values.count
        if count <= 2 { return false }
        guard areClasses else { return count <= 20 || areNumbered && mean >= 2 }
        return !(areFromZeroWithoutGap && areEven(0.2) && mean >= (count <= 20 ? 10 : 20))
    }

    /// Whether the numbers of rows rise to one peak and fall from it, up to what chance explains.
    private var haveOnePeak: Bool {
        guard let first = values.first, let last = values.last, last - first < 64 else { return true }
        var histogram = [Double](repeating: 0, count: Int(last - first) + 1)
        for (value, count) in zip(values, rows) { histogram[Int(value - first)] = Double(count) }
        let peak = histogram.indices.max { histogram[$0] < histogram[$1] } ?? 0
        return Self.falls(histogram[peak...]) && Self.falls(histogram[...peak].reversed())
    }

    private static func falls(_ counts: some Sequence<Double>) -> Bool {
        var lowest = Double.infinity
        for count in counts {
            if count - lowest > 3 * (count + lowest).squareRoot() { return false }
            lowest = min(lowest, count)
        }
        return true
    }
}
