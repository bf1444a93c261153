import Foundation

/// The values of the quantities that were due at an update, by name.
///
/// ```swift
/// let norm = report.measurements[GradientNorm()]  // a Double, or nil where the update has none
/// ```
/// As JSON it is one object, a key a quantity. What has been read from JSON compares equal to itself, not to what was
/// measured.
public struct Measurements: Sendable, Hashable, Codable {
    private struct Entry: Sendable, Hashable {
        let name: String
        let value: any Codable & Hashable & Sendable

        static func == (a: Entry, b: Entry) -> Bool {
            a.name == b.name && AnyHashable(a.value) == AnyHashable(b.value)
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(name)
            value.hash(into: &hasher)
        }
    }

    private var entries: [Entry] = []

    /// Measurements without any value.
    public init() {}

    /// The names of the quantities that have a value, in the order of the trainer's quantities.
    public var names: [String] { entries.map(\.name) }

    /// Whether no quantity has a value.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of a quantity. It is nil where the quantity was not due, where the update has no value of it, or where
    /// the value that was read from JSON has another type.
    public subscript<Asked: Quantity>(quantity: Asked) -> Asked.Value? {
        let name = quantity.name
        guard let value = entries.first(where: { $0.name == name })?.value else { return nil }
        if let value = value as? Asked.Value { return value }
        guard let written = value as? WrittenValue, let text = try? JSONEncoder().encode(written) else { return nil }
        return try? JSONDecoder().decode(Asked.Value.self, from: text)
    }

    /// Computes a quantity. Where the program has not kept the last measurements, values of up to three words allocate
    /// nothing.
    mutating func add<Asked: Quantity>(_ quantity: Asked, of update: borrowing MeasuredUpdate) throws {
        guard let value = try quantity.value(of: update) else { return }
        entries.append(Entry(name: quantity.name, value: value))
    }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    // MARK: JSON

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads an object with one key for each quantity. Throws where a value is none that JSON can hold.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for name in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            entries.append(Entry(name: name.stringValue, value: try container.decode(WrittenValue.self, forKey: name)))
        }
    }

    /// Writes an object with one key for each quantity.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for entry in entries { try container.encode(entry.value, forKey: Name(stringValue: entry.name)) }
    }
}

/// A value that was read from JSON, whose quantity is not known yet.
private enum WrittenValue: Codable, Hashable, Sendable {
    case null
    case truth(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([WrittenValue])
    case object([String: WrittenValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let truth = try? container.decode(Bool.self) {
            self = .truth(truth)
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([WrittenValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: WrittenValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .truth(let truth): try container.encode(truth)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }
}
