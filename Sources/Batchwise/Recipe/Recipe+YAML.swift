import Yams

extension RecipeValue {
    /// Reads YAML (and so JSON). No tag is executed, no alias multiplied: a document may hold 100,000 values.
    package init(yaml text: String) throws(RecipeError) {
        let node: Node?
        // editors of some systems begin a file with a mark
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        do { node = try Yams.compose(yaml: text) } catch { throw .syntax(Self.reason(error, text)) }
        guard let node else { throw .syntax("the file is empty") }
        var budget = 100_000
        self = try Self.value(of: node, &budget, depth: 0)
    }

    /// A value as it is written after `--set key=`.
    package init(setting text: String) throws(RecipeError) {
        self = text.isEmpty ? .null : try RecipeValue(yaml: text)
    }

    private static func reason(_ error: any Error, _ text: String) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
            let advice = line.contains("\t") ? "; there is a tab: indent with spaces" : ""
            return "line \(mark.line), column \(mark.column): \(problem)\(advice)"
        case .duplicatedKeysInMapping(let keys, _):
            return "the key \(keys.map { "\($0)" }.joined(separator: ", ")) stands twice in one place"
        default:
            return "\(error)".split(whereSeparator: \.isNewline).prefix(2).joined(separator: "; ")
        }
    }

    private static func value(of node: Node, _ budget: inout Int, depth: Int) throws(RecipeError) -> RecipeValue {
        budget -= 1
        guard budget >= 0, depth < 64 else { throw .syntax("more than 100,000 values, or nested deeper than 64") }
        switch node {
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                guard let name = key.string else { throw .syntax("a key that is not text") }
                guard !entries.contains(where: { $0.key == name }) else {
                    throw .syntax("the key \(name) stands twice")
                }
                entries.append(Entry(name, try self.value(of: value, &budget, depth: depth + 1)))
            }
            return .map(entries)
        case .sequence(let sequence):
            var items: [RecipeValue] = []
            for item in sequence { items.append(try value(of: item, &budget, depth: depth + 1)) }
            return .list(items)
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.string) }
            if node.null != nil { return .null }
            if let int = node.int { return .int(int) }
            if let double = node.float { return .double(double) }
            if ["true", "false", "True", "False", "yes", "no", "on", "off"].contains(scalar.string),
                let bool = node.bool
            {
                return .bool(bool)
            }
            return .string(scalar.string)
        default:
            throw .syntax("an alias")
        }
    }

    /// The value as YAML.
    package func yaml() throws(RecipeError) -> String {
        do { return try Yams.serialize(node: node, sortKeys: false) } catch { throw .syntax("\(error)") }
    }

    private var node: Node {
        switch self {
        case .null: Node("null", Tag(.null))
        case .bool(let value): Node(value ? "true" : "false", Tag(.bool))
        case .int(let value): Node(String(value), Tag(.int))
        case .double(let value): Node(String(value), Tag(.float))
        case .string(let value): Node.scalar(.init(value, Tag(.str), Self.isPlain(value) ? .plain : .doubleQuoted))
        case .list(let items): Node(items.map(\.node), Tag(.seq), .block)
        case .map(let entries):
            Node(
                entries.map { (Node($0.key), $0.value.node) }, Tag(.map),
                entries.count > 3 || depth > 2 ? .block : .flow)
        }
    }

    private var depth: Int {
        switch self {
        case .list(let items): 1 + (items.map(\.depth).max() ?? 0)
        case .map(let entries): 1 + (entries.map(\.value.depth).max() ?? 0)
        default: 0
        }
    }

    /// Whether a text may stand without quotes and come back as text.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter || first == "/" || first == "." else { return false }
        let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        return !words.contains(text.lowercased()) && Double(text) == nil
            && text.allSatisfy { $0.isLetter || $0.isNumber || "/-_. ".contains($0) } && text.last != " "
    }
}
