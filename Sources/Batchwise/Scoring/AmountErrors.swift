/// The errors of one predicted amount, in its unit.
struct AmountErrors {
    private var errors: [Double] = []
    private var targets: [Double] = []
    private var weights: [Double] = []

    mutating func add(predicted: Double, target: Double, weight: Double) {
        errors.append(predicted - target)
        targets.append(target)
        weights.append(weight)
    }

    /// The scores; nil where no example has a weight.
    var scores: RegressionScores.Scores? {
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        func mean(_ number: (Int) -> Double) -> Double {
            weights.indices.reduce(0) { $0 + weights[$1] * number($1) } / total
        }
        let square = mean { errors[$0] * errors[$0] }
        let center = mean { targets[$0] }
        let spread = mean { (targets[$0] - center) * (targets[$0] - center) }
        return .init(
            r2: spread > 0 ? 1 - square / spread : nil, mae: mean { abs(errors[$0]) }, rmse: square.squareRoot(),
            medianError: median)
    }

    /// The smallest absolute error that half of the weight does not exceed; where exactly half does not, the mean with
    /// the next larger one.
    private var median: Double {
        let order = errors.indices.filter { weights[$0] > 0 }.sorted { abs(errors[$0]) < abs(errors[$1]) }
        let half = order.reduce(0) { $0 + weights[$1] } / 2
        var sum = 0.0
        for (place, example) in order.enumerated() {
            sum += weights[example]
            if sum > half * (1 + 1e-15) { return abs(errors[example]) }
            if sum >= half * (1 - 1e-15), place + 1 < order.count {
                return (abs(errors[example]) + abs(errors[order[place + 1]])) / 2
            }
        }
        return order.last.map { abs(errors[$0]) } ?? 0
    }
}

extension RegressionScores {
    /// The scores of each amount and their means; nil where no example has a weight.
    init?(_ errors: [AmountErrors]) {
        let targets = errors.compactMap(\.scores)
        guard targets.count == errors.count, !targets.isEmpty else { return nil }
        let count = Double(targets.count)
        let shares = targets.compactMap(\.r2)
        all = Scores(
            r2: shares.count == targets.count ? shares.reduce(0, +) / count : nil,
            mae: targets.reduce(0) { $0 + $1.mae } / count,
            rmse: (targets.reduce(0) { $0 + $1.rmse * $1.rmse } / count).squareRoot(),
            medianError: targets.reduce(0) { $0 + $1.medianError } / count)
        self.targets = targets
    }
}
