/// A length of training, or a mark from its start, in whichever unit it was written.
///
/// All lengths are places on one clock, which counts examples: an epoch ends after all of its examples, and an update
/// after those of its batch, also where the batch is a smaller one.
public enum TrainingLength: Hashable, Sendable, CustomStringConvertible {
    /// This many epochs, of which the last may be a part.
    case epochs(Double)
    /// This many updates.
    case updates(Int)
    /// This many examples.
    case examples(Int)

    /// The length as recipes write it, such as `5 epochs`.
    public var description: String {
        switch self {
        case .epochs(let count):
            if count == 1 { "1 epoch" } else { "\(Int(exactly: count).map(String.init) ?? String(count)) epochs" }
        case .updates(let count): "\(count) \(count == 1 ? "update" : "updates")"
        case .examples(let count): "\(count) \(count == 1 ? "example" : "examples")"
        }
    }

    /// Whether the length is above 0, and no longer than any run can be.
    var isPositive: Bool {
        switch self {
        case .epochs(let count): count > 0 && count < 1e15
        case .updates(let count), .examples(let count): count > 0 && count < 1_000_000_000_000_000
        }
    }
}

extension TrainingLength {
    static let expected = "a length such as 5 epochs, 1000 updates or 50000 examples"

    /// Reads "5 epochs", "1000 updates" or "50000 examples".
    package init(notation: RecipeValue, at path: String) throws(RecipeError) {
        let fault = RecipeError.value(at: path, expected: Self.expected, found: notation.text)
        guard case .string(let text) = notation else { throw fault }
        let words = text.split(separator: " ")
        guard words.count == 2, let count = Double(words[0]), count.isFinite, count >= 0, count < 1e15 else {
            throw fault
        }
        switch words[1] {
        case "epoch", "epochs": self = .epochs(count)
        case "update", "updates": self = .updates(Int(count))
        case "example", "examples": self = .examples(Int(count))
        default: throw fault
        }
        if case .epochs = self { return }
        guard count == count.rounded() else { throw fault }
    }

    /// The notation of the length in a recipe.
    package var notation: RecipeValue { .string(description) }
}

extension RecipeReader {
    /// The length at a key; nil where the recipe does not give it.
    mutating func length(_ key: String) throws(RecipeError) -> TrainingLength? {
        try value(key).map { value throws(RecipeError) in try TrainingLength(notation: value, at: at(key)) }
    }

    mutating func requiredLength(_ key: String) throws(RecipeError) -> TrainingLength {
        guard let length = try length(key) else { throw missing(key, TrainingLength.expected) }
        return length
    }

    /// One length at a key, or a list of them; nil where the recipe does not give it.
    mutating func lengths(_ key: String) throws(RecipeError) -> [TrainingLength]? {
        guard let value = value(key) else { return nil }
        guard case .list(let items) = value else { return [try TrainingLength(notation: value, at: at(key))] }
        var lengths: [TrainingLength] = []
        for (index, item) in items.enumerated() {
            lengths.append(try TrainingLength(notation: item, at: "\(at(key)).\(index)"))
        }
        return lengths
    }
}
