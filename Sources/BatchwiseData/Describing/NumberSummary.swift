import Batchwise

/// The statistics of numbers that are added in two passes; NaN is missing.
struct NumberSummary {
    private var (all, smallest, largest) = (0, Double.infinity, -Double.infinity)
    private var moments = RunningMoments()
    private var distinct: Set<Double> = []

    mutating func add(_ number: Double) {
        all += 1
        guard !number.isNaN else { return }
        moments.add(number)
        (smallest, largest) = (min(smallest, number), max(largest, number))
        if distinct.count <= 1000 { distinct.insert(number) }
    }

    mutating func endFirstPass() { moments.endFirstPass() }

    mutating func addDistance(_ number: Double) {
        if !number.isNaN { moments.addDistance(number) }
    }

    func column(_ name: String) -> DataDescription.Column {
        guard moments.count > 0 else { return .init(name: name, missing: all, content: .nothing) }
        return .init(
            name: name, missing: all - moments.count,
            content: .numbers(
                smallest: smallest, largest: largest, mean: moments.mean,
                deviation: moments.isConstant ? 0 : moments.deviation,
                distinct: distinct.count > 1000 ? nil : distinct.count))
    }
}
