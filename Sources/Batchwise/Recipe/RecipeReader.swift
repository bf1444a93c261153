import Foundations

/// A reader of the keys of one map of a recipe, which refuses keys that no one has asked for.
///
/// Every method gives nil where the key is not there, and throws `RecipeError` with its place where its value is wrong.
public struct RecipeReader {
    /// The path of the map in the recipe, such as `model.2.dense`.
    public let path: String
    /// The layers that layer lists may name.
    let layers: LayerRegistry
    private let entries: [RecipeValue.Entry]
    /// The first value of each key.
    private let values: [String: RecipeValue]
    private var asked: [String] = []

    /// `shorthand` names the key that a bare value stands for: `{dense: 512}` is `{dense: {units: 512}}`.
    init(
        _ value: RecipeValue, at path: String, shorthand: String? = nil, layers: LayerRegistry = LayerRegistry()
    ) throws(RecipeError) {
        self.path = path
        self.layers = layers
        switch value {
        case .map(let entries): self.entries = entries
        case .null: entries = []
        default:
            guard let shorthand else { throw .value(at: path, expected: "a map of keys", found: value.text) }
            entries = [.init(shorthand, value)]
        }
        values = Dictionary(entries.lazy.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The path of the value of a key.
    public func at(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of a key, of any kind.
    public mutating func value(_ key: String) -> RecipeValue? {
        asked.append(key)
        guard let value = values[key], value != .null else { return nil }
        return value
    }

    /// A whole number in a range.
    public mutating func int(_ key: String, in range: ClosedRange<Int> = 1...Int.max) throws(RecipeError) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .int(let number) = value, range.contains(number) else {
            let limits =
                range.upperBound == .max
                ? "of at least \(range.lowerBound)"
                : "from \(range.lowerBound) to \(range.upperBound)"
            throw .value(at: at(key), expected: "a whole number \(limits)", found: value.text)
        }
        return number
    }

    /// A finite number. The error for any other value says what is `expected`.
    public mutating func double(
        _ key: String, _ expected: String = "a number", where holds: (Double) -> Bool = { _ in true }
    ) throws(RecipeError) -> Double? {
        guard let value = value(key) else { return nil }
        let number: Double? =
            switch value {
            case .int(let number): Double(number)
            case .double(let number): number
            default: nil
            }
        guard let number, number.isFinite, holds(number) else {
            throw .value(at: at(key), expected: expected, found: value.text)
        }
        return number
    }

    /// True or false.
    public mutating func bool(_ key: String) throws(RecipeError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let flag) = value else {
            throw .value(at: at(key), expected: "true or false", found: value.text)
        }
        return flag
    }

    /// Text; numbers are taken as they are written (a file may be called 7).
    public mutating func string(_ key: String, _ expected: String = "text") throws(RecipeError) -> String? {
        guard let value = value(key) else { return nil }
        switch value {
        case .string(let text): return text
        case .int(let number): return String(number)
        default: throw .value(at: at(key), expected: expected, found: value.text)
        }
    }

    /// A text or a list of at least one text; no texts where the key is not there.
    mutating func strings(_ key: String, _ expected: String) throws(RecipeError) -> [String] {
        guard case .list(let items) = value(key) else { return try string(key, expected).map { [$0] } ?? [] }
        var texts: [String] = []
        for item in items {
            guard case .string(let text) = item else { throw .value(at: at(key), expected: expected, found: item.text) }
            texts.append(text)
        }
        guard !texts.isEmpty else { throw .value(at: at(key), expected: expected, found: "an empty list") }
        return texts
    }

    /// A list of whole numbers of at least 1; none where the key is not there.
    mutating func wholeNumbers(_ key: String) throws(RecipeError) -> [Int] {
        guard let value = value(key) else { return [] }
        let expected = "a list of whole numbers of at least 1"
        guard case .list(let items) = value else { throw .value(at: at(key), expected: expected, found: value.text) }
        var numbers: [Int] = []
        for item in items {
            guard case .int(let number) = item, number >= 1 else {
                throw .value(at: at(key), expected: expected, found: item.text)
            }
            numbers.append(number)
        }
        return numbers
    }

    /// One pattern of parameter names or a list of at least one; none where the key is not there.
    mutating func patterns(_ key: String) throws(RecipeError) -> [String] {
        guard let value = value(key) else { return [] }
        let expected = "the name of a parameter or layer, or a list of them"
        let items = if case .list(let items) = value { items } else { [value] }
        guard !items.isEmpty else { throw .value(at: at(key), expected: expected, found: "an empty list") }
        var patterns: [String] = []
        for item in items {
            switch item {
            case .string(let pattern): patterns.append(pattern)
            case .int(let number): patterns.append(String(number))
            default: throw .value(at: at(key), expected: expected, found: item.text)
            }
        }
        return patterns
    }

    /// One column or a list of them, each by its name or its number.
    mutating func columns(_ key: String) throws(RecipeError) -> [String] {
        let items =
            switch value(key) {
            case nil: [RecipeValue]()
            case .list(let items): items
            case let single?: [single]
            }
        var columns: [String] = []
        for item in items {
            switch item {
            case .string(let name): columns.append(name)
            case .int(let number): columns.append(String(number))
            default: throw .value(at: at(key), expected: "a column or a list of columns", found: item.text)
            }
        }
        return columns
    }

    /// One of the names of an enumeration.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type) throws(RecipeError)
        -> Choice? where Choice.RawValue == String
    {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue)
            var found = value.text
            if case .string(let text) = value, let near = nearestName(to: text, in: names) {
                found += " (did you mean \(near)?)"
            }
            throw .value(at: at(key), expected: names.joined(separator: " or "), found: found)
        }
        return choice
    }

    /// The error for a key that must be there: it is missing, or misspelt where a similar key stands.
    public func missing(_ key: String, _ expected: String) -> RecipeError {
        let known = Set(asked)
        for entry in entries where !known.contains(entry.key) && nearestName(to: entry.key, in: [key]) != nil {
            return .unknownKey(at: path, key: entry.key, nearest: key, known: [key])
        }
        return .missing(at: at(key), expected: expected)
    }

    /// Throws for a key that was not asked for; call it last.
    func finish() throws(RecipeError) {
        let known = Set(asked)
        for entry in entries where !known.contains(entry.key) {
            throw .unknownKey(
                at: path, key: entry.key, nearest: nearestName(to: entry.key, in: asked), known: asked)
        }
    }
}
