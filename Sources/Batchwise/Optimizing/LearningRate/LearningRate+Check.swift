extension LearningRate {
    /// Refuses numbers that make no sense in any run; `resolved` refuses those that do not fit into one.
    func check(at path: String = "learning-rate") throws(RecipeError) {
        let checks = Checks(path: path)
        try checks.require(base > 0 && base.isFinite, "base", "a number above 0", base)
        try checks.require(atBatch ?? 1 >= 1, "at-batch", "a whole number of at least 1", atBatch ?? 0)
        if case .power(let exponent) = scaling {
            try checks.require((0...1).contains(exponent), "scaling.power", "a number from 0 to 1", exponent)
        }
        if scaling != .none && atBatch == nil {
            throw .missing(
                at: "\(path).at-batch", expected: "the batch that the base rate was chosen for, as scaling is on")
        }
        if let warmup {
            try checks.positive(warmup.over, "warmup", orZero: true)
            if let from = warmup.from {
                let isExponential = warmup.shape == .exponential
                try checks.require(
                    from.isFinite && from >= 0 && (from > 0 || !isExponential), "warmup.from",
                    isExponential ? "a number above 0, as the shape is exponential" : "a number of at least 0", from)
            }
        }
        try decay.check(Checks(path: "\(path).decay.\(decay.name)"))
    }
}

private struct Checks {
    let path: String

    func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(RecipeError) {
        if !holds { throw .value(at: "\(path).\(key)", expected: expected, found: "\(found)") }
    }

    func rate(_ value: Double, _ key: String) throws(RecipeError) {
        try require(value >= 0 && value.isFinite, key, "a rate of at least 0", value)
    }

    func factor(_ value: Double) throws(RecipeError) {
        try require(value > 0 && value < 1, "factor", "a number above 0 and below 1", value)
    }

    func positive(_ length: TrainingLength, _ key: String, orZero: Bool = false) throws(RecipeError) {
        let isZero = [.epochs(0), .updates(0), .examples(0)].contains(length)
        try require(length.isPositive || orZero && isZero, key, "a length above 0", length)
    }

    func momentum(_ cycle: LearningRate.MomentumCycle?) throws(RecipeError) {
        guard let cycle else { return }
        for (key, value) in [("momentum.low", cycle.low), ("momentum.high", cycle.high)] {
            try require(value >= 0 && Float(value) < 1, key, "a number from 0 to below 1", value)
        }
        try require(cycle.low <= cycle.high, "momentum.low", "at most momentum.high, \(cycle.high)", cycle.low)
    }
}

extension LearningRate.Decay {
    fileprivate func check(_ checks: Checks) throws(RecipeError) {
        switch self {
        case .constant: break
        case .linear(let end, let from), .cosine(let end, let from):
            try checks.rate(end, "end")
            if let from { try checks.positive(from, "from", orZero: true) }
        case .polynomial(let power, let end, let from):
            try checks.require(power > 0 && power.isFinite, "power", "a number above 0", power)
            try checks.rate(end, "end")
            if let from { try checks.positive(from, "from", orZero: true) }
        case .step(let every, let factor), .exponential(let factor, let every):
            try checks.positive(every, "every")
            try checks.factor(factor)
        case .multiStep(let marks, let factor):
            try checks.require(!marks.isEmpty, "at", "at least one mark", "none")
            for (index, mark) in marks.enumerated() { try checks.positive(mark, "at.\(index)") }
            try checks.factor(factor)
        case .inverseSquareRoot(let over):
            if let over { try checks.positive(over, "over") }
        case .restarts(let first, let factor, let end):
            try checks.positive(first, "first")
            try checks.require(factor >= 1 && factor.isFinite, "factor", "a number of at least 1", factor)
            try checks.rate(end, "end")
        case .triangular(let cycle):
            try checks.rate(cycle.low, "low")
            try checks.positive(cycle.up, "up")
            if let down = cycle.down { try checks.positive(down, "down") }
            if case .exponential(let factor, let every) = cycle.height {
                try checks.positive(every, "height.every")
                try checks.require(factor > 0 && factor < 1, "height.factor", "a number above 0 and below 1", factor)
            }
            try checks.momentum(cycle.momentum)
        case .oneCycle(let cycle):
            try checks.require(
                cycle.rise > 0 && cycle.rise < 1, "rise", "a share of the run between 0 and 1", cycle.rise)
            try checks.require(
                cycle.startDivisor >= 1 && cycle.startDivisor.isFinite, "start-divisor", "a number of at least 1",
                cycle.startDivisor)
            try checks.require(
                cycle.endDivisor >= 1 && cycle.endDivisor.isFinite, "end-divisor", "a number of at least 1",
                cycle.endDivisor)
            try checks.momentum(cycle.momentum)
        case .plateau(let plateau):
            try checks.factor(plateau.factor)
            try checks.require(plateau.patience >= 0, "patience", "a number of epochs of at least 0", plateau.patience)
            try checks.require(plateau.cooldown >= 0, "cooldown", "a number of epochs of at least 0", plateau.cooldown)
            try checks.require(
                (0..<1).contains(plateau.threshold), "threshold", "a share from 0 to below 1", plateau.threshold)
            try checks.rate(plateau.minimum, "minimum")
        }
    }
}
