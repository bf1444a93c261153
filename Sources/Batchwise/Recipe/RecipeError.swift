/// What is wrong with a recipe: where, what was found, what to write instead.
public enum RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A key that the recipe does not have; `nearest` is a known one that looks like it.
    case unknownKey(at: String, key: String, nearest: String?, known: [String])
    /// A value of the wrong kind or out of range.
    case value(at: String, expected: String, found: String)
    /// A key that must be there.
    case missing(at: String, expected: String)
    /// Keys that exclude each other; the text says which to remove.
    case conflict(String)
    /// The file is not YAML.
    case syntax(String)
    /// Layers, a loss or an optimizer of the program's own, which no file can hold.
    case notWritable(String)

    public var description: String {
        switch self {
        case .unknownKey(let path, let key, let nearest, let known):
            "unknown key \(path.isEmpty ? key : "\(path).\(key)")"
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
