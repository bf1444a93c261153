/// The predictions and targets of all examples of an evaluation, from which its scores are computed in the data's order.
struct ScoredExamples {
    let count: Int
    /// The outputs of an example.
    let predictions: (Int) -> UnsafeBufferPointer<Float>
    /// The weight of an example.
    let weight: (Int) -> Double

    /// More scores than this, one for each class of each example, are not sorted.
    static let mostRanked = 1 << 26

    func scores(
        _ parts: ScoreParts, labels: [Int32], predicted: [Int32], classes: Int, outputs: Int, hasProbabilities: Bool
    ) -> ClassificationScores? {
        guard !parts.isDisjoint(with: [.confusion, .logLoss, .ranking]) else { return nil }
        var scores = ClassificationScores()
        if parts.contains(.confusion) {
            var counts = ClassCounts(classes: classes)
            for example in 0..<count {
                counts.add(Int(labels[example]), predicted: Int(predicted[example]), weight: weight(example))
            }
            counts.write(to: &scores)
        }
        guard hasProbabilities else { return scores }
        let probabilities = ClassProbabilities(classes: classes, outputs: outputs)
        if parts.contains(.logLoss) {
            var mean = WeightedMean()
            for example in 0..<count {
                mean.add(
                    probabilities.loss(of: Int(labels[example]), predictions(example)), weight: weight(example))
            }
            scores.logLoss = mean.value
        }
        if parts.contains(.ranking), classes <= Self.mostRanked / max(count, 1) {
            rank(labels, classes, probabilities, &scores)
        }
        return scores
    }

    private func rank(
        _ labels: [Int32], _ classes: Int, _ probabilities: ClassProbabilities, _ scores: inout ClassificationScores
    ) {
        let normalisers = classes > 2 ? (0..<count).map { probabilities.normaliser(predictions($0)) } : []
        var ranked: [Ranking.Example] = []
        ranked.reserveCapacity(count)
        var (areas, precisions): ([Double], [Double]) = ([], [])
        for label in classes == 2 ? 1..<2 : 0..<classes {
            ranked.removeAll(keepingCapacity: true)
            for example in 0..<count {
                let score = probabilities.score(
                    of: label, predictions(example), normaliser: normalisers.isEmpty ? 0 : normalisers[example])
                ranked.append(
                    .init(score: score, weight: weight(example), isPositive: Int(labels[example]) == label))
            }
            let found = Ranking(&ranked)
            if let area = found.rocAUC { areas.append(area) }
            if let precision = found.averagePrecision { precisions.append(precision) }
        }
        scores.rocAUC = mean(areas)
        scores.averagePrecision = mean(precisions)
    }

    /// The scores of amounts whose predictions and targets were standardised by these moments.
    func scores(
        _ parts: ScoreParts, values: [Float], means: [Float], deviations: [Float]
    ) -> RegressionScores? {
        guard parts.contains(.amounts) else { return nil }
        let width = means.count
        return RegressionScores(
            (0..<width).map { place in
                var errors = AmountErrors()
                let (mean, deviation) = (Double(means[place]), Double(deviations[place]))
                for example in 0..<count {
                    errors.add(
                        predicted: Double(predictions(example)[place]) * deviation + mean,
                        target: Double(values[example * width + place]) * deviation + mean, weight: weight(example))
                }
                return errors
            })
    }
}
