import Batchwise
import BatchwiseData

/// One `--set path=value`: a key of the recipe, and what it becomes.
struct Setting {
    let path: [String]
    let value: RecipeValue

    init(path: [String], value: RecipeValue) {
        self.path = path
        self.value = value
    }

    init(_ text: String) throws {
        guard let equals = text.firstIndex(of: "=") else {
            throw Failure(.usage, "--set \(text): expected path=value, for example --set batch.size=512")
        }
        let path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map { $0.trimming(" ") }
        guard path.allSatisfy({ !$0.isEmpty }) else {
            throw Failure(.usage, "--set \(text): the path before = has an empty part")
        }
        self.path = path
        do {
            value = try RecipeValue(setting: String(text[text.index(after: equals)...]))
        } catch {
            throw Failure(.usage, "--set \(text): the value is not valid YAML")
        }
    }
}

extension RecipeValue {
    /// The recipe with these settings made, one after the other.
    ///
    /// What a recipe says in short is spelled out where a setting goes into it: `batch: 32` is `batch: {size: 32}` for
    /// `batch.grain=8`. The settings of another optimizer or loss than the recipe's replace it.
    func applying(_ settings: [Setting]) throws(RecipeError) -> RecipeValue {
        var recipe = self
        for setting in settings {
            if setting.path.count > 1 {
                recipe = try recipe.spelledOut(setting.path[0], for: setting.path[1])
            }
            recipe = recipe.setting(setting.path, to: setting.value)
        }
        return recipe
    }

    private func spelledOut(_ key: String, for part: String) throws(RecipeError) -> RecipeValue {
        let shorthands = ["data": "train", "batch": "size", "learning-rate": "base", "early-stopping": "patience"]
        let value = self[key]
        if let shorthand = shorthands[key] {
            switch value {
            case nil, .null, .map, .list: return self
            case let value?: return setting([key], to: .map([.init(shorthand, value)]))
            }
        }
        // What is no optimizer or loss is told apart here, before its settings hide it.
        switch key {
        case "optimizer": _ = try Optimizer(notation: .string(part))
        case "loss": _ = try Loss(notation: .string(part))
        default: return self
        }
        // Without one, the settings go into the usual optimizer, not into one without momentum.
        let usual = try key == "optimizer" ? Recipe(notation: .map([])).optimizer.notation : nil
        switch value ?? usual {
        case .map(let entries)? where entries.count == 1 && entries[0].key == part:
            return setting([key], to: .map(entries))
        default:
            return setting([key], to: .map([.init(part, .map([]))]))
        }
    }
}
