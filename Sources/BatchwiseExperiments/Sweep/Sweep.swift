import Batchwise
import BatchwiseRuns

/// A sweep: a recipe, the keys that vary, the seeds of every setting, and a goal.
///
/// Its cells are the product of the values of all axes and the seeds; the last axis varies fastest.
package struct Sweep: Sendable, Hashable {
    /// The recipe as it was said.
    package let recipe: RecipeValue
    package let axes: [SweepAxis]
    /// The number of runs of every setting: with the recipe's seed, and the numbers after it.
    package let seeds: Int
    /// The metric and value at which a cell stops; nil: cells train to the end of their recipe.
    package let goal: SweepGoal?
    /// Whether the base rate is tuned for every setting.
    package let tunesRate: Bool
    /// The measurements that are made of cells beside their training.
    package let measures: Set<SweepMeasure>

    package static let mostCells = 10_000

    package init(
        _ recipe: RecipeValue, over axes: [SweepAxis], seeds: Int = 1, goal: SweepGoal? = nil, tunesRate: Bool = false,
        measures: Set<SweepMeasure> = []
    ) throws(SweepError) {
        for (place, axis) in axes.enumerated() {
            if let other = axes[..<place].first(where: axis.overlaps) {
                throw .notation("--over \(axis.key) and --over \(other.key) set the same key: write one of them")
            }
        }
        if seeds > 1, axes.contains(where: { $0.key == "seed" }) {
            throw .notation("--seeds and --over seed both vary the seed: write one of them")
        }
        if tunesRate, let axis = axes.first(where: { $0.path[0] == "learning-rate" }) {
            throw .notation("--tune-rate chooses the rate, which --over \(axis.key) sets: write one of them")
        }
        var count = seeds
        for axis in axes {
            let (product, overflows) = count.multipliedReportingOverflow(by: axis.values.count)
            count = overflows ? .max : product
        }
        guard (1...Self.mostCells).contains(count) else {
            throw .notation("the sweep has \(count) cells, and may have from 1 to \(Self.mostCells)")
        }
        self.recipe = recipe.withAbsolutePaths()
        self.axes = axes.map(\.withAbsolutePaths)
        self.seeds = seeds
        self.goal = goal
        self.tunesRate = tunesRate
        self.measures = measures
    }

    /// The settings of all cells, each with its value of every axis.
    package var settings: [[RecipeValue.Entry]] {
        axes.reduce([[]]) { settings, axis in
            settings.flatMap { before in axis.values.map { before + [.init(axis.key, $0)] } }
        }
    }

    /// The cells, the seeds of a setting one after the other. Throws for the first cell that the recipe refuses.
    package func cells() throws(SweepError) -> [SweepCell] {
        var cells: [SweepCell] = []
        for (place, entries) in settings.enumerated() {
            let name = entries.map { "\($0.key) \($0.value.shown)" }.joined(separator: ", ")
            do throws(RecipeError) {
                var notation = recipe
                for (axis, entry) in zip(axes, entries) {
                    notation = try notation.applying(entry.value, at: axis.path)
                }
                let first = try Recipe(notation: notation)
                guard first.data != nil else {
                    throw RecipeError.missing(at: "data", expected: "digits, or a file of examples")
                }
                guard first.seed <= Int.max - seeds else {
                    throw RecipeError.value(at: "seed", expected: "room for \(seeds) seeds", found: "\(first.seed)")
                }
                for offset in 0..<seeds {
                    var recipe = first
                    recipe.seed += UInt64(offset)
                    cells.append(SweepCell(number: place + 1, settings: entries, recipe: recipe))
                }
            } catch {
                throw axes.isEmpty ? .notation("\(error)") : .cell(name, error)
            }
        }
        return cells
    }
}
