extension LearningRate {
    /// Fixes the rate for a run. Throws where numbers make no sense, and where marks overlap or lie outside the run.
    ///
    /// `lastUpdate` is the number of examples that are seen before the last update, at which decays reach their end: to
    /// be given where the batch grows.
    public func resolved(
        examplesPerEpoch: Int, batch: Int, epochs: Int, lastUpdate: Int? = nil
    ) throws(RecipeError) -> Resolved {
        try check()
        let peak = self.peak(batch: batch)
        guard peak.isFinite, Float(peak).isFinite else {
            throw .value(
                at: "learning-rate", expected: "a rate of at most 3e38 for a batch of \(batch)", found: "\(peak)")
        }
        let start = start(peak: peak)
        let clock = ExampleClock(
            examplesPerEpoch: examplesPerEpoch, batch: batch, epochs: epochs, lastUpdate: lastUpdate)
        let fit = Fit(clock: clock, peak: peak, warmup: warmup)
        try fit.checkWarmup(decay)
        return Resolved(
            start: start, peak: peak, warmup: fit.warmupEnd, total: clock.total, decay: decay,
            warmupShape: warmup?.shape ?? .linear, warmupLength: clock.length(warmup?.over ?? .examples(0)),
            clock: clock, curve: try fit.curve(decay))
    }

    /// The rate at its peak for batches of a size: the base times the factor of the scaling.
    package func peak(batch: Int) -> Double { base * scaling.factor(batch: batch, atBatch: atBatch ?? batch) }

    /// The rate at which a warmup begins.
    private func start(peak: Double) -> Double { warmup?.from ?? (peak > base ? base : peak / 10) }

    /// The same rates for batches of one size, with the peak as the base; gains that are measured stay.
    package func withoutScaling(batch: Int) -> LearningRate {
        guard scaling != .adaScale else { return self }
        var rate = self
        (rate.base, rate.atBatch, rate.scaling) = (peak(batch: batch), nil, .none)
        if warmup != nil { rate.warmup?.from = start(peak: rate.base) }
        return rate
    }
}

/// Holds the lengths and marks of a rate against the length of a run.
private struct Fit {
    let clock: ExampleClock
    let peak: Double
    let warmup: LearningRate.Warmup?
    let warmupEnd: Double
    var path = "learning-rate"

    init(clock: ExampleClock, peak: Double, warmup: LearningRate.Warmup?) {
        self.clock = clock
        self.peak = peak
        self.warmup = warmup
        warmupEnd = warmup.map { clock.examples($0.over) } ?? 0
    }

    private var run: String { "the \(TrainingLength.epochs(Double(clock.epochs))) of the run" }

    private func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(RecipeError) {
        if !holds { throw .value(at: "\(path).\(key)", expected: expected, found: "\(found)") }
    }

    func checkWarmup(_ decay: LearningRate.Decay) throws(RecipeError) {
        guard let warmup else { return }
        switch decay {
        case .oneCycle, .triangular:
            try require(false, "warmup", "none beside decay \(decay.name), which climbs by itself", warmup.over)
        default: break
        }
        try require(warmupEnd <= clock.total, "warmup", "at most \(run)", warmup.over)
        if let from = warmup.from {
            try require(from <= peak, "warmup.from", "at most the peak of the rate, \(peak)", from)
        }
    }

    /// A mark between the warmup and the end of the run.
    private func mark(_ mark: TrainingLength, _ key: String, after last: TrainingLength? = nil) throws(RecipeError)
        -> Double
    {
        let place = clock.examples(mark)
        try require(place < clock.total, key, "a mark before the end of \(run)", mark)
        if let warmup { try require(place >= warmupEnd, key, "a mark after the warmup of \(warmup.over)", mark) }
        if let last { try require(place > clock.examples(last), key, "a mark after the one before, \(last)", mark) }
        return place
    }

    /// A length that ends within the run.
    private func length(
        _ length: TrainingLength, _ key: String, from start: Double
    ) throws(RecipeError) -> ExampleClock.Length {
        let rest = start > 0 ? "what the warmup of \(warmup?.over ?? .examples(0)) leaves of \(run)" : run
        let counted = clock.length(length)
        // parts of epochs are rounded
        try require(clock.count(counted, from: start, to: clock.total) > 1 - 1e-9, key, "at most \(rest)", length)
        return counted
    }

    private func end(_ rate: Double, _ key: String = "end") throws(RecipeError) -> Double {
        try require(rate <= peak, key, "at most the peak of the rate, \(peak)", rate)
        return rate
    }

    private func start(_ from: TrainingLength?) throws(RecipeError) -> Double {
        if let from { try mark(from, "from") } else { warmupEnd }
    }

    func curve(_ decay: LearningRate.Decay) throws(RecipeError) -> LearningRate.Curve {
        var fit = self
        fit.path = "\(path).decay.\(decay.name)"
        return try fit.curve(of: decay)
    }

    private func curve(of decay: LearningRate.Decay) throws(RecipeError) -> LearningRate.Curve {
        switch decay {
        case .constant: return .constant
        case .linear(let end, let from): return .line(from: try start(from), end: try self.end(end))
        case .cosine(let end, let from): return .cosine(from: try start(from), end: try self.end(end))
        case .polynomial(let power, let end, let from):
            return .polynomial(from: try start(from), power: power, end: try self.end(end))
        case .step(let every, let factor):
            _ = try mark(every, "every")
            return .steps(every: clock.length(every), factor: factor)
        case .multiStep(let marks, let factor):
            var places: [Double] = []
            for (index, mark) in marks.enumerated() {
                places.append(try self.mark(mark, "at.\(index)", after: index > 0 ? marks[index - 1] : nil))
            }
            return .marks(places, factor: factor)
        case .exponential(let factor, let every): return .exponential(every: clock.length(every), factor: factor)
        case .inverseSquareRoot(let over):
            guard let over = over ?? warmup?.over, over.isPositive else {
                throw .missing(at: "\(path).over", expected: "a length such as 5 epochs, as there is no warmup")
            }
            return .inverseSquareRoot(over: clock.length(over))
        case .restarts(let first, let factor, let end):
            return .restarts(first: try length(first, "first", from: warmupEnd), factor: factor, end: try self.end(end))
        case .triangular(let cycle): return try triangles(cycle)
        case .oneCycle(let cycle): return .oneCycle(cycle, top: cycle.rise * clock.total - clock.batch)
        case .plateau(let plateau): return .plateau(minimum: try end(plateau.minimum, "minimum"))
        }
    }

    private func triangles(_ cycle: LearningRate.Triangular) throws(RecipeError) -> LearningRate.Curve {
        var lengths = [try length(cycle.up, "up", from: 0), try length(cycle.down ?? cycle.up, "down", from: 0)]
        if lengths[0].isOfUpdates != lengths[1].isOfUpdates {
            lengths = [cycle.up, cycle.down ?? cycle.up].map { .init(count: clock.examples($0), isOfUpdates: false) }
        }
        let whole = lengths[0].count + lengths[1].count
        let fall: (ExampleClock.Length, Double)? =
            if case .exponential(let factor, let every) = cycle.height { (clock.length(every), factor) } else { nil }
        return .triangles(
            .init(
                low: try end(cycle.low, "low"), cycle: .init(count: whole, isOfUpdates: lengths[0].isOfUpdates),
                top: lengths[0].count / whole, isHalving: cycle.height == .halving,
                fallEvery: fall?.0, fallFactor: fall?.1 ?? 1, momentum: cycle.momentum))
    }
}
