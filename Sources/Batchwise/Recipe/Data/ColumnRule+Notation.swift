import Foundations

extension ColumnRule {
    private static let words: [(word: String, kind: Kind)] = [
        ("standardise", .standardise), ("min-max", .minMax), ("log", .log), ("none", .asIs), ("one-hot", .oneHot),
        ("ordinal", .ordinal(nil)), ("date", .date), ("ignore", .ignore),
    ]

    /// Reads the rules of a recipe's data section, by column.
    package static func rules(notation: RecipeValue, at path: String) throws(RecipeError) -> [String: ColumnRule] {
        guard case .map(let entries) = notation else {
            throw .value(
                at: path, expected: "a map such as {age: min-max, city: {hash: 64}}", found: notation.text)
        }
        var rules: [String: ColumnRule] = [:]
        for entry in entries { rules[entry.key] = try ColumnRule(notation: entry.value, at: "\(path).\(entry.key)") }
        return rules
    }

    /// The rules as `rules(notation:at:)` reads them, by the names of their columns.
    package static func notation(of rules: [String: ColumnRule]) -> RecipeValue {
        .map(rules.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.notation) })
    }

    /// Reads a word, or one of `{as: log}`, `{hash: 64}` and `{ordinal: [low, high]}` with or without `missing: mean`.
    package init(notation: RecipeValue, at path: String) throws(RecipeError) {
        // most rules are a word, of which a wide table has very many
        if case .string = notation {
            self.init(try Self.kind(notation, at: path))
            return
        }
        var reader = try RecipeReader(notation, at: path, shorthand: "as")
        var kinds: [Kind] = []
        if let word = reader.value("as") { kinds.append(try Self.kind(word, at: path)) }
        if let features = try reader.int("hash", in: 1...Self.mostHashed) { kinds.append(.hash(features: features)) }
        if let order = reader.value("ordinal") {
            kinds.append(.ordinal(try Self.order(order, at: reader.at("ordinal"))))
        }
        let missing = try reader.choice("missing", Missing.self)
        try reader.finish()
        guard kinds.count <= 1, !kinds.isEmpty || missing != nil else {
            throw .value(at: path, expected: "one of as, hash and ordinal", found: notation.text)
        }
        self.init(kinds.first, missing: missing)
        switch (kind, missing) {
        case (_, nil): break
        case (.oneHot, .mean):
            throw .value(at: reader.at("missing"), expected: "most-frequent, for texts have no mean", found: "mean")
        case (.hash, _), (.ignore, _):
            throw .value(at: reader.at("missing"), expected: "no such key beside hash or ignore", found: "it")
        default: break
        }
    }

    private static func kind(_ value: RecipeValue, at path: String) throws(RecipeError) -> Kind {
        if case .string(let word) = value, let known = words.first(where: { $0.word == word }) { return known.kind }
        var hint = ""
        if case .string(let word) = value, let near = nearestName(to: word, in: words.map(\.word)) {
            hint = " (did you mean \(near)?)"
        }
        let expected = words.map(\.word).joined(separator: ", ") + " or {hash: 64}"
        throw .value(at: path, expected: expected, found: value.text + hint)
    }

    /// Texts in their order; numbers are taken as they are written.
    private static func order(_ value: RecipeValue, at path: String) throws(RecipeError) -> [String] {
        guard case .list(let items) = value, !items.isEmpty else {
            throw .value(at: path, expected: "a list of texts in their order", found: value.text)
        }
        var order: [String] = []
        for item in items {
            switch item {
            case .string(let text): order.append(text)
            case .int(let number): order.append(String(number))
            default: throw .value(at: path, expected: "texts; put others in quotes", found: item.text)
            }
        }
        guard Set(order).count == order.count else {
            throw .value(at: path, expected: "every text once", found: "a text that stands twice")
        }
        return order
    }

    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = []
        switch kind {
        case nil: break
        case .hash(let features): entries.append(.init("hash", .int(features)))
        case .ordinal(let order?): entries.append(.init("ordinal", .list(order.map { .string($0) })))
        case let kind?:
            let word = RecipeValue.string(Self.words.first { $0.kind == kind }?.word ?? "")
            if missing == nil { return word }
            entries.append(.init("as", word))
        }
        if let missing { entries.append(.init("missing", .string(missing.rawValue))) }
        return .map(entries)
    }
}
