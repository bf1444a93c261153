/// The weights and numbers of examples by their class and the class that was predicted.
struct ClassCounts {
    private let count: Int
    /// The weight of the examples of each class, of those predicted as it, and of those where both are it.
    private var ofClass: [Double]
    private var predicted: [Double]
    private var right: [Double]
    private var rows: [Int]
    /// The rows of each pair of classes: a table where it is small, else the pairs that occur.
    private var table: [Int]
    private var list: [Int: Int] = [:]

    /// More classes than this have no confusion matrix.
    static let mostInTable = 100

    init(classes count: Int) {
        self.count = count
        ofClass = [Double](repeating: 0, count: count)
        (predicted, right) = (ofClass, ofClass)
        rows = [Int](repeating: 0, count: count)
        table = count <= Self.mostInTable ? [Int](repeating: 0, count: count * count) : []
    }

    mutating func add(_ label: Int, predicted place: Int, weight: Double) {
        ofClass[label] += weight
        predicted[place] += weight
        if label == place { right[label] += weight }
        rows[label] += 1
        let pair = label * count + place
        if table.isEmpty { list[pair, default: 0] += 1 } else { table[pair] += 1 }
    }

    func write(to scores: inout ClassificationScores) {
        let total = ofClass.reduce(0, +)
        guard total > 0 else { return }
        scores.commonestShare = (ofClass.max() ?? 0) / total
        let classes = (0..<count).map { place in
            let (of, as_, both) = (ofClass[place], predicted[place], right[place])
            return ClassificationScores.ClassScore(
                precision: as_ > 0 ? both / as_ : nil, recall: of > 0 ? both / of : nil,
                f1: of + as_ > 0 ? 2 * both / (of + as_) : nil, examples: rows[place])
        }
        scores.balancedAccuracy = mean(classes.compactMap(\.recall))
        scores.macroF1 = mean(classes.compactMap(\.f1))
        scores.f1 = count == 2 ? classes[1].f1 : scores.macroF1
        scores.classes = classes
        if !table.isEmpty {
            scores.confusion = (0..<count).map { Array(table[$0 * count..<($0 + 1) * count]) }
        }
        scores.mistakes = mistakes
    }

    private var mistakes: [ClassificationScores.Mistake] {
        let found: [(pair: Int, rows: Int)] =
            table.isEmpty ? list.map { ($0.key, $0.value) } : table.enumerated().map { ($0.offset, $0.element) }
        return found.filter { $0.rows > 0 && $0.pair / count != $0.pair % count }
            .sorted { ($1.rows, $0.pair) < ($0.rows, $1.pair) }.prefix(10)
            .map { .init(label: $0.pair / count, predicted: $0.pair % count, examples: $0.rows) }
    }
}

/// The mean of numbers; nil of none.
func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
}
