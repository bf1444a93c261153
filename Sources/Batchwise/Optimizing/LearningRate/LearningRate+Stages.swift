extension LearningRate.Decay {
    /// Whether the decay ends where the run ends, so that a longer run has other rates from the start.
    var spansRun: Bool {
        switch self {
        case .linear, .cosine, .polynomial, .oneCycle: true
        case .constant, .step, .multiStep, .exponential, .inverseSquareRoot, .restarts, .triangular, .plateau: false
        }
    }

    /// The decay without the stretch at the peak before it falls.
    fileprivate var fromTheStart: Self {
        switch self {
        case .linear(let end, _): .linear(end: end)
        case .cosine(let end, _): .cosine(end: end)
        case .polynomial(let power, let end, _): .polynomial(power: power, end: end)
        default: self
        }
    }
}

extension LearningRate {
    /// The rate over epochs that were added to a run.
    struct Stage: Hashable, Sendable {
        /// Examples that are seen before the stage.
        let origin: Double
        /// The rate of a run of these epochs alone.
        let rate: Resolved
    }

    /// Fixes the rate for a run that was lengthened: where the decay spans the run, it falls once more over the epochs
    /// that were added, from the peak and without a warmup.
    ///
    /// - Parameter lengthened: the numbers of epochs that the run had before, ascending.
    func resolved(
        examplesPerEpoch: Int, batch: Int, epochs: Int, lastUpdate: Int?, lengthened: [Int]
    ) throws(RecipeError) -> Resolved {
        guard decay.spansRun, let first = lengthened.first else {
            return try resolved(
                examplesPerEpoch: examplesPerEpoch, batch: batch, epochs: epochs, lastUpdate: lastUpdate)
        }
        var whole = try resolved(examplesPerEpoch: examplesPerEpoch, batch: batch, epochs: first)
        var again = self
        (again.warmup, again.decay) = (nil, decay.fromTheStart)
        for (start, end) in zip(lengthened, lengthened.dropFirst() + [epochs]) {
            let rate = try again.resolved(examplesPerEpoch: examplesPerEpoch, batch: batch, epochs: end - start)
            whole.stages.append(Stage(origin: Double(start) * Double(examplesPerEpoch), rate: rate))
        }
        return whole
    }
}
