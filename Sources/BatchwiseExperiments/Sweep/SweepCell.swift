import Batchwise

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
