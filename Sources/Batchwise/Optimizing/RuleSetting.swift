/// A key of an optimizer in a recipe: how it is read into a rule, checked and written.
struct RuleSetting<Rule> {
    let key: String
    /// Reads the value, where the recipe gives one.
    let read: (inout Rule, inout RecipeReader) throws(RecipeError) -> Void
    /// The value as a recipe writes it; nil leaves the key out.
    let value: (Rule) -> RecipeValue?
    /// The limit that the value breaks, and the value; nil where it breaks none.
    let fault: (Rule) -> (expected: String, found: String)?

    /// A number within a limit; the key is left out where it is `omitted`.
    static func number(
        _ key: String, _ path: WritableKeyPath<Rule, Float>, _ limit: NumberLimit, omitted: Float? = nil
    ) -> Self {
        .init(key: key) { rule, reader throws(RecipeError) in
            if let number = try reader.float(key, limit) { rule[keyPath: path] = number }
        } value: { rule in
            rule[keyPath: path] == omitted ? nil : .decimal(rule[keyPath: path])
        } fault: { rule in
            let number = rule[keyPath: path]
            return limit.holds(number) ? nil : (limit.text, "\(number)")
        }
    }

    /// True or false; the key is left out where it is `omitted`.
    static func flag(_ key: String, _ path: WritableKeyPath<Rule, Bool>, omitted: Bool = false) -> Self {
        .init(key: key) { rule, reader throws(RecipeError) in
            if let flag = try reader.bool(key) { rule[keyPath: path] = flag }
        } value: { rule in
            rule[keyPath: path] == omitted ? nil : .bool(rule[keyPath: path])
        } fault: { _ in
            nil
        }
    }

    /// One of the names of an enumeration.
    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ path: WritableKeyPath<Rule, Choice>
    ) -> Self where Choice.RawValue == String {
        .init(key: key) { rule, reader throws(RecipeError) in
            if let choice = try reader.choice(key, Choice.self) { rule[keyPath: path] = choice }
        } value: { rule in
            .string(rule[keyPath: path].rawValue)
        } fault: { _ in
            nil
        }
    }
}
