import Batchwise

// The file sweep.yaml.

extension Sweep {
    /// The sweep as a tree of plain values.
    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [
            .init("over", .map(axes.map { .init($0.key, .list($0.values)) })),
            .init("seeds", .int(seeds)),
        ]
        if let goal { entries.append(.init("goal", .string(goal.text))) }
        if tunesRate { entries.append(.init("tune-rate", .bool(true))) }
        return .map(entries + [.init("recipe", recipe)])
    }

    /// Reads what `notation` gives; nil for anything else.
    package init?(notation: RecipeValue) throws(SweepError) {
        guard case .map(let over)? = notation["over"], case .int(let seeds)? = notation["seeds"],
            let recipe = notation["recipe"]
        else { return nil }
        var axes: [SweepAxis] = []
        for entry in over {
            guard case .list(let values) = entry.value else { return nil }
            axes.append(try SweepAxis(key: entry.key, values: values))
        }
        var goal: SweepGoal?
        if case .string(let text)? = notation["goal"] { goal = try SweepGoal(text) }
        try self.init(recipe, over: axes, seeds: seeds, goal: goal, tunesRate: notation["tune-rate"] == .bool(true))
    }
}
