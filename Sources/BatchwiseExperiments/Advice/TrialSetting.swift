import Batchwise
import Foundation

/// A batch, a learning rate, a warmup and a length: the keys of a recipe that advice chooses.
package struct TrialSetting: Sendable, Hashable {
    package let batch: Int
    /// The peak of the learning rate at this batch.
    package let rate: Double
    package let epochs: Int
    /// Whether the rate rises from 0 over the first twentieth of the updates.
    package let hasWarmup: Bool

    /// The rate is rounded to three digits.
    init(batch: Int, rate: Double, epochs: Int, hasWarmup: Bool = false) {
        self.batch = batch
        let digit = pow(10, floor(log10(rate)) - 2)
        self.rate = Double(String(format: "%.3g", (rate / digit).rounded() * digit)) ?? rate
        self.epochs = epochs
        self.hasWarmup = hasWarmup
    }

    /// This setting with some of its keys changed.
    func with(batch: Int? = nil, rate: Double? = nil, epochs: Int? = nil, hasWarmup: Bool? = nil) -> TrialSetting {
        TrialSetting(
            batch: batch ?? self.batch, rate: rate ?? self.rate, epochs: epochs ?? self.epochs,
            hasWarmup: hasWarmup ?? self.hasWarmup)
    }

    /// The updates of a training with so many examples.
    func updates(examples: Int) -> Int { epochs * max((examples + batch - 1) / batch, 1) }

    /// The updates over which the rate rises.
    func warmupUpdates(examples: Int) -> Int { hasWarmup ? max(updates(examples: examples) / 20, 1) : 0 }

    /// The recipe with this setting, for a training with so many examples.
    func recipe(_ source: Recipe, examples: Int) -> Recipe {
        var recipe = source
        recipe.batch.size = batch
        recipe.batch.grow = nil
        if batch != source.batch.size { (recipe.batch.grain, recipe.batch.lanes) = (nil, nil) }
        let own = source.learningRate.warmup.map { LearningRate.Warmup(over: $0.over, shape: $0.shape) }
        recipe.learningRate = LearningRate(
            base: rate,
            warmup: hasWarmup ? .init(over: .updates(warmupUpdates(examples: examples))) : own,
            decay: source.learningRate.decay)
        recipe.epochs = epochs
        return recipe
    }
}

extension LearningRate {
    /// Whether the rate rises by itself at first, so that a warmup has no place before it.
    var climbs: Bool {
        switch decay {
        case .oneCycle, .triangular: true
        default: false
        }
    }

    /// Whether it has lengths or marks that a shorter run may not hold.
    var hasMarks: Bool {
        if warmup != nil { return true }
        switch decay {
        case .step, .multiStep, .restarts, .triangular: return true
        case .linear(_, let from), .cosine(_, let from), .polynomial(_, _, let from): return from != nil
        case .constant, .exponential, .inverseSquareRoot, .oneCycle, .plateau: return false
        }
    }
}
