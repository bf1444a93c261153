import Foundations

/// Reads a YAML text as a tree of values.
///
/// The limits hold while the text is read: at most 100,000 values, an alias being counted as all that it stands for, and
/// at most 64 lists and maps in each other. Keys are texts, and no tag is obeyed.
struct YAMLReader {
    private static let mostValues = 100_000
    private static let mostNested = 64

    /// A value with a name, for the aliases that follow it.
    private struct Anchored {
        var value: RecipeValue
        /// The values in it, itself being one.
        var count: Int
        /// The lists and maps in each other.
        var depth: Int
    }

    private let events: YAMLEvents
    private var anchors: [String: Anchored] = [:]
    private var count = 0

    init(_ text: String) { events = YAMLEvents(text) }

    /// The only document of the text. Throws `RecipeError.syntax`, with line and column.
    mutating func document() throws(RecipeError) -> RecipeValue {
        if case .endOfText = try events.next().kind { throw .syntax("the file is empty") }
        let value = try value(try events.next(), depth: 0).value
        _ = try events.next()
        let end = try events.next()
        guard case .endOfText = end.kind else {
            throw .syntax("\(end.place): a second document begins; a recipe has one")
        }
        return value
    }

    private mutating func value(_ event: YAMLEvent, depth: Int) throws(RecipeError) -> (value: RecipeValue, depth: Int)
    {
        if let tag = event.tag {
            throw .syntax(
                "\(event.place): tags such as \(escaped(tag, limit: 40)) are not read; write the value alone, and a "
                    + "text in quotes")
        }
        let before = count
        count += 1
        let found: (value: RecipeValue, depth: Int)
        switch event.kind {
        case .scalar(let text, let isPlain): found = (isPlain ? RecipeValue(plain: text) : .string(text), 0)
        case .alias(let name):
            guard let anchored = anchors[name] else {
                throw .syntax("\(event.place): no value before it has the name &\(escaped(name, limit: 40))")
            }
            count += anchored.count - 1
            found = (anchored.value, anchored.depth)
        case .list: found = try list(depth: depth)
        case .map: found = try map(depth: depth)
        case .end, .document, .endOfText: throw .syntax("\(event.place): a value is missing")
        }
        guard count <= Self.mostValues else {
            throw .syntax("\(event.place): more than \(Self.mostValues) values, with those that aliases repeat")
        }
        guard depth + found.depth <= Self.mostNested else {
            throw .syntax("\(event.place): more than \(Self.mostNested) lists and maps in each other")
        }
        if let name = event.anchor {
            anchors[name] = Anchored(value: found.value, count: count - before, depth: found.depth)
        }
        return found
    }

    private mutating func list(depth: Int) throws(RecipeError) -> (value: RecipeValue, depth: Int) {
        var items: [RecipeValue] = []
        var deepest = 0
        while true {
            let event = try events.next()
            if case .end = event.kind { return (.list(items), 1 + deepest) }
            let item = try nested(event, depth)
            items.append(item.value)
            deepest = max(deepest, item.depth)
        }
    }

    private mutating func map(depth: Int) throws(RecipeError) -> (value: RecipeValue, depth: Int) {
        var entries: [RecipeValue.Entry] = []
        var keys: Set<String> = []
        var deepest = 0
        while true {
            let event = try events.next()
            if case .end = event.kind { return (.map(entries), 1 + deepest) }
            guard case .scalar(let key, _) = event.kind, event.anchor == nil, event.tag == nil else {
                throw .syntax("\(event.place): a key is a text, without an anchor, an alias or a tag")
            }
            guard keys.insert(key).inserted else {
                throw .syntax("\(event.place): the key \(escaped(key, limit: 60)) stands twice in one place")
            }
            let item = try nested(try events.next(), depth)
            entries.append(.init(key, item.value))
            deepest = max(deepest, item.depth)
        }
    }

    /// A value within a list or map, which is not entered where it would be too deep for the stack.
    private mutating func nested(_ event: YAMLEvent, _ depth: Int) throws(RecipeError) -> (
        value: RecipeValue, depth: Int
    ) {
        guard depth < Self.mostNested else {
            throw .syntax("\(event.place): more than \(Self.mostNested) lists and maps in each other")
        }
        return try value(event, depth: depth + 1)
    }
}
