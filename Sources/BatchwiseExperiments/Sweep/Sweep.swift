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

    package static let mostCells = 10_000

    package init(
        _ recipe: RecipeValue, over axes: [SweepAxis], seeds: Int = 1, goal: SweepGoal? = nil, tunesRate: Bool = false
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

/// One run of a sweep: settings, and a seed.
package struct SweepCell: Sendable {
    /// The number of the settings, from 1.
    package let number: Int
    /// The key and value of every axis.
    package let settings: [RecipeValue.Entry]
    package let recipe: Recipe
    /// The base rate is the recipe's times the square root of ten to this power; nil: it is the recipe's own.
    package var rateStep: Int?

    package var seed: Int { Int(recipe.seed) }

    /// The name of its folder: `cell-0001-size-8-seed-42`.
    package var folder: String {
        let digits = String(number)
        let start = "cell-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let settings = settings.map { "-\($0.key.split(separator: ".").last ?? "")-\($0.value.shown)" }.joined()
        let plain = String(
            settings.map { $0.isASCII && ($0.isLetter || $0.isNumber || ".-".contains($0)) ? $0 : "-" }.prefix(60))
        let rate = rateStep.map { "-rate\($0 < 0 ? "" : "+")\($0)" } ?? ""
        return "\(start)\(plain)\(rate)-seed-\(seed)"
    }
}

extension RecipeValue {
    /// The value on one line, as people write it.
    package var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value
        case .list(let items): "[" + items.map(\.shown).joined(separator: ", ") + "]"
        case .map(let entries): "{" + entries.map { "\($0.key): \($0.value.shown)" }.joined(separator: ", ") + "}"
        }
    }
}
