extension LearningRate {
    /// A length of training, or a mark from its start, in whichever unit it was written.
    ///
    /// All are places on one clock, which counts examples: an epoch ends after all of them, and so many updates where the
    /// last of them does, be its batch a smaller one.
    public enum Duration: Hashable, Sendable, CustomStringConvertible {
        case epochs(Double)
        case updates(Int)
        case examples(Int)

        public var description: String {
            switch self {
            case .epochs(let count):
                if count == 1 { "1 epoch" } else { "\(Int(exactly: count).map(String.init) ?? String(count)) epochs" }
            case .updates(let count): "\(count) \(count == 1 ? "update" : "updates")"
            case .examples(let count): "\(count) \(count == 1 ? "example" : "examples")"
            }
        }
    }
}

extension LearningRate.Duration {
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

    package var notation: RecipeValue { .string(description) }

    /// Whether it can be the length of something.
    var isPositive: Bool {
        switch self {
        case .epochs(let count): count > 0 && count < 1e15
        case .updates(let count), .examples(let count): count > 0 && count < 1_000_000_000_000_000
        }
    }
}

extension RecipeReader {
    mutating func duration(_ key: String) throws(RecipeError) -> LearningRate.Duration? {
        try value(key).map { value throws(RecipeError) in
            try LearningRate.Duration(notation: value, at: at(key))
        }
    }
}
