import Foundations

/// A recipe as a tree of plain values, as YAML and JSON files hold it, before its keys are interpreted.
public enum RecipeValue: Hashable, Sendable {
    /// A key without a value.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// A number with a point or an exponent.
    case double(Double)
    /// A text.
    case string(String)
    /// A list of values.
    case list([RecipeValue])
    /// A map from keys to values, in the order in which they were written.
    case map([Entry])

    /// A key of a map, and its value.
    public struct Entry: Hashable, Sendable {
        /// The key.
        public var key: String
        /// The value at the key.
        public var value: RecipeValue

        /// An entry of a map.
        public init(_ key: String, _ value: RecipeValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value at a key of a map; nil where there is none.
    public subscript(key: String) -> RecipeValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The tree with the value at `path` (keys and list indices separated by dots) replaced or added.
    package func setting(_ path: [String], to value: RecipeValue) -> RecipeValue {
        guard let key = path.first else { return value }
        let rest = Array(path.dropFirst())
        if case .list(var items) = self, let index = Int(key), items.indices.contains(index) {
            items[index] = items[index].setting(rest, to: value)
            return .list(items)
        }
        var entries = if case .map(let entries) = self { entries } else { [Entry]() }
        if let index = entries.firstIndex(where: { $0.key == key }) {
            entries[index].value = entries[index].value.setting(rest, to: value)
        } else {
            entries.append(Entry(key, RecipeValue.map([]).setting(rest, to: value)))
        }
        return .map(entries)
    }

    /// The value as messages show it.
    package var text: String {
        switch self {
        case .null: "nothing"
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .string(let value): "\"\(escaped(value, limit: 200))\""
        case .list(let items): "a list of \(items.count)"
        case .map(let entries):
            "the map {\(entries.prefix(8).map { escaped($0.key, limit: 60) }.joined(separator: ", "))"
                + "\(entries.count > 8 ? ", ..." : "")}"
        }
    }
}

extension RecipeValue: Codable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads any tree of values; the keys of a map come sorted.
    public init(from decoder: any Decoder) throws {
        if let map = try? decoder.container(keyedBy: Key.self) {
            self = .map(
                try map.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
                    Entry($0.stringValue, try map.decode(RecipeValue.self, forKey: $0))
                })
        } else if var list = try? decoder.unkeyedContainer() {
            var items: [RecipeValue] = []
            while !list.isAtEnd { items.append(try list.decode(RecipeValue.self)) }
            self = .list(items)
        } else {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .null
            } else if let value = try? single.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? single.decode(Int.self) {
                self = .int(value)
            } else if let value = try? single.decode(Double.self) {
                self = .double(value)
            } else {
                self = .string(try single.decode(String.self))
            }
        }
    }

    /// Writes the tree as it is.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .map(let entries):
            var map = encoder.container(keyedBy: Key.self)
            for entry in entries { try map.encode(entry.value, forKey: Key(stringValue: entry.key)) }
        case .list(let items):
            var list = encoder.unkeyedContainer()
            for item in items { try list.encode(item) }
        case .null, .bool, .int, .double, .string:
            var single = encoder.singleValueContainer()
            switch self {
            case .bool(let value): try single.encode(value)
            case .int(let value): try single.encode(value)
            case .double(let value): try single.encode(value)
            case .string(let value): try single.encode(value)
            default: try single.encodeNil()
            }
        }
    }
}
