import Batchwise

/// A text whose next character is to be learnt: every position that has `window` characters before it is an example.
///
/// The features of an example are the numbers of those characters, as an Embedding reads them; its class is the
/// character at the position. Characters are Unicode scalars, and their numbers are their places among those of the
/// text.
struct CharacterText: DataFormat, DataFile {
    /// Windows are stored one by one, a byte a character: more than this does not fit beside a model.
    static let mostBytes = 1 << 30
    /// Numbers that a byte holds.
    static let mostCharacters = 256
    /// The characters from which the next one is learned where nobody has chosen a number.
    static let usualWindow = 8

    let path: String
    let window: Int
    let characters: [Unicode.Scalar]
    /// Lines for a person where nobody has said that the file is plain text, or in which encoding.
    var notices: [String] = []

    init(_ source: ByteSource, window: Int) throws(DataError) {
        try self.init(path: source.path, bytes: try source.text(), window: window)
    }

    init(path: String, bytes: [UInt8], window: Int) throws(DataError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let valid = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix { $0 != "\u{FFFD}" }
            throw .notText(file: path, line: 1 + valid.count { $0 == "\n" }, detail: "not UTF-8")
        }
        self.path = path
        self.window = window
        characters = Array(text.unicodeScalars)
        guard characters.count > window else {
            throw .unsupported(
                file: path,
                detail:
                    "has \(characters.count) characters, and a window of \(window) needs more; make data.window smaller"
            )
        }
    }

    /// The number of examples with a known next character.
    var count: Int { characters.count - window }

    /// The different characters, in the order of their numbers in Unicode.
    func vocabulary() throws(DataError) -> [String] {
        let found = Set(characters).sorted()
        guard found.count > 1 else { throw .oneClass(file: path, name: found.first.map(printable) ?? "") }
        guard found.count <= Self.mostCharacters else {
            throw .tooManyLevels(
                file: path, column: "characters", levels: found.count, limit: Self.mostCharacters)
        }
        return found.map { String($0) }
    }

    /// A data set of these examples, as a model of this vocabulary reads them. The example `count` is the one after the
    /// end of the text, whose class is not known.
    func dataset(
        _ examples: Range<Int>, vocabulary: [String], needsTarget: Bool
    ) throws(DataError) -> Dataset {
        let (bytes, overflow) = examples.count.multipliedReportingOverflow(by: window)
        guard !overflow, bytes <= Self.mostBytes else {
            throw .tooLarge(file: path, bytes: overflow ? .max : bytes, limit: Self.mostBytes)
        }
        let ids = try self.ids(
            of: examples.lowerBound..<min(examples.upperBound + window, characters.count), vocabulary)
        let windows = [UInt8](unsafeUninitializedCapacity: bytes) { buffer, initialized in
            for example in 0..<examples.count {
                for place in 0..<window { buffer[example * window + place] = ids[example + place] }
            }
            initialized = bytes
        }
        let targets: Dataset.Targets =
            needsTarget
            ? .classes(ids[window...].map { Int32($0) }, names: vocabulary.map(Self.className)) : .none
        return try Dataset(
            count: examples.count, featureShape: [window], features: .bytes(windows, scale: 1, shift: 0),
            targets: targets)
    }

    /// A character as the name of a class: spaces and what cannot be printed by their usual escapes.
    static func className(_ character: String) -> String { character.unicodeScalars.map(printable).joined() }

    private func ids(of range: Range<Int>, _ vocabulary: [String]) throws(DataError) -> [UInt8] {
        var numbers: [Unicode.Scalar: UInt8] = [:]
        for (number, character) in vocabulary.enumerated() {
            for scalar in character.unicodeScalars { numbers[scalar] = UInt8(clamping: number) }
        }
        var ids: [UInt8] = []
        ids.reserveCapacity(range.count)
        for position in range {
            guard let id = numbers[characters[position]] else {
                throw .unknownClass(
                    file: path, row: place(of: position), found: printable(characters[position]), nearest: nil)
            }
            ids.append(id)
        }
        return ids
    }

    private func place(of position: Int) -> String {
        let before = characters[..<position]
        let start = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        return "line \(1 + before.count { $0 == "\n" }), column \(position - start + 1)"
    }
}

/// A scalar as it may be shown: controls, spaces and the backslash escaped.
private func printable(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    case "\\": return "\\\\"
    case " ": return "\\s"
    default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned, .privateUse:
            return "\\u{" + String(scalar.value, radix: 16) + "}"
        default: return String(scalar)
        }
    }
}
