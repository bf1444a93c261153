/// A limit on a number of a recipe, checked against the Float that kernels see.
enum NumberLimit {
    case finite, fraction, positive, nonNegative

    func holds(_ value: Float) -> Bool {
        switch self {
        case .finite: value.isFinite
        case .fraction: (0..<1).contains(value)
        case .positive: value >= .leastNormalMagnitude && value.isFinite
        case .nonNegative: value >= 0 && value.isFinite
        }
    }

    /// The limit in the words of a message.
    var text: String {
        switch self {
        case .finite: "a number between -3e38 and 3e38"
        case .fraction: "a number from 0 to below 1"
        case .positive: "a number above 1e-38"
        case .nonNegative: "a number of at least 0"
        }
    }
}

extension RecipeReader {
    /// The number at a key, as a Float within a limit; nil where the recipe does not give it.
    mutating func float(_ key: String, _ limit: NumberLimit) throws(RecipeError) -> Float? {
        try double(key, limit.text, where: { limit.holds(Float($0)) }).map { Float($0) }
    }
}
