import Batchwise
import BatchwiseData

/// One `--set path=value`: a key of the recipe, and its new value.
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
        guard path.count <= 64 else {
            throw Failure(.usage, "--set \(text.prefix(60))...: the path before = has more than 64 parts")
        }
        self.path = path
        do {
            value = try RecipeValue(setting: String(text[text.index(after: equals)...]))
        } catch {
            throw Failure(.usage, "--set \(text.prefix(200)): the value is not valid YAML")
        }
    }
}

extension RecipeValue {
    /// The recipe after these settings, one after the other.
    func applying(_ settings: [Setting]) throws(RecipeError) -> RecipeValue {
        var recipe = self
        for setting in settings { recipe = try recipe.applying(setting.value, at: setting.path) }
        return recipe
    }
}
