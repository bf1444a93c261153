import Foundations

/// An error in a recipe: it says where, what was found, and what to write instead.
public enum RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The recipe has a key that does not exist; `nearest` is a known key with a similar name.
    case unknownKey(at: String, key: String, nearest: String?, known: [String])
    /// A value is of the wrong kind or out of range.
    case value(at: String, expected: String, found: String)
    /// A key is missing that must be there.
    case missing(at: String, expected: String)
    /// Keys stand beside each other that exclude each other; the text says which to remove.
    case conflict(String)
    /// The file is not YAML.
    case syntax(String)
    /// The recipe has layers, a loss or an optimizer of the program's own, which no file can hold.
    case notWritable(String)

    /// One line for a person: the path of the key, the mistake, and what to write instead.
    public var description: String {
        switch self {
        case .unknownKey(let path, let key, let nearest, let known):
            "unknown key \(escaped(path.isEmpty ? key : "\(path).\(key)", limit: 200))"
                + (nearest.map { ": did you mean \($0)?" } ?? ": known here are \(known.joined(separator: ", "))")
        case .value(let path, let expected, let found):
            "\(path.isEmpty ? "the recipe" : path): expected \(expected), found \(found)"
        case .missing(let path, let expected):
            "\(path) is missing: expected \(expected)"
        case .syntax(let reason):
            "the recipe is not valid YAML: \(reason)"
        case .conflict(let reason), .notWritable(let reason):
            reason
        }
    }
}
