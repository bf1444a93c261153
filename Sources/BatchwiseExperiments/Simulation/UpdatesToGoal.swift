import Foundation

/// The updates in which SGD takes the noisy quadratic to a goal, with the best constant rate at every batch.
package struct UpdatesToGoal: Sendable {
    /// A batch, its best rate, and the updates that it takes.
    package struct Point: Sendable, Hashable {
        package let batch: Int
        package let rate: Double
        package let updates: Int
        /// The examples of these updates.
        package var examples: Double { Double(batch) * Double(updates) }
    }

    package let points: [Point]
    /// The frontier of updates and examples, with its ends: see ``BatchFrontier``.
    package let frontier: BatchFrontier

    package init(
        _ quadratic: NoisyQuadratic, goal: Double, batches: [Int], progress: (Int, Int) -> Void = { _, _ in }
    ) throws(SimulationError) {
        try goal.checked(
            "the goal", { $0 > 0 && $0 < quadratic.startingLoss },
            "a loss above 0 and below the first one, \(quadratic.startingLoss)")
        for batch in batches { try Double(batch).checked("a batch", { $0 >= 1 && $0 <= 0x1p40 }, "1 to 2^40") }
        var points: [Point] = []
        for (place, batch) in batches.enumerated() {
            let best = try quadratic.best(to: goal, batch: Double(batch))
            points.append(Point(batch: batch, rate: best.rate, updates: best.updates))
            progress(place + 1, batches.count)
        }
        self.points = points
        let withoutNoise = try quadratic.best(to: goal, batch: .infinity).updates
        // momentum may save examples at larger batches
        let fewestExamples = points.reduce(quadratic.fewestExamples(to: goal)) { min($0, $1.examples) }
        frontier = BatchFrontier(
            points: points.map { .init(batch: Double($0.batch), updates: Double($0.updates)) },
            fewestUpdates: Double(points.reduce(withoutNoise) { min($0, $1.updates) }), fewestExamples: fewestExamples)
    }
}

extension NoisyQuadratic {
    /// The constant rate that reaches the goal in the fewest updates.
    ///
    /// Rates a factor of 2^(1/4) apart are tried downwards from the limit, until a factor of 4 is no better than the
    /// best; then a golden section refines between its neighbours. Momentum makes the loss swing: there a rate may
    /// be overlooked that takes some hundredths of the updates less.
    package func best(to goal: Double, batch: Double) throws(SimulationError) -> (rate: Double, updates: Int) {
        var best = (rate: 0.0, updates: Int.max)
        let ratio = 2.0.squareRoot().squareRoot()
        var rate = limit / ratio
        while best.rate == 0 ? rate > limit * 0x1p-100 : rate > best.rate / 4 {
            let most = best.rate == 0 ? 1 << 50 : best.updates - 1
            if let updates = updates(to: goal, batch: batch, rate: rate, upTo: most) { best = (rate, updates) }
            rate /= ratio
        }
        guard best.rate > 0 else { throw .goalOutOfReach(goal: goal, batch: batch) }
        // the section does not look at its ends, one of which may be the limit
        let (low, high) = (log(best.rate / ratio), log(min(best.rate * ratio, limit)))
        _ = leastByGoldenSection(from: low, to: high) { logRate in
            let rate = exp(logRate)
            guard let updates = updates(to: goal, batch: batch, rate: rate) else { return .infinity }
            if updates < best.updates { best = (rate, updates) }
            return Double(updates)
        }
        return best
    }

    /// The fewest examples that reach the goal: the limit of small batches and rates, whose ratio s = rate / B remains.
    ///
    /// Then E[theta_i^2] = e^(-2 h T) + s c / (2 h) (1 - e^(-2 h T)) after T = updates rate, the examples are T / s, and
    /// the goal decides s for every T.
    package func fewestExamples(to goal: Double) -> Double {
        func examples(_ logTime: Double) -> Double {
            let time = exp(logTime)
            var (left, perRate) = (0.0, 0.0)
            for (h, c) in zip(curvatures, noises) {
                let share = exp(-2 * h * time)
                left += h / 2 * share
                perRate += c / 4 * (1 - share)
            }
            return left < goal ? time * perRate / (goal - left) : .infinity
        }
        // the time from which on the goal is reached without noise
        var (low, high) = (0.0, 1.0)
        while examples(log(high)) == .infinity { (low, high) = (high, 2 * high) }
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if examples(log(middle)) == .infinity { low = middle } else { high = middle }
        }
        let time = leastByGoldenSection(from: log(high), to: log(64 * high), examples)
        return examples(time)
    }
}

/// Where a function that falls and then rises is lowest [Kiefer 1953].
func leastByGoldenSection(from low: Double, to high: Double, _ value: (Double) -> Double) -> Double {
    let share = (5.0.squareRoot() - 1) / 2
    var (low, high) = (low, high)
    var (left, right) = (high - share * (high - low), low + share * (high - low))
    var (atLeft, atRight) = (value(left), value(right))
    for _ in 0..<24 {
        if atLeft <= atRight {
            (high, right, atRight) = (right, left, atLeft)
            left = high - share * (high - low)
            atLeft = value(left)
        } else {
            (low, left, atLeft) = (left, right, atRight)
            right = low + share * (high - low)
            atRight = value(right)
        }
    }
    return atLeft <= atRight ? left : right
}
