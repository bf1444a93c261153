import Batchwise

/// The keys by which the recipes of runs differ, side by side.
package struct RunComparison: Sendable {
    /// The keys that differ, as `--set` names them, in the order of the recipes; a value for each run, nil where it has
    /// none.
    package let keys: [(key: String, values: [String?])]

    package init(_ recipes: [RecipeValue?]) {
        let flat = recipes.map { $0.map { Self.flattened($0) } ?? [] }
        var order: [String] = []
        var seen: Set<String> = []
        for (key, _) in flat.joined() where seen.insert(key).inserted { order.append(key) }
        let tables = flat.map { Dictionary($0, uniquingKeysWith: { first, _ in first }) }
        keys = order.map { key in (key, tables.map { $0[key] }) }.filter { Set($0.values).count > 1 }
    }

    /// Every value of a recipe by the path of its key. The layers of a model are one value.
    private static func flattened(_ value: RecipeValue, at path: String = "") -> [(String, String)] {
        guard case .map(let entries) = value else { return [(path, text(value))] }
        if entries.isEmpty { return path.isEmpty ? [] : [(path, "{}")] }
        return entries.flatMap { entry in
            flattened(entry.value, at: path.isEmpty ? entry.key : "\(path).\(entry.key)")
        }
    }

    private static func text(_ value: RecipeValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): String(flag)
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .list(let items): "[" + items.map(text).joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
        }
    }
}
