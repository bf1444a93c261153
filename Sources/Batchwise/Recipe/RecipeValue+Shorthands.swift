// Settings of a recipe that is written in short.

extension RecipeValue {
    /// The recipe with the value of a key set.
    ///
    /// A shorthand of the recipe is spelled out where a setting goes into it: `batch: 32` is `batch: {size: 32}` for
    /// `batch.grain=8`. The settings of an optimizer or loss other than the recipe's replace it.
    package func applying(_ value: RecipeValue, at path: [String]) throws(RecipeError) -> RecipeValue {
        let recipe = path.count > 1 ? try spelledOut(path[0], for: path[1]) : self
        return recipe.setting(path, to: value)
    }

    private func spelledOut(_ key: String, for part: String) throws(RecipeError) -> RecipeValue {
        let shorthands = [
            "data": "train", "from": "model", "batch": "size", "learning-rate": "base", "early-stopping": "patience",
        ]
        let value = self[key]
        if let shorthand = shorthands[key] {
            switch value {
            case nil, .null, .map, .list: return self
            case let value?: return setting([key], to: .map([.init(shorthand, value)]))
            }
        }
        // a name that is no optimizer or loss is refused here, before its settings hide the mistake
        switch key {
        case "optimizer": _ = try Optimizer(notation: .string(part))
        case "loss": _ = try Loss(notation: .string(part))
        default: return self
        }
        // without an optimizer in the recipe, the settings go into the default one, which has momentum
        let usual = try key == "optimizer" ? Recipe(notation: .map([])).optimizer.notation : nil
        switch value ?? usual {
        case .map(let entries)? where entries.count == 1 && entries[0].key == part:
            return setting([key], to: .map(entries))
        default:
            return setting([key], to: .map([.init(part, .map([]))]))
        }
    }
}
