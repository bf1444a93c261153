import Yams

extension RecipeValue {
    /// Reads YAML (and so JSON), with the limits of `YAMLReader`.
    package init(yaml text: String) throws(RecipeError) {
        // editors of some systems begin a file with a mark
        var reader = YAMLReader(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
        self = try reader.document()
    }

    /// A value as it is written after `--set key=`.
    package init(setting text: String) throws(RecipeError) {
        self = text.isEmpty ? .null : try RecipeValue(yaml: text)
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
        case .double(let value):
            Node(value.isFinite ? String(value) : value.isNaN ? ".nan" : value > 0 ? ".inf" : "-.inf", Tag(.float))
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
        // other readers of YAML take more words for values than this one
        let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        return !words.contains(text.lowercased()) && Double(text) == nil && RecipeValue(plain: text) == .string(text)
            && text.allSatisfy { $0.isLetter || $0.isNumber || "/-_. ".contains($0) } && text.last != " "
    }
}
