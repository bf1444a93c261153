import Foundation

/// Settings that a recipe leaves open. It has usual values for them, which its data may change; a completed recipe has
/// no open settings.
package struct OpenSettings: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let optimizer = OpenSettings(rawValue: 1)
    package static let learningRate = OpenSettings(rawValue: 2)
    package static let clip = OpenSettings(rawValue: 4)
    package static let epochs = OpenSettings(rawValue: 8)
    /// Early stopping and the kept model.
    package static let stopping = OpenSettings(rawValue: 16)
    /// All that decides when a run ends: examples are held out for that only where all of it is open.
    package static let length: OpenSettings = [.epochs, .stopping]
}

// The usual values were measured on some sixty tables: public ones, and made ones with heavy tails, mistyped values,
// constant columns, 5 to 50,000 rows and 1 to 1,000 features.
extension Recipe {
    /// SGD with momentum 0.9 and a decay that made no table worse and the loss of noisy ones smaller: adult 0.318 to
    /// 0.305, spam 0.198 to 0.187. Three times as much costs 1% of accuracy on 26 classes of letters.
    static let usualOptimizer = Optimizer.sgd(momentum: 0.9, weightDecay: 0.0003)

    /// The bound on the gradient of models of numbers, beside the usual optimizer and rate: without it, a few mistyped
    /// values make runs diverge. The slopes of classes are bounded by themselves, and no table of classes diverged.
    static let usualClipping = Clipping.norm(1)

    /// The usual epochs: of classes, of classes where validation examples end a run that overfits, and of numbers.
    static let usualEpochs = (classes: 20, validated: 30, numbers: 40)
    /// Updates that a run makes at least, of classes and of numbers: fewer leave small tables unlearnt, more overfit
    /// them.
    private static let leastUpdates = (classes: 500, numbers: 650)
    /// Examples that a run sees at most, but for one epoch.
    private static let mostExamples = 10_000_000

    /// At least 1: what cannot be trained is refused elsewhere.
    private func updatesPerEpoch(_ examples: Int) -> Int { max(0, examples - 1) / max(1, batch.size) + 1 }

    /// The fewest epochs that make enough updates, and the most that see no more than `mostExamples`.
    private func epochs(_ usual: Int, leastUpdates: Int, examples: Int) -> Int {
        let updates = updatesPerEpoch(examples)
        let least = max(usual, (leastUpdates + updates - 1) / updates)
        return min(least, max(1, Self.mostExamples / max(1, examples)))
    }

    /// Chooses the settings that are open, and says in a notice where they are not the usual ones.
    ///
    /// - Parameters:
    ///   - examples: the number of training examples of an epoch.
    ///   - isClassification: whether the targets are classes.
    ///   - isHeldOut: whether examples are held out for validation because the recipe leaves it to the data.
    package func choosing(
        examples: Int, isClassification: Bool, isHeldOut: Bool = false
    ) -> (recipe: Recipe, notices: [String]) {
        var recipe = self
        var notices: [String] = []
        if open.contains(.clip) { recipe.clip = isClassification ? nil : Self.usualClipping }
        let stops = isHeldOut && open.isSuperset(of: .length)
        if open.contains(.epochs) {
            let usual = Self.usualEpochs
            let most = !isClassification ? usual.numbers : stops ? usual.validated : usual.classes
            let least = Self.leastUpdates
            recipe.epochs = epochs(
                most, leastUpdates: isClassification ? least.classes : least.numbers, examples: examples)
            let updates = recipe.epochs * updatesPerEpoch(examples)
            if recipe.epochs != most {
                notices.append(
                    "\(recipe.epochs) epochs, which are \(updates) updates of \(min(batch.size, examples)) of the "
                        + "\(examples) examples, in place of the usual \(most) (epochs sets the number)")
            }
        }
        if stops {
            recipe.earlyStopping = EarlyStopping(patience: max(5, recipe.epochs / 4))
            recipe.keptModel = .bestIfStopped
        }
        recipe.open = []
        return (recipe, notices)
    }
}
