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
        let measures = SweepMeasure.allCases.filter(self.measures.contains)
        if !measures.isEmpty { entries.append(.init("measure", .list(measures.map { .string($0.rawValue) }))) }
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
        var measures: Set<SweepMeasure> = []
        if let listed = notation["measure"] {
            guard case .list(let names) = listed else { return nil }
            for name in names {
                guard case .string(let text) = name, let measure = SweepMeasure(rawValue: text) else { return nil }
                measures.insert(measure)
            }
        }
        try self.init(
            recipe, over: axes, seeds: seeds, goal: goal, tunesRate: notation["tune-rate"] == .bool(true),
            measures: measures)
    }
}
