/// Examples of a class and others, sorted by the score that a model gives them for the class.
struct Ranking {
    /// An example with the score that the model gives it.
    struct Example {
        var score: Double
        var weight: Double
        var isPositive: Bool
    }

    /// The probability that an example of the class has a higher score than another, ties counting half; nil where one
    /// of both is missing.
    private(set) var rocAUC: Double?
    /// The sum over the different scores, from the highest down, of precision times the growth of recall; nil where
    /// there is no example of the class.
    private(set) var averagePrecision: Double?

    /// Sorts the examples; those of one score stand together, so that their order does not count.
    init(_ examples: inout [Example]) {
        examples.sort { $0.score > $1.score }
        let positives = examples.reduce(0.0) { $1.isPositive ? $0 + $1.weight : $0 }
        let negatives = examples.reduce(0.0) { $1.isPositive ? $0 : $0 + $1.weight }
        guard positives > 0 else { return }
        var (above, others) = (0.0, 0.0)
        var (area, precision) = (0.0, 0.0)
        var next = 0
        while next < examples.count {
            let score = examples[next].score
            var (more, moreOthers) = (0.0, 0.0)
            while next < examples.count, examples[next].score == score {
                if examples[next].isPositive {
                    more += examples[next].weight
                } else {
                    moreOthers += examples[next].weight
                }
                next += 1
            }
            area += moreOthers * (above + more / 2)
            above += more
            others += moreOthers
            if more > 0 { precision += more / positives * (above / (above + others)) }
        }
        averagePrecision = precision
        if negatives > 0 { rocAUC = area / (positives * negatives) }
    }
}
